using System.Text.Json;

namespace Reverie.Serving;

/// <summary>What requests to OpenAI's endpoints say about how tokens are drawn.</summary>
internal interface ISamplingRequest
{
    /// <summary>0 to 2; 0 takes the likeliest token.</summary>
    float? Temperature { get; }

    /// <summary>Above 0 to 1.</summary>
    float? TopP { get; }

    /// <summary>Only so many of the likeliest tokens; 0 for all.</summary>
    int? TopK { get; }

    /// <summary>Only tokens with at least this share of the likeliest one's probability, 0 to 1.</summary>
    float? MinP { get; }

    /// <summary>Above 1 makes tokens that were just used less likely.</summary>
    float? RepeatPenalty { get; }

    /// <summary>The same, by other servers' name for it.</summary>
    float? RepetitionPenalty { get; }

    /// <summary>-2 to 2.</summary>
    float? PresencePenalty { get; }

    /// <summary>-2 to 2.</summary>
    float? FrequencyPenalty { get; }

    /// <summary>Token ids and what is added to their logits, -100 to 100.</summary>
    IReadOnlyDictionary<string, float>? LogitBias { get; }

    /// <summary>The same seed and request give the same answer.</summary>
    long? Seed { get; }

    /// <summary>A text or up to 16: the answer ends before it.</summary>
    JsonElement? Stop { get; }

    /// <summary>A grammar in llama.cpp's notation (GBNF) that the answer follows.</summary>
    string? Grammar { get; }

    /// <summary>Most tokens of the answer.</summary>
    int? MaxTokens { get; }

    /// <summary>How many answers.</summary>
    int? N { get; }
}
