using System.Globalization;
using System.Text;

namespace Reverie.Models.Templating;

/// <summary>The functions that every template can call: Jinja's, and those that transformers adds.</summary>
internal static class Functions
{
    /// <summary>All functions by name.</summary>
    public static IReadOnlyDictionary<string, Builtin> All { get; } = new Dictionary<string, Builtin>
    {
        ["raise_exception"] = new((i, _, a) => throw new TemplateFault(i.Writing.Show(a.Get("message")).Characters) { IsRefusal = true }, "message"),
        ["strftime_now"] = new((i, _, a) => new Text(FormatTime(i.Now, a.RequiredText("format").Characters)), "format"),
        ["range"] = new((i, _, a) => Range(i, a), "*"),
        ["namespace"] = new((i, _, a) => MakeNamespace(i, a), "*"),
        ["dict"] = new((i, _, a) => Filled(new Mapping(), i, a), "*"),
    };

    private static Sequence Range(Interpreter interpreter, Arguments arguments)
    {
        long[] bounds = [.. arguments.Positional.Select(b => b is long number ? number : throw new TemplateFault($"'range' takes whole numbers, not {Python.TypeOf(b)}"))];
        if (bounds.Length is 0 or > 3 || arguments.Named.Count > 0) throw new TemplateFault("'range' takes one, two or three numbers");
        (decimal from, decimal to) = bounds.Length == 1 ? (0, bounds[0]) : (bounds[0], bounds[1]);
        long step = bounds.Length == 3 ? bounds[2] : 1;
        if (step == 0) throw new TemplateFault("the step of 'range' is zero");
        decimal count = Math.Max(0, Math.Ceiling((to - from) / step));
        interpreter.Meter.Fill((long)Math.Min(count, long.MaxValue));
        return new Sequence([.. Enumerable.Range(0, (int)count).Select(i => (object?)(long)(from + ((decimal)i * step)))]);
    }

    private static Namespace MakeNamespace(Interpreter interpreter, Arguments arguments)
    {
        var space = new Namespace();
        foreach ((object key, object? value) in Filled(new Mapping(), interpreter, arguments).Entries) space.Fields[interpreter.Writing.Show(key).Characters] = value;
        return space;
    }

    private static Mapping Filled(Mapping mapping, Interpreter interpreter, Arguments arguments)
    {
        if (arguments.Positional.Count > 1) throw new TemplateFault($"'{arguments.Callee}' takes at most one argument without a name");
        foreach (object? source in arguments.Positional)
        {
            if (source is Mapping other) foreach ((object key, object? value) in other.Entries) mapping.Set(key, value);
            else foreach (object? pair in interpreter.Operators.Elements(source)) mapping.Set(Pair(pair)[0], Pair(pair)[1]);
        }

        foreach ((string name, object? value) in arguments.Named) mapping[name] = value;
        interpreter.Meter.Fill(mapping.Entries.Count);
        return mapping;
    }

    private static List<object?> Pair(object? value) =>
        value is Sequence { Items: { Count: 2 } items } ? items : throw new TemplateFault($"a pair is expected, not {Python.TypeOf(value)}");

    /// <summary>Time in the format of C's strftime, in English.</summary>
    private static string FormatTime(DateTime time, string format)
    {
        if (format.Length > 200) throw new TemplateFault("the format of 'strftime_now' is longer than 200 characters");
        var text = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }

            bool isPlain = format[++i] == '-' && i + 1 < format.Length;
            if (isPlain) i++;
            string part = format[i] switch
            {
                'd' => time.ToString("dd", CultureInfo.InvariantCulture),
                'm' => time.ToString("MM", CultureInfo.InvariantCulture),
                'y' => time.ToString("yy", CultureInfo.InvariantCulture),
                'Y' => time.ToString("yyyy", CultureInfo.InvariantCulture),
                'b' => time.ToString("MMM", CultureInfo.InvariantCulture),
                'B' => time.ToString("MMMM", CultureInfo.InvariantCulture),
                'a' => time.ToString("ddd", CultureInfo.InvariantCulture),
                'A' => time.ToString("dddd", CultureInfo.InvariantCulture),
                'H' => time.ToString("HH", CultureInfo.InvariantCulture),
                'I' => time.ToString("hh", CultureInfo.InvariantCulture),
                'M' => time.ToString("mm", CultureInfo.InvariantCulture),
                'S' => time.ToString("ss", CultureInfo.InvariantCulture),
                'p' => time.Hour < 12 ? "AM" : "PM",
                'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
                'F' => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                'T' => time.ToString("HH:mm:ss", CultureInfo.InvariantCulture),
                '%' => "%",
                _ => throw new TemplateFault($"'%{format[i]}' is not supported in 'strftime_now'"),
            };
            text.Append(isPlain && part.Length > 1 ? part.TrimStart('0') : part);
        }

        return text.ToString();
    }
}
