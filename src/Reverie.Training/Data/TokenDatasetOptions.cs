namespace Reverie.Training;

/// <summary>How a data set is tokenised.</summary>
public sealed record TokenDatasetOptions
{
    /// <summary>Stops with the document that brings the total to this; generators, which never end, need it.</summary>
    public long MaximumTokens { get; init; } = long.MaxValue;

    /// <summary>Threads that encode; by default one for each core. The result does not depend on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>A shard is closed when it holds this many tokens.</summary>
    public long ShardTokens { get; init; } = 1L << 26;
}
