namespace Reverie.Web;

/// <summary>
/// Splits code into words, strings, comments and numbers in one pass without backtracking: what a model writes must not be able to keep
/// a server busy, which patterns of regular expressions allow.
/// </summary>
internal static class CodeHighlighter
{
    private const int LongestCode = 100_000;

    /// <summary>The tokens of a piece of code; their texts together are the code.</summary>
    /// <param name="code">The code.</param>
    /// <param name="language">Its language as people name it; an unknown one has no colours.</param>
    public static IEnumerable<CodeToken> Split(string code, string language)
    {
        if (language.Equals("diff", StringComparison.OrdinalIgnoreCase)) return Lines(code);
        return code.Length <= LongestCode && CodeLanguage.Find(language) is { } known ? Tokens(code, known) : [new CodeToken(code, null)];
    }

    private static IEnumerable<CodeToken> Tokens(string code, CodeLanguage language)
    {
        int plain = 0, i = 0;
        while (i < code.Length)
        {
            (int end, string? kind) = Next(code, i, language);
            if (kind is not null)
            {
                if (plain < i) yield return new CodeToken(code[plain..i], null);
                yield return new CodeToken(code[i..end], kind);
                plain = end;
            }

            i = end;
        }

        if (plain < code.Length) yield return new CodeToken(code[plain..], null);
    }

    private static (int End, string? Class) Next(string code, int i, CodeLanguage language)
    {
        ReadOnlySpan<char> rest = code.AsSpan(i);
        foreach (string mark in language.LineComments)
        {
            if (rest.StartsWith(mark, StringComparison.Ordinal)) return (LineEnd(code, i), "c");
        }

        foreach ((string open, string close) in language.BlockComments)
        {
            if (rest.StartsWith(open, StringComparison.Ordinal)) return (After(code, close, i + open.Length), "c");
        }

        foreach (string quote in language.LongStrings)
        {
            if (rest.StartsWith(quote, StringComparison.Ordinal)) return (After(code, quote, i + quote.Length), "s");
        }

        if (language.Quotes.Contains(code[i])) return (StringEnd(code, i), "s");
        if (char.IsAsciiDigit(code[i])) return (WordEnd(code, i, '.'), "n");
        if (!IsWord(code[i])) return (i + 1, null);
        int end = WordEnd(code, i, '_');
        string word = code[i..end];
        if (language.Keywords.Contains(word)) return (end, "k");
        if (end < code.Length && code[end] == '(') return (end, "f");
        return (end, language.Types && char.IsUpper(word[0]) && word.Length > 1 ? "t" : null);
    }

    private static IEnumerable<CodeToken> Lines(string code)
    {
        for (int i = 0; i < code.Length;)
        {
            int end = Math.Min(code.Length, LineEnd(code, i) + 1);
            yield return new CodeToken(code[i..end], code[i] switch { '+' => "add", '-' => "del", '@' => "c", _ => null });
            i = end;
        }
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c is '_' or '$';

    private static int WordEnd(string code, int i, char also)
    {
        while (i < code.Length && (IsWord(code[i]) || code[i] == also)) i++;
        return i;
    }

    private static int LineEnd(string code, int i) => code.IndexOf('\n', i) is int end and >= 0 ? end : code.Length;

    private static int After(string code, string mark, int from) => code.IndexOf(mark, from, StringComparison.Ordinal) is int at and >= 0 ? at + mark.Length : code.Length;

    /// <summary>A string ends at its quotation mark, and at the latest with its line (a template's may go on).</summary>
    private static int StringEnd(string code, int start)
    {
        char quote = code[start];
        for (int i = start + 1; i < code.Length; i++)
        {
            if (code[i] == quote) return i + 1;
            if (code[i] == '\\') i++;
            else if (code[i] == '\n' && quote != '`') return i;
        }

        return code.Length;
    }
}

/// <summary>A piece of code.</summary>
/// <param name="Text">The piece.</param>
/// <param name="Class">The class of its colour: k keyword, s string, c comment, n number, f function, t type, add, del; null for none.</param>
internal readonly record struct CodeToken(string Text, string? Class);
