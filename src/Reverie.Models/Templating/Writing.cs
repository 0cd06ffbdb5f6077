using System.Globalization;

namespace Reverie.Models.Templating;

/// <summary>Values as text, the way Python writes them: <c>str</c>, <c>repr</c> and <c>json.dumps</c>. Characters keep their origins.</summary>
internal sealed class Writing(Meter meter)
{
    /// <summary>A value as <c>{{ }}</c> shows it.</summary>
    public Text Show(object? value)
    {
        if (value is Text text) return text;
        var builder = new TextBuilder(meter);
        if (value is not Undefined) Represent(value, builder);
        return builder.ToText();
    }

    /// <summary>A value as JSON, as transformers' <c>tojson</c> writes it: with Python's separators, and other letters than ASCII as they are.</summary>
    public Text Json(object? value, JsonStyle style)
    {
        var builder = new TextBuilder(meter);
        WriteJson(value, builder, style, "\n");
        return builder.ToText();
    }

    private void Represent(object? value, TextBuilder builder)
    {
        meter.Enter();
        switch (value)
        {
            case null: builder.Append("None"); break;
            case bool truth: builder.Append(truth ? "True" : "False"); break;
            case long number: builder.Append(number.ToString(CultureInfo.InvariantCulture)); break;
            case double number: builder.Append(Python.Write(number)); break;
            case Text text: Quote(text, builder); break;
            case Undefined: builder.Append("Undefined"); break;
            case Sequence sequence:
                builder.Append(sequence.IsTuple ? "(" : "[");
                for (int i = 0; i < sequence.Items.Count; i++)
                {
                    if (i > 0) builder.Append(", ");
                    Represent(sequence.Items[i], builder);
                }

                if (sequence is { IsTuple: true, Items.Count: 1 }) builder.Append(",");
                builder.Append(sequence.IsTuple ? ")" : "]");
                break;
            case Mapping mapping:
                builder.Append("{");
                int written = 0;
                foreach ((object key, object? entry) in mapping.Entries)
                {
                    if (written++ > 0) builder.Append(", ");
                    Represent(key, builder);
                    builder.Append(": ");
                    Represent(entry, builder);
                }

                builder.Append("}");
                break;
            default: throw new TemplateFault($"a value of type {Python.TypeOf(value)} cannot be written as text");
        }

        meter.Leave();
    }

    private static void Quote(Text text, TextBuilder builder)
    {
        char quote = text.Characters.Contains('\'') && !text.Characters.Contains('"') ? '"' : '\'';
        builder.Append([quote]);
        WriteEscaped(text, builder, c => c switch
        {
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            _ when c == quote => $"\\{c}",
            < ' ' or (>= '\u007F' and <= '\u00A0') or '\u00AD' => $"\\x{(int)c:x2}",
            _ => null,
        });
        builder.Append([quote]);
    }

    private void WriteJson(object? value, TextBuilder builder, JsonStyle style, string lineBreak)
    {
        meter.Enter();
        switch (value)
        {
            case null: builder.Append("null"); break;
            case bool truth: builder.Append(truth ? "true" : "false"); break;
            case long number: builder.Append(number.ToString(CultureInfo.InvariantCulture)); break;
            case double number: builder.Append(WriteJsonNumber(number)); break;
            case Text text: WriteJsonText(text, builder, style); break;
            case Sequence sequence:
                WriteJsonItems(sequence.Items, '[', ']', builder, style, lineBreak, (item, inner) => WriteJson(item, builder, style, inner));
                break;
            case Mapping mapping:
                IEnumerable<KeyValuePair<object, object?>> entries = mapping.Entries;
                if (style.SortKeys) entries = mapping.Entries.OrderBy(e => Show(e.Key).Characters, StringComparer.Ordinal);
                WriteJsonItems([.. entries], '{', '}', builder, style, lineBreak, (entry, inner) =>
                {
                    WriteJsonText(Show(entry.Key), builder, style);
                    builder.Append(style.KeySeparator);
                    WriteJson(entry.Value, builder, style, inner);
                });
                break;
            default: throw new TemplateFault($"a value of type {Python.TypeOf(value)} cannot be written as JSON");
        }

        meter.Leave();
    }

    private static void WriteJsonItems<T>(List<T> items, char open, char close, TextBuilder builder, JsonStyle style, string lineBreak, Action<T, string> write)
    {
        string inner = lineBreak + style.Indent;
        builder.Append([open]);
        for (int i = 0; i < items.Count; i++)
        {
            if (i > 0) builder.Append(style.ItemSeparator);
            if (style.Indent is not null) builder.Append(inner);
            write(items[i], inner);
        }

        if (style.Indent is not null && items.Count > 0) builder.Append(lineBreak);
        builder.Append([close]);
    }

    private static string WriteJsonNumber(double number) =>
        double.IsNaN(number) ? "NaN" : double.IsInfinity(number) ? number > 0 ? "Infinity" : "-Infinity" : Python.Write(number);

    private static void WriteJsonText(Text text, TextBuilder builder, JsonStyle style)
    {
        builder.Append("\"");
        WriteEscaped(text, builder, c => c switch
        {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\b' => "\\b",
            '\f' => "\\f",
            < ' ' => $"\\u{(int)c:x4}",
            > '~' when style.EnsureAscii => $"\\u{(int)c:x4}",
            _ => null,
        });
        builder.Append("\"");
    }

    /// <summary>Appends a text with some characters replaced; what replaces a character has its origin.</summary>
    private static void WriteEscaped(Text text, TextBuilder builder, Func<char, string?> escape)
    {
        int start = 0;
        foreach (TextRun run in text.Runs)
        {
            int plain = start;
            for (int i = start; i < run.End; i++)
            {
                if (escape(text.Characters[i]) is not { } replacement) continue;
                builder.Append(text.Characters.AsSpan(plain, i - plain), run.Origin);
                builder.Append(replacement, run.Origin);
                plain = i + 1;
            }

            builder.Append(text.Characters.AsSpan(plain, run.End - plain), run.Origin);
            start = run.End;
        }
    }
}
