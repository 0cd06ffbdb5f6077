namespace Reverie.Models.Templating;

/// <summary>How texts are cut, joined and changed, as Python does it. Every character keeps its origin.</summary>
internal static class TextParts
{
    /// <summary>Without whitespace, or without the given characters, at its ends.</summary>
    public static Text Trim(Meter meter, Text text, Text? characters, bool left, bool right)
    {
        meter.Search(text, characters ?? Text.Empty);
        return Trimmed(text, characters?.Characters, left, right);
    }

    /// <summary>The same for a text that is not a template's to choose.</summary>
    public static Text Trimmed(Text text, string? characters, bool left, bool right)
    {
        string s = text.Characters;
        bool Goes(char c) => characters?.Contains(c) ?? Python.IsSpace(c);
        int start = 0, end = s.Length;
        while (left && start < end && Goes(s[start])) start++;
        while (right && end > start && Goes(s[end - 1])) end--;
        return text.Cut(start, end);
    }

    /// <summary>The parts between separators, or between runs of whitespace where there is no separator; at most <c>limit</c> cuts, all where it is negative.</summary>
    public static List<object?> Split(Meter meter, Text text, Text? separator, long limit)
    {
        if (separator is null) return SplitAtSpaces(meter, text, limit);
        CheckSeparator(separator);
        meter.Search(text, separator);
        string s = text.Characters, cut = separator.Characters;
        List<object?> parts = [];
        int start = 0;
        for (int found; parts.Count != limit && (found = s.IndexOf(cut, start, StringComparison.Ordinal)) >= 0; start = found + cut.Length)
            Add(meter, parts, text.Cut(start, found));
        Add(meter, parts, text.Cut(start, s.Length));
        return parts;
    }

    /// <summary>As <see cref="Split"/>, with the cuts counted from the end.</summary>
    public static List<object?> SplitFromEnd(Meter meter, Text text, Text? separator, long limit)
    {
        if (limit < 0) return Split(meter, text, separator, limit);
        if (separator is null) throw new TemplateFault("'rsplit' with a limit needs a separator here");
        CheckSeparator(separator);
        meter.Search(text, separator);
        string s = text.Characters, cut = separator.Characters;
        List<object?> parts = [];
        int end = s.Length;
        for (int found; parts.Count != limit && end > 0 && (found = s.AsSpan(0, end).LastIndexOf(cut)) >= 0; end = found)
            Add(meter, parts, text.Cut(found + cut.Length, end));
        Add(meter, parts, text.Cut(0, end));
        parts.Reverse();
        return parts;
    }

    /// <summary>The lines, without their ends.</summary>
    public static List<object?> Lines(Meter meter, Text text)
    {
        string s = text.Characters;
        List<object?> lines = [];
        int start = 0;
        for (int i = 0; i < s.Length; i++)
        {
            if (s[i] is not ('\n' or '\r' or '\v' or '\f' or '\u001C' or '\u001D' or '\u001E' or '\u0085' or '\u2028' or '\u2029')) continue;
            Add(meter, lines, text.Cut(start, i));
            if (s[i] == '\r' && i + 1 < s.Length && s[i + 1] == '\n') i++;
            start = i + 1;
        }

        if (start < s.Length) Add(meter, lines, text.Cut(start, s.Length));
        return lines;
    }

    /// <summary>With one text in the place of another, at most <c>limit</c> times, always where it is negative.</summary>
    public static Text Replace(Meter meter, Text text, Text old, Text replacement, long limit)
    {
        if (old.Characters.Length == 0) throw new TemplateFault("'replace' needs something to replace");
        meter.Search(text, old);
        string s = text.Characters;
        var builder = new TextBuilder(meter);
        int start = 0;
        for (int found; limit != 0 && (found = s.IndexOf(old.Characters, start, StringComparison.Ordinal)) >= 0; limit--)
        {
            builder.Append(text, start, found);
            builder.Append(replacement);
            meter.Spend(1);
            start = found + old.Characters.Length;
        }

        builder.Append(text, start, s.Length);
        return builder.ToText();
    }

    /// <summary>The parts with a separator between them.</summary>
    public static Text Join(Meter meter, Text separator, IEnumerable<Text> parts)
    {
        var builder = new TextBuilder(meter);
        bool isFirst = true;
        foreach (Text part in parts)
        {
            if (!isFirst) builder.Append(separator);
            builder.Append(part);
            isFirst = false;
        }

        return builder.ToText();
    }

    /// <summary>Where one text stands in another, in code points; -1 for nowhere.</summary>
    public static long Find(Meter meter, Text text, Text part, bool fromEnd)
    {
        meter.Search(text, part);
        int found = fromEnd ? text.Characters.LastIndexOf(part.Characters, StringComparison.Ordinal) : text.Characters.IndexOf(part.Characters, StringComparison.Ordinal);
        return found <= 0 ? found : text.Cut(0, found).Length;
    }

    /// <summary>How often one text stands in another, without overlaps.</summary>
    public static long Count(Meter meter, Text text, Text part) =>
        part.Characters.Length == 0 ? text.Length + 1 : Split(meter, text, part, -1).Count - 1;

    /// <summary>Every line but the first behind some spaces.</summary>
    public static Text Indent(Meter meter, Text text, string indent, bool isFirst, bool isBlank)
    {
        var builder = new TextBuilder(meter);
        List<object?> lines = Lines(meter, text);
        if (text.Characters.EndsWith('\n') || lines.Count == 0) lines.Add(Text.Empty);
        for (int i = 0; i < lines.Count; i++)
        {
            var line = (Text)lines[i]!;
            if (i > 0) builder.Append("\n");
            if (i == 0 ? isFirst : isBlank || line.Characters.Length > 0) builder.Append(indent);
            builder.Append(line);
        }

        return builder.ToText();
    }

    /// <summary>Every word with a capital first letter and small others.</summary>
    public static string Title(string text) => string.Create(text.Length, text, static (letters, source) =>
    {
        for (int i = 0; i < source.Length; i++)
            letters[i] = i > 0 && char.IsLetter(source[i - 1]) ? char.ToLowerInvariant(source[i]) : char.ToUpperInvariant(source[i]);
    });

    /// <summary>A capital first letter and small others.</summary>
    public static string Capitalize(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant();

    private static List<object?> SplitAtSpaces(Meter meter, Text text, long limit)
    {
        string s = text.Characters;
        List<object?> parts = [];
        for (int i = 0; i < s.Length;)
        {
            while (i < s.Length && Python.IsSpace(s[i])) i++;
            if (i == s.Length) break;
            int end = i;
            if (parts.Count == limit) end = s.Length;
            else while (end < s.Length && !Python.IsSpace(s[end])) end++;
            Add(meter, parts, text.Cut(i, end));
            if (parts.Count == limit + 1 && limit >= 0) break;
            i = end;
        }

        return parts;
    }

    private static void Add(Meter meter, List<object?> parts, Text part)
    {
        if (parts.Count == Meter.MaximumCount) meter.Fill(parts.Count + 1L);
        meter.Copy(part.Characters.Length);
        parts.Add(part);
    }

    private static void CheckSeparator(Text separator)
    {
        if (separator.Characters.Length == 0) throw new TemplateFault("a text cannot be split at an empty separator");
    }
}
