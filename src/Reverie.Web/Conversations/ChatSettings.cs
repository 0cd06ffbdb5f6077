using System.Text.Json;
using System.Text.Json.Serialization;

namespace Reverie.Web;

/// <summary>How a conversation is answered. It is kept with the conversation in the journal.</summary>
public sealed record ChatSettings
{
    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Name of the model; null for the usual one.</summary>
    public string? Model { get; init; }

    /// <summary>The adapter that it wears; null for the user's current one, if she has one.</summary>
    public string? Adapter { get; init; }

    /// <summary>Sampling; null for the model's own way.</summary>
    public double? Temperature { get; init; }

    /// <inheritdoc cref="Temperature"/>
    public double? TopP { get; init; }

    /// <inheritdoc cref="Temperature"/>
    public int? TopK { get; init; }

    /// <inheritdoc cref="Temperature"/>
    public double? MinP { get; init; }

    /// <inheritdoc cref="Temperature"/>
    public double? RepetitionPenalty { get; init; }

    /// <summary>The seed that repeats a reply; null for another one every time.</summary>
    public long? Seed { get; init; }

    /// <summary>The most tokens of a reply.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Names of tools that are not to be called.</summary>
    public IReadOnlyList<string>? ToolsOff { get; init; }

    /// <summary>Whether what the user said earlier, elsewhere, may stand before the conversation; null for yes.</summary>
    public bool? Memory { get; init; }

    /// <summary>Reads what <see cref="ToJson"/> wrote; what cannot be read is the usual.</summary>
    public static ChatSettings Parse(string? json)
    {
        try
        {
            return json is null ? new ChatSettings() : JsonSerializer.Deserialize<ChatSettings>(json, _json) ?? new ChatSettings();
        }
        catch (JsonException)
        {
            return new ChatSettings();
        }
    }

    /// <summary>The settings as a JSON object.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, _json);

    /// <summary>What went into the sampling of a reply, as a JSON object.</summary>
    public string SamplingJson() => JsonSerializer.Serialize(new { Temperature, TopP, TopK, MinP, RepetitionPenalty, Seed, MaxTokens }, _json);
}
