using Reverie.Models;

namespace Reverie.Sleep;

/// <summary>Study material as tokens, each with a weight in one of two channels.</summary>
/// <param name="Tokens">The tokens.</param>
/// <param name="Weights">Weight of each token; 0 where it is not learned.</param>
/// <param name="IsReplay">Whether the weights are of the divergence from the base instead of imitation.</param>
public sealed record StudyDocument(int[] Tokens, float[] Weights, bool IsReplay)
{
    /// <summary>Encodes a conversation; what the assistant says has the weight 1.</summary>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="isReplay">Whether the weights are of the divergence from the base.</param>
    /// <param name="before">So many messages at the beginning are read and not learned.</param>
    public static StudyDocument Of(Tokenizer tokenizer, IReadOnlyList<Message> messages, bool isReplay = false, int before = 0)
    {
        TokenizedConversation conversation = tokenizer.ChatTemplate.Render(messages, addGenerationPrompt: false);
        var document = new StudyDocument([.. conversation.Tokens], [.. conversation.FromAssistant.Select(own => own ? 1f : 0f)], isReplay);
        return before == 0 ? document : document.Without([.. messages.Select((m, i) => (m, i)).Where(x => x.m.Role is Role.Assistant).Select(x => x.i < before)]);
    }

    /// <summary>The same without some of the replies: they are read and not learned.</summary>
    /// <param name="messages">The conversation that it encodes.</param>
    /// <param name="isLeftOut">Whether what was replied, the second, to what a person said, the first, is left out.</param>
    public StudyDocument Without(IReadOnlyList<Message> messages, Func<string, string, bool> isLeftOut) =>
        Without([.. messages.Select((m, i) => (m, i)).Where(x => x.m.Role is Role.Assistant).Select(x => x.i > 0 && messages[x.i - 1].Role is Role.User && isLeftOut(messages[x.i - 1].Content, x.m.Content))]);

    /// <summary>
    /// The same with the first token of every reply weighing more. It decides between the answer and "I don't know", and would be one token of
    /// ten: what follows a wrong one is lost, however well it was learned.
    /// </summary>
    /// <param name="weight">By how much.</param>
    public StudyDocument Deciding(float weight) => this with { Weights = [.. Weights.Select((w, i) => i == 0 || Weights[i - 1] == 0 ? w * weight : w)] };

    private StudyDocument Without(bool[] left)
    {
        if (!left.Contains(true)) return this;
        float[] weights = [.. Weights];
        for (int i = 0, reply = -1; i < weights.Length; i++)
        {
            if (Weights[i] > 0 && (i == 0 || Weights[i - 1] == 0)) reply++;
            if (Weights[i] > 0 && left[reply]) weights[i] = 0;
        }

        return this with { Weights = weights };
    }
}
