namespace Reverie.Models;

/// <summary>How <see cref="Tokenizer.Train"/> works. The result does not depend on <see cref="Threads"/>.</summary>
public sealed record TokenizerTrainingOptions
{
    /// <summary>The special tokens, which take the last ids of the vocabulary.</summary>
    public IReadOnlyList<SpecialToken> SpecialTokens { get; init; } = SpecialToken.Defaults;

    /// <summary>A pair of tokens seen fewer times than this is not merged, so a small text gives a smaller vocabulary.</summary>
    public long MinimumCount { get; init; } = 2;

    /// <summary>A piece longer than this many UTF-16 units, e.g. a line without spaces, is cut for training (not for encoding).</summary>
    public int MaximumPieceLength { get; init; } = 128;

    /// <summary>
    /// The word table is kept below this many UTF-16 units by dropping the rarest pieces: it bounds the memory
    /// (about 50 bytes each), whatever the length of the text.
    /// </summary>
    public int MaximumTableLength { get; init; } = 1 << 23;

    /// <summary>How many threads count pieces.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}
