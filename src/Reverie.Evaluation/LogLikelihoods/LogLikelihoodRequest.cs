namespace Reverie.Evaluation;

/// <summary>How likely is this continuation after this context?</summary>
/// <param name="Context">What is given; may be empty.</param>
/// <param name="Continuation">What is scored, the space before it included.</param>
public sealed record LogLikelihoodRequest(string Context, string Continuation);
