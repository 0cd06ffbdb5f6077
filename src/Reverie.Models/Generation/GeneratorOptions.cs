namespace Reverie.Models;

/// <summary>How much a <see cref="Generator"/> does at once. None of it changes a result.</summary>
public sealed record GeneratorOptions
{
    /// <summary>Sequences that are decoded together; more wait their turn.</summary>
    public int MaxConcurrent { get; init; } = 64;

    /// <summary>Tokens of prompts in one step, so that a long prompt does not hold up the others.</summary>
    public int PrefillTokens { get; init; } = 256;

    /// <summary>Most memory for keys and values. Where it is less than one full context, contexts are shorter.</summary>
    public long CacheBytes { get; init; } = 2L << 30;
}
