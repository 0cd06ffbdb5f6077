namespace Reverie.Serving;

/// <summary>An answer of <c>/v1/completions</c>, or a piece of one.</summary>
/// <param name="Id">Names the answer.</param>
/// <param name="Created">Seconds since 1970.</param>
/// <param name="Model">The model that answered.</param>
/// <param name="SystemFingerprint">The hash of its weights.</param>
/// <param name="Choices">The texts.</param>
/// <param name="Usage">The tokens of all of them; null in pieces.</param>
/// <param name="Timings">How fast the first one was; null in pieces.</param>
internal sealed record Completion(string Id, long Created, string Model, string? SystemFingerprint, IReadOnlyList<CompletionChoice> Choices, UsagePart? Usage, TimingsPart? Timings)
{
    /// <summary>text_completion.</summary>
    public string Object => "text_completion";
}

/// <summary>One of the texts.</summary>
internal sealed record CompletionChoice(int Index, string Text, CompletionLogprobs? Logprobs, string? FinishReason);

/// <summary>The probabilities of a text's tokens, as the older interface has them.</summary>
internal sealed record CompletionLogprobs(IReadOnlyList<string> Tokens, IReadOnlyList<float> TokenLogprobs, IReadOnlyList<Dictionary<string, float>> TopLogprobs, IReadOnlyList<int> TextOffset);
