using System.Globalization;
using System.Text;

namespace Reverie.Models;

/// <summary>
/// Cuts text into the pieces that byte-level BPE works on. Hand-written, one type for each pattern, because a
/// <see cref="System.Text.RegularExpressions.Regex"/> reads UTF-16 units, where the patterns mean code points: it takes a letter
/// or a digit beyond U+FFFF for two symbols. It is also several times faster.
/// </summary>
internal abstract class SplitPattern
{
    private static readonly SymbolKind[] _kinds = ClassifyBasicPlane();

    /// <summary>Qwen2's and Qwen3's: every digit is a piece.</summary>
    public static SplitPattern Qwen2 { get; } = new TiktokenSplit("qwen2", digits: 1);

    /// <summary>Llama 3's: at most three digits are a piece.</summary>
    public static SplitPattern Llama3 { get; } = new TiktokenSplit("llama-bpe", digits: 3);

    /// <summary>GPT-2's.</summary>
    public static SplitPattern Gpt2 { get; } = new Gpt2Split("gpt-2", cutsAtDigits: false);

    /// <summary>SmolLM's: digits are cut out, then GPT-2's pattern cuts what is between them.</summary>
    public static SplitPattern SmolLm { get; } = new Gpt2Split("smollm", cutsAtDigits: true);

    /// <summary>All patterns.</summary>
    public static IReadOnlyList<SplitPattern> All { get; } = [Qwen2, Llama3, Gpt2, SmolLm];

    /// <summary>GGUF's name of the pattern (<c>tokenizer.ggml.pre</c>).</summary>
    public abstract string Name { get; }

    /// <summary>The regular expression of the Split step in <c>tokenizer.json</c>; null where its ByteLevel step cuts.</summary>
    public abstract string? Regex { get; }

    /// <summary>The pattern by GGUF's name or one of its other names; null where it is not known.</summary>
    public static SplitPattern? ByName(string name) => name switch
    {
        "llama3" or "llama-v3" => Llama3,
        "deepseek-r1-qwen" => Qwen2,
        "gpt2" => Gpt2,
        _ => All.FirstOrDefault(p => p.Name == name),
    };

    /// <summary>The end of the piece that starts at <paramref name="start"/>, which must be the end of another piece or 0.</summary>
    public abstract int PieceEnd(ReadOnlySpan<char> text, int start);

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
    /// Whether a piece always ends between <paramref name="before"/> and <paramref name="after"/>, whatever the pattern and whatever
    /// stands around them: no piece goes on from a letter to a space.
    /// </summary>
    public static bool AlwaysCuts(char before, char after) =>
        _kinds[before] == SymbolKind.Letter && _kinds[after] is SymbolKind.Space or SymbolKind.NewLine;

    /// <summary>The kind of the character at <paramref name="i"/>, and how many UTF-16 units it takes.</summary>
    protected static SymbolKind KindAt(ReadOnlySpan<char> text, int i, out int width)
    {
        SymbolKind kind = _kinds[text[i]];
        width = 1;
        return kind == SymbolKind.HighSurrogate ? KindBeyond(text, i, out width) : kind;
    }

    /// <summary>The end of the run of characters of <paramref name="kind"/> that goes on at <paramref name="i"/>.</summary>
    protected static int RunEnd(ReadOnlySpan<char> text, int i, SymbolKind kind)
    {
        SymbolKind[] kinds = _kinds;
        while (i < text.Length)
        {
            SymbolKind found = kinds[text[i]];
            if (found == kind)
            {
                i++;
                continue;
            }

            if (found != SymbolKind.HighSurrogate || KindBeyond(text, i, out int width) != kind) break;
            i += width;
        }

        return i;
    }

    /// <summary>The end of the run of white space at <paramref name="i"/>, and where in it the last line break ends (-1: nowhere).</summary>
    protected static int SpacesEnd(ReadOnlySpan<char> text, int i, out int afterNewLine)
    {
        afterNewLine = -1;
        for (; i < text.Length; i++)
        {
            SymbolKind kind = _kinds[text[i]];
            if (kind == SymbolKind.NewLine) afterNewLine = i + 1;
            else if (kind != SymbolKind.Space) break;
        }

        return i;
    }

    private static SymbolKind KindBeyond(ReadOnlySpan<char> text, int i, out int width)
    {
        width = 1;
        if (i + 1 >= text.Length || !char.IsLowSurrogate(text[i + 1])) return SymbolKind.Other;
        width = 2;
        return KindOf(CharUnicodeInfo.GetUnicodeCategory(new Rune(text[i], text[i + 1]).Value));
    }

    private static SymbolKind[] ClassifyBasicPlane()
    {
        var kinds = new SymbolKind[char.MaxValue + 1];
        for (int c = 0; c < kinds.Length; c++)
        {
            kinds[c] = (char)c switch
            {
                '\r' or '\n' => SymbolKind.NewLine,
                '\t' or '\v' or '\f' or '\u0085' => SymbolKind.Space,
                >= '\uD800' and <= '\uDBFF' => SymbolKind.HighSurrogate,
                char other => KindOf(CharUnicodeInfo.GetUnicodeCategory(other)),
            };
        }

        return kinds;
    }

    private static SymbolKind KindOf(UnicodeCategory category) => category switch
    {
        <= UnicodeCategory.OtherLetter => SymbolKind.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => SymbolKind.Number,
        UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => SymbolKind.Space,
        _ => SymbolKind.Other,
    };
}
