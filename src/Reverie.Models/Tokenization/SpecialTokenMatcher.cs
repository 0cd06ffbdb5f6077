using System.Buffers;
using System.Globalization;

namespace Reverie.Models;

/// <summary>Finds special tokens in a text: the leftmost first, of those at one place the longest.</summary>
internal sealed class SpecialTokenMatcher
{
    private readonly SearchValues<string> _texts;
    private readonly (string Text, int Id, SpecialToken Token)[] _longestFirst;

    /// <param name="tokens">The special tokens and the text each is looked for by.</param>
    public SpecialTokenMatcher(IEnumerable<(string Text, int Id, SpecialToken Token)> tokens)
    {
        _longestFirst = [.. tokens.Where(t => t.Text.Length > 0).OrderByDescending(t => t.Text.Length)];
        _texts = SearchValues.Create([.. _longestFirst.Select(t => t.Text)], StringComparison.Ordinal);
    }

    /// <summary>Where there are special tokens, in order, with the white space that they take along.</summary>
    public List<(int Start, int End, int Id)> Find(string text)
    {
        List<(int Start, int End, int Id)> found = [];
        int done = 0;
        for (int at = 0; at < text.Length;)
        {
            int next = _longestFirst.Length == 0 ? -1 : text.AsSpan(at).IndexOfAny(_texts);
            if (next < 0) break;
            int start = at + next;
            (string match, int id, SpecialToken token) = _longestFirst.First(t => string.CompareOrdinal(text, start, t.Text, 0, t.Text.Length) == 0);
            int end = at = start + match.Length;
            if (token.IsWholeWord && ((start > 0 && IsWord(text[start - 1])) || (end < text.Length && IsWord(text[end])))) continue;
            while (token.TakesSpaceBefore && start > done && char.IsWhiteSpace(text[start - 1])) start--;
            while (token.TakesSpaceAfter && end < text.Length && char.IsWhiteSpace(text[end])) end++;
            found.Add((start, end, id));
            done = at = end;
        }

        return found;
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_'
        || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
}
