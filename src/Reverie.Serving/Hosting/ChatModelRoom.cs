using Microsoft.Extensions.AI;
using Reverie.Chat;
using Reverie.Sleep;

namespace Reverie.Serving;

/// <summary>Measures how much a model can read beside a conversation.</summary>
public static class ChatModelRoom
{
    /// <summary>The room beside a conversation.</summary>
    /// <param name="model">The model.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">What else is told to the model; null for nothing.</param>
    /// <exception cref="Tensors.ReverieException">The model cannot read the conversation.</exception>
    public static PromptRoom RoomBeside(this ChatModel model, IEnumerable<ChatMessage> messages, ChatOptions? options = null) =>
        new(model.ContextLength, model.Render(messages, options).Length, model.Transformer.Config.ParameterCount, text => model.Tokenizer.Encode(text).Length);
}
