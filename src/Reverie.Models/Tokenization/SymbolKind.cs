namespace Reverie.Models;

/// <summary>What the split patterns tell characters apart by.</summary>
internal enum SymbolKind : byte
{
    /// <summary>Anything else, a lone surrogate too.</summary>
    Other,

    /// <summary>\p{L}.</summary>
    Letter,

    /// <summary>\p{N}.</summary>
    Number,

    /// <summary>\s but for line breaks.</summary>
    Space,

    /// <summary>\r or \n.</summary>
    NewLine,

    /// <summary>The first half of a character beyond U+FFFF.</summary>
    HighSurrogate,
}
