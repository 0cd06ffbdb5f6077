using System.Text.Json;

namespace Reverie.Serving;

/// <summary>The body of <c>/v1/completions</c>. Fields that are not here are ignored.</summary>
internal sealed record CompletionRequest : ISamplingRequest
{
    /// <summary>Name, name@version or name+adapter; the server's default where it is missing.</summary>
    public string? Model { get; init; }

    /// <summary>A text, a list of texts, the tokens of one, or a list of the tokens of several.</summary>
    public JsonElement? Prompt { get; init; }

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

    /// <inheritdoc/>
    public int? N { get; init; }

    /// <summary>Refused, unless it is <see cref="N"/>.</summary>
    public int? BestOf { get; init; }

    /// <summary>Whether the text begins with the prompt.</summary>
    public bool? Echo { get; init; }

    /// <summary>How many likeliest tokens are told at each place, 0 to 5; missing for no probabilities.</summary>
    public int? Logprobs { get; init; }

    /// <summary>Refused: a model here cannot fill in.</summary>
    public string? Suffix { get; init; }

    /// <summary>Whether the text comes as server-sent events.</summary>
    public bool? Stream { get; init; }

    /// <summary>What a stream says besides.</summary>
    public StreamOptions? StreamOptions { get; init; }
}
