using System.Text.Json;
using System.Text.Json.Serialization;

namespace Reverie.Serving;

/// <summary>An answer of <c>/v1/messages</c>.</summary>
/// <param name="Id">Names the answer.</param>
/// <param name="Model">The model that answered.</param>
/// <param name="Content">Reasoning, text and calls in order.</param>
/// <param name="StopReason">end_turn, max_tokens, stop_sequence or tool_use; null while it goes on.</param>
/// <param name="StopSequence">The stop text that ended it; null for none.</param>
/// <param name="Usage">Its tokens.</param>
internal sealed record MessageAnswer(string Id, string Model, IReadOnlyList<MessageBlock> Content, string? StopReason, string? StopSequence, MessageUsage Usage)
{
    /// <summary>message.</summary>
    public string Type => "message";

    /// <summary>assistant.</summary>
    public string Role => "assistant";
}

/// <summary>A part of an answer: what its type says is set.</summary>
internal sealed record MessageBlock
{
    /// <summary>thinking, text or tool_use.</summary>
    public required string Type { get; init; }

    /// <summary>What was said.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    /// <summary>What was reasoned.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Thinking { get; init; }

    /// <summary>Empty: reasoning here is open and needs no proof of where it came from.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Signature { get; init; }

    /// <summary>Names the call.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Id { get; init; }

    /// <summary>The function.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    /// <summary>Its arguments.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Input { get; init; }
}

/// <summary>Tokens of prompt and answer; those that were in the cache are not among <paramref name="InputTokens"/>.</summary>
internal sealed record MessageUsage(long InputTokens, long CacheCreationInputTokens, long CacheReadInputTokens, long OutputTokens);

/// <summary>Tokens of a prompt.</summary>
internal sealed record MessageTokens(long InputTokens);
