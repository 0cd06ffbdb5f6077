using System.Globalization;
using System.Text;

namespace Reverie.Models;

/// <summary>
/// Cuts text into the pieces that byte-level BPE works on, by the split pattern of Qwen2 and Qwen3.
/// Hand-written because a <see cref="System.Text.RegularExpressions.Regex"/> reads UTF-16 units, where the pattern means
/// code points: it takes a letter or a digit beyond U+FFFF for two symbols. It is also several times faster.
/// </summary>
internal static class SplitPattern
{
    /// <summary>The pattern as it stands in <c>tokenizer.json</c>.</summary>
    public const string Regex =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private enum Kind : byte
    {
        Other,
        Letter,
        Number,
        Space,
        NewLine,
    }

    private static readonly Kind[] _kinds = ClassifyBasicPlane();

    /// <summary>The end of the piece that starts at <paramref name="start"/>, which must be the end of another piece or 0.</summary>
    public static int PieceEnd(ReadOnlySpan<char> text, int start)
    {
        Kind kind = KindAt(text, start, out int width);
        int next = start + width;
        switch (kind)
        {
            case Kind.Letter:
                return LettersEnd(text, next);
            case Kind.Number:
                return next;
            case Kind.NewLine:
                return SpacesEnd(text, start);
        }

        if (text[start] == '\'' && ContractionLength(text[next..]) is > 0 and int length) return next + length;
        if (next >= text.Length) return next;
        Kind following = KindAt(text, next, out int followingWidth);

        // One symbol or space of any kind goes with the letters that follow it; a plain space also with symbols.
        if (following == Kind.Letter) return LettersEnd(text, next + followingWidth);
        if (kind == Kind.Other) return SymbolsEnd(text, next);
        return following == Kind.Other && text[start] == ' '
            ? SymbolsEnd(text, next + followingWidth)
            : SpacesEnd(text, start);
    }

    /// <summary>
    /// Where to cut the piece from <paramref name="start"/> to <paramref name="end"/> when it may have at most
    /// <paramref name="maximum"/> UTF-16 units (two or more): never inside a surrogate pair.
    /// </summary>
    public static int CutPiece(ReadOnlySpan<char> text, int start, int end, int maximum)
    {
        if (end - start <= maximum) return end;
        int cut = start + maximum;
        return char.IsHighSurrogate(text[cut - 1]) ? cut - 1 : cut;
    }

    /// <summary>
    /// Whether a piece always ends between <paramref name="before"/> and <paramref name="after"/>, whatever stands around them:
    /// no piece goes on from a letter to a space.
    /// </summary>
    public static bool AlwaysCuts(char before, char after) =>
        _kinds[before] == Kind.Letter && _kinds[after] is Kind.Space or Kind.NewLine;

    private static int LettersEnd(ReadOnlySpan<char> text, int i)
    {
        while (i < text.Length && KindAt(text, i, out int width) == Kind.Letter) i += width;
        return i;
    }

    private static int SymbolsEnd(ReadOnlySpan<char> text, int i)
    {
        while (i < text.Length && KindAt(text, i, out int width) == Kind.Other) i += width;
        while (i < text.Length && text[i] is '\r' or '\n') i++;
        return i;
    }

    private static int SpacesEnd(ReadOnlySpan<char> text, int start)
    {
        int i = start, afterNewLine = -1;
        for (; i < text.Length; i++)
        {
            Kind kind = _kinds[text[i]];
            if (kind == Kind.NewLine) afterNewLine = i + 1;
            else if (kind != Kind.Space) break;
        }

        if (afterNewLine >= 0) return afterNewLine;

        // Before a word, the last space of a run belongs to the word.
        return i < text.Length && i - start > 1 ? i - 1 : i;
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

    private static Kind KindAt(ReadOnlySpan<char> text, int i, out int width)
    {
        char c = text[i];
        width = 1;
        if (!char.IsHighSurrogate(c) || i + 1 >= text.Length || !char.IsLowSurrogate(text[i + 1])) return _kinds[c];
        width = 2;
        return KindOf(CharUnicodeInfo.GetUnicodeCategory(new Rune(c, text[i + 1]).Value));
    }

    private static Kind[] ClassifyBasicPlane()
    {
        var kinds = new Kind[char.MaxValue + 1];
        for (int c = 0; c < kinds.Length; c++)
        {
            kinds[c] = (char)c switch
            {
                '\r' or '\n' => Kind.NewLine,
                '\t' or '\v' or '\f' or '\u0085' => Kind.Space,
                char other => KindOf(CharUnicodeInfo.GetUnicodeCategory(other)),
            };
        }

        return kinds;
    }

    private static Kind KindOf(UnicodeCategory category) => category switch
    {
        <= UnicodeCategory.OtherLetter => Kind.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
        UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => Kind.Space,
        _ => Kind.Other,
    };
}
