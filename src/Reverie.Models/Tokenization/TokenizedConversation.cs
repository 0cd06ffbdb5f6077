namespace Reverie.Models;

/// <summary>A conversation as tokens.</summary>
/// <param name="Tokens">The ids.</param>
/// <param name="FromAssistant">
/// True exactly for the tokens that the assistant must produce: the content of its messages and the <c>&lt;|im_end|&gt;</c> after each.
/// As long as <paramref name="Tokens"/>.
/// </param>
public sealed record TokenizedConversation(int[] Tokens, bool[] FromAssistant);
