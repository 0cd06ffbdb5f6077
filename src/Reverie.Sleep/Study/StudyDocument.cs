using Reverie.Models;

namespace Reverie.Sleep;

/// <summary>Study material as tokens, each with a weight in one of two channels.</summary>
/// <param name="Tokens">The tokens.</param>
/// <param name="Weights">Weight of each token; 0 where it is not learned.</param>
/// <param name="IsReplay">Whether the weights are of the divergence from the base instead of imitation.</param>
public sealed record StudyDocument(int[] Tokens, float[] Weights, bool IsReplay)
{
    /// <summary>Encodes a conversation; what the assistant says has the weight 1.</summary>
    public static StudyDocument Of(Tokenizer tokenizer, IReadOnlyList<Message> messages, bool isReplay = false)
    {
        TokenizedConversation conversation = tokenizer.ChatTemplate.Render(messages, addGenerationPrompt: false);
        return new StudyDocument([.. conversation.Tokens], [.. conversation.FromAssistant.Select(own => own ? 1f : 0f)], isReplay);
    }
}
