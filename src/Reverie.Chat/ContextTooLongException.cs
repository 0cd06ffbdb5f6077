using Reverie.Tensors;

namespace Reverie.Chat;

/// <summary>A prompt leaves no room for an answer.</summary>
/// <param name="promptTokens">Tokens of the prompt.</param>
/// <param name="contextLength">Tokens that prompt and answer may have together.</param>
public sealed class ContextTooLongException(int promptTokens, int contextLength)
    : ReverieException($"The prompt has {promptTokens} tokens, and this model's context is {contextLength} tokens with the answer. Send less of the conversation.");
