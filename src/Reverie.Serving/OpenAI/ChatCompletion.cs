using System.Text.Json.Serialization;

namespace Reverie.Serving;

/// <summary>An answer of <c>/v1/chat/completions</c>.</summary>
/// <param name="Id">Names the answer.</param>
/// <param name="Created">Seconds since 1970.</param>
/// <param name="Model">The model that answered.</param>
/// <param name="SystemFingerprint">The hash of its weights.</param>
/// <param name="Choices">The answers.</param>
/// <param name="Usage">The tokens of all of them.</param>
/// <param name="Timings">How fast the first one was, as llama.cpp tells it.</param>
/// <param name="Memories">What the user typed earlier and was put before the conversation, oldest first; null where the request did not ask for any.</param>
internal sealed record ChatCompletion(string Id, long Created, string Model, string? SystemFingerprint, IReadOnlyList<ChatCompletionChoice> Choices, UsagePart Usage, TimingsPart? Timings,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<MemoryPart>? Memories = null)
{
    /// <summary>chat.completion.</summary>
    public string Object => "chat.completion";
}

/// <summary>One of the answers.</summary>
internal sealed record ChatCompletionChoice(int Index, ChatCompletionAnswer Message, LogprobsPart? Logprobs, string FinishReason);

/// <summary>What an assistant said.</summary>
internal sealed record ChatCompletionAnswer(
    string? Content,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ReasoningContent,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ToolCallPart>? ToolCalls)
{
    /// <summary>assistant.</summary>
    public string Role => "assistant";

    /// <summary>Null: nothing here refuses.</summary>
    public string? Refusal => null;
}

/// <summary>The tokens that a request took.</summary>
internal sealed record UsagePart(long PromptTokens, long CompletionTokens, long TotalTokens, PromptTokensPart PromptTokensDetails, CompletionTokensPart CompletionTokensDetails);

/// <summary>Tokens of a prompt whose keys and values were there already.</summary>
internal sealed record PromptTokensPart(long CachedTokens);

/// <summary>Tokens of an answer that were reasoning.</summary>
internal sealed record CompletionTokensPart(long ReasoningTokens);

/// <summary>How fast an answer was, by llama.cpp's names: <c>n</c> tokens, <c>ms</c> milliseconds.</summary>
internal sealed record TimingsPart(int CacheN, int PromptN, double PromptMs, double PromptPerTokenMs, double PromptPerSecond, int PredictedN, double PredictedMs, double PredictedPerTokenMs, double PredictedPerSecond);

/// <summary>The probabilities of an answer's tokens.</summary>
internal sealed record LogprobsPart(IReadOnlyList<TokenLogprob> Content)
{
    /// <summary>Null: nothing here refuses.</summary>
    public IReadOnlyList<TokenLogprob>? Refusal => null;
}

/// <summary>A token, log p in nats, and the likeliest ones at its place.</summary>
internal sealed record TokenLogprob(string Token, float Logprob, IReadOnlyList<int> Bytes, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<TokenLogprob>? TopLogprobs);
