namespace Reverie.Models;

/// <summary>
/// GPT-2's split pattern, <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>, and SmolLM's, which
/// first makes every digit a piece of its own.
/// </summary>
/// <param name="name">GGUF's name.</param>
/// <param name="cutsAtDigits">Whether every digit is a piece, and what stands before one ends as a text does.</param>
internal sealed class Gpt2Split(string name, bool cutsAtDigits) : SplitPattern
{
    public override string Name => name;

    public override string? Regex => null;

    /// <summary>Whether a Digits step stands before ByteLevel.</summary>
    public bool CutsAtDigits => cutsAtDigits;

    public override int PieceEnd(ReadOnlySpan<char> text, int start)
    {
        SymbolKind kind = KindAt(text, start, out int width);
        int next = start + width;
        if (kind == SymbolKind.Number && cutsAtDigits) return next;
        if (kind is not (SymbolKind.Space or SymbolKind.NewLine))
        {
            return text[start] == '\'' && ContractionLength(text[next..]) is > 0 and int length
                ? next + length
                : RunEnd(text, next, kind);
        }

        if (text[start] == ' ' && next < text.Length)
        {
            SymbolKind following = KindAt(text, next, out int followingWidth);
            if (following is SymbolKind.Letter or SymbolKind.Other || (following == SymbolKind.Number && !cutsAtDigits))
                return RunEnd(text, next + followingWidth, following);
        }

        // The last space of a run is left for what follows it.
        int end = SpacesEnd(text, start, out _);
        bool isLast = end == text.Length || (cutsAtDigits && KindAt(text, end, out _) == SymbolKind.Number);
        return !isLast && end - start > 1 ? end - 1 : end;
    }

    private static int ContractionLength(ReadOnlySpan<char> rest) => rest switch
    {
        ['s' or 't' or 'm' or 'd', ..] => 1,
        ['r' or 'v', 'e', ..] or ['l', 'l', ..] => 2,
        _ => 0,
    };
}
