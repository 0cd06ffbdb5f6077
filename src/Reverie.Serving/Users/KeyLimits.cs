namespace Reverie.Serving;

/// <summary>How much a key may ask for; null for no limit.</summary>
public sealed record KeyLimits
{
    /// <summary>Requests a minute.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Tokens of prompts and answers a minute. A request that has begun is not cut; the next one waits for what it took too much.</summary>
    public int? TokensPerMinute { get; init; }

    /// <summary>Requests at once.</summary>
    public int? Concurrent { get; init; }
}
