namespace Reverie.Models;

/// <summary>The split pattern of Llama 3 and, with one digit for three, of Qwen2 and Qwen3.</summary>
/// <param name="name">GGUF's name.</param>
/// <param name="digits">How many digits a piece has at most.</param>
internal sealed class TiktokenSplit(string name, int digits) : SplitPattern
{
    public override string Name => name;

    public override string Regex { get; } =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + (digits > 1 ? $"{{1,{digits}}}" : "")
        + @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public override int PieceEnd(ReadOnlySpan<char> text, int start)
    {
        SymbolKind kind = KindAt(text, start, out int width);
        int next = start + width;
        switch (kind)
        {
            case SymbolKind.Letter:
                return RunEnd(text, next, SymbolKind.Letter);
            case SymbolKind.Number:
                for (int count = 1; count < digits && next < text.Length && KindAt(text, next, out width) == SymbolKind.Number; count++) next += width;
                return next;
            case SymbolKind.NewLine:
                return WhiteSpaceEnd(text, start);
        }

        if (text[start] == '\'' && ContractionLength(text[next..]) is > 0 and int length) return next + length;
        if (next >= text.Length) return next;
        SymbolKind following = KindAt(text, next, out int followingWidth);

        // One symbol or space of any kind goes with the letters that follow it; a plain space also with symbols.
        if (following == SymbolKind.Letter) return RunEnd(text, next + followingWidth, SymbolKind.Letter);
        if (kind == SymbolKind.Other) return SymbolsEnd(text, next);
        return following == SymbolKind.Other && text[start] == ' '
            ? SymbolsEnd(text, next + followingWidth)
            : WhiteSpaceEnd(text, start);
    }

    private static int SymbolsEnd(ReadOnlySpan<char> text, int i)
    {
        i = RunEnd(text, i, SymbolKind.Other);
        while (i < text.Length && text[i] is '\r' or '\n') i++;
        return i;
    }

    private static int WhiteSpaceEnd(ReadOnlySpan<char> text, int start)
    {
        int end = SpacesEnd(text, start, out int afterNewLine);
        if (afterNewLine >= 0) return afterNewLine;

        // Before a word, the last space of a run belongs to the word.
        return end < text.Length && end - start > 1 ? end - 1 : end;
    }

    private static int ContractionLength(ReadOnlySpan<char> rest)
    {
        if (rest.IsEmpty) return 0;
        int first = rest[0] | 0x20;

        // U+017F, the long s, is an s where case is ignored.
        if (rest[0] == '\u017F' || (rest[0] < 0x80 && first is 's' or 't' or 'm' or 'd')) return 1;
        if (rest.Length < 2 || rest[0] >= 0x80 || rest[1] >= 0x80) return 0;
        return (first, rest[1] | 0x20) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 2 : 0;
    }
}
