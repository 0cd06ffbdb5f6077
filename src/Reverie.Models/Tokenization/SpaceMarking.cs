namespace Reverie.Models;

/// <summary>How a SentencePiece tokenizer marks spaces.</summary>
/// <param name="Prefix">Where it adds one.</param>
/// <param name="MarksInPieces">Whether that is done as Metaspace does it, which adds no second space before a first one.</param>
/// <param name="CutsAtEach">Whether a piece ends before each space.</param>
internal sealed record SpaceMarking(SpacePrefix Prefix, bool MarksInPieces = false, bool CutsAtEach = false);
