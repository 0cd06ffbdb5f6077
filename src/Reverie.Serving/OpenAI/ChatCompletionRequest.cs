using System.Text.Json;

namespace Reverie.Serving;

/// <summary>The body of <c>/v1/chat/completions</c>. Fields that are not here are ignored.</summary>
internal sealed record ChatCompletionRequest : ISamplingRequest
{
    /// <summary>Name, name@version or name+adapter; the server's default where it is missing.</summary>
    public string? Model { get; init; }

    /// <summary>The conversation, oldest first.</summary>
    public IReadOnlyList<ChatCompletionMessage>? Messages { get; init; }

    /// <inheritdoc/>
    public float? Temperature { get; init; }

    /// <inheritdoc/>
    public float? TopP { get; init; }

    /// <inheritdoc/>
    public int? TopK { get; init; }

    /// <inheritdoc/>
    public float? MinP { get; init; }

    /// <inheritdoc/>
    public float? RepeatPenalty { get; init; }

    /// <inheritdoc/>
    public float? RepetitionPenalty { get; init; }

    /// <inheritdoc/>
    public float? PresencePenalty { get; init; }

    /// <inheritdoc/>
    public float? FrequencyPenalty { get; init; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, float>? LogitBias { get; init; }

    /// <inheritdoc/>
    public long? Seed { get; init; }

    /// <inheritdoc/>
    public JsonElement? Stop { get; init; }

    /// <inheritdoc/>
    public string? Grammar { get; init; }

    /// <inheritdoc/>
    public int? MaxTokens { get; init; }

    /// <summary>The same as <see cref="MaxTokens"/>, by its newer name.</summary>
    public int? MaxCompletionTokens { get; init; }

    /// <inheritdoc/>
    public int? N { get; init; }

    /// <summary>Whether the reply comes as server-sent events.</summary>
    public bool? Stream { get; init; }

    /// <summary>What a stream says besides.</summary>
    public StreamOptions? StreamOptions { get; init; }

    /// <summary>text, json_object or json_schema.</summary>
    public ResponseFormatChoice? ResponseFormat { get; init; }

    /// <summary>Functions that the model may call.</summary>
    public IReadOnlyList<ToolChoice>? Tools { get; init; }

    /// <summary>none, auto, required, or an object that names a function.</summary>
    public JsonElement? ToolChoice { get; init; }

    /// <summary>Whether a reply may hold several calls.</summary>
    public bool? ParallelToolCalls { get; init; }

    /// <summary>Whether the probabilities of the tokens are told.</summary>
    public bool? Logprobs { get; init; }

    /// <summary>How many likeliest tokens are told at each place, 0 to 20.</summary>
    public int? TopLogprobs { get; init; }

    /// <summary>none, minimal, low, medium, high or xhigh.</summary>
    public string? ReasoningEffort { get; init; }

    /// <summary><c>enable_thinking: false</c> is the same as no effort.</summary>
    public JsonElement? ChatTemplateKwargs { get; init; }

    /// <summary>Whether the exchange is kept in the journal of the key's user.</summary>
    public bool? Store { get; init; }

    /// <summary>Whether what the key's user typed earlier, on the page, is put before the conversation where it fits what was said last. An extension of ours.</summary>
    public bool? Memory { get; init; }

    /// <summary>Kept with a stored exchange.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Refused: the older way of <see cref="Tools"/>.</summary>
    public JsonElement? Functions { get; init; }

    /// <summary>Refused: the older way of <see cref="ToolChoice"/>.</summary>
    public JsonElement? FunctionCall { get; init; }

    /// <summary>Only text.</summary>
    public IReadOnlyList<string>? Modalities { get; init; }

    /// <summary>Refused: a model here has no voice.</summary>
    public JsonElement? Audio { get; init; }

    /// <summary>Refused: a model here does not search.</summary>
    public JsonElement? WebSearchOptions { get; init; }
}
