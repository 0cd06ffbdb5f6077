namespace Reverie.Evaluation;

/// <summary>A sequence of tokens whose end is to be scored.</summary>
/// <param name="Tokens">Context and continuation.</param>
/// <param name="Start">Index of the first token that is scored; at least 1, because the first token has nothing before it.</param>
public sealed record TokenSpan(int[] Tokens, int Start);
