using System.Globalization;
using System.Text;

namespace Reverie.Sleep;

/// <summary>
/// The words by which text is found, the same for every store: runs of letters and digits without case and accents; ideographs and
/// kana are a word each, because nothing separates them.
/// </summary>
internal static class SearchWords
{
    private const int LongestWord = 64, MostBytes = 400_000, SnippetBefore = 60, SnippetLength = 200;

    // U+00C0 to U+017F without their accents. Unicode's own decompositions are not there where globalization is invariant.
    private const string Plain =
        "aaaaaaæceeeeiiiiðnooooo×øuuuuyþßaaaaaaæceeeeiiiiðnooooo÷øuuuuyþy" +
        "aaaaaaccccccccddđđeeeeeeeeeegggggggghhħħiiiiiiiiiıĳĳjjkkĸllllllŀŀłłnnnnnnŉŋŋooooooœœrrrrrrssssssssttttŧŧuuuuuuuuuuuuwwyyyzzzzzzſ";

    /// <summary>Each word once, separated by spaces.</summary>
    public static string Distinct(string text)
    {
        var words = new HashSet<string>();
        int bytes = 0;
        foreach ((int _, int _, string word) in Split(text))
        {
            if (!words.Add(word)) continue;
            bytes += Encoding.UTF8.GetByteCount(word) + 1;
            if (bytes > MostBytes) break;
        }

        return string.Join(' ', words);
    }

    /// <summary>The words of a query; empty where it has none.</summary>
    public static IReadOnlyList<string> Query(string query) => [.. Split(query.Length > 1000 ? query[..1000] : query).Select(w => w.Word).Distinct().Take(16)];

    /// <summary>Some text around the first word that begins with one of a query, and where such words stand in it.</summary>
    public static (string Snippet, IReadOnlyList<(int Start, int Length)> Matches) Snippet(string text, IReadOnlyList<string> query)
    {
        var found = new List<(int Start, int Length)>();
        int first = -1;
        foreach ((int start, int length, string word) in Split(text))
        {
            if (first >= 0 && start > first + SnippetLength) break;
            if (!query.Any(q => word.StartsWith(q, StringComparison.Ordinal))) continue;
            if (first < 0) first = start;
            found.Add((start, length));
        }

        int from = Math.Max(0, first - SnippetBefore), to = Math.Min(text.Length, from + SnippetLength);
        if (from > 0 && char.IsLowSurrogate(text[from])) from--;
        if (to < text.Length && char.IsLowSurrogate(text[to])) to--;
        string before = from > 0 ? "…" : "", after = to < text.Length ? "…" : "";
        string middle = string.Concat(text[from..to].Select(c => char.IsControl(c) ? ' ' : c));
        return (before + middle + after, [.. found.Where(f => f.Start + f.Length <= to).Select(f => (f.Start - from + before.Length, f.Length))]);
    }

    /// <summary>All words in order with their place in the text.</summary>
    public static IEnumerable<(int Start, int Length, string Word)> Split(string text)
    {
        var word = new StringBuilder();
        int start = 0, i = 0;
        while (i < text.Length)
        {
            bool isRune = Rune.TryGetRuneAt(text, i, out Rune rune);
            int length = isRune ? rune.Utf16SequenceLength : 1;
            bool isLetter = isRune && Rune.IsLetterOrDigit(rune), isMark = isRune && word.Length > 0 && Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark;
            bool isAlone = isLetter && IsUnspaced(rune.Value);
            if (word.Length > 0 && ((!isLetter && !isMark) || isAlone))
            {
                yield return (start, i - start, word.ToString());
                word.Clear();
            }

            if (isAlone) yield return (i, length, rune.ToString());
            else if (isLetter)
            {
                if (word.Length == 0) start = i;
                if (word.Length < LongestWord) word.Append(Fold(rune));
            }

            i += length;
        }

        if (word.Length > 0) yield return (start, text.Length - start, word.ToString());
    }

    private static bool IsUnspaced(int value) => value is (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF);

    private static string Fold(Rune rune) =>
        rune.Value is >= 0xC0 and < 0xC0 + 192 ? Plain[rune.Value - 0xC0].ToString() : Rune.ToLowerInvariant(rune).ToString();
}
