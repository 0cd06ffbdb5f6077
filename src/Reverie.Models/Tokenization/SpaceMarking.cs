namespace Reverie.Models;

/// <summary>Where a SentencePiece tokenizer puts a space before a text.</summary>
internal enum SpacePrefix
{
    /// <summary>Nowhere.</summary>
    Never,

    /// <summary>Only at the start of the whole text.</summary>
    First,

    /// <summary>At the start, and after each special token.</summary>
    Always,
}

/// <summary>How a SentencePiece tokenizer marks spaces.</summary>
/// <param name="Prefix">Where it adds one.</param>
/// <param name="MarksInPieces">Whether that is done as Metaspace does it, which adds no second space before a first one.</param>
/// <param name="CutsAtEach">Whether a piece ends before each space.</param>
internal sealed record SpaceMarking(SpacePrefix Prefix, bool MarksInPieces = false, bool CutsAtEach = false);
