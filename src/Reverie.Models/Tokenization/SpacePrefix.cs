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
