using System.Globalization;

namespace Reverie.Models.Templating;

/// <summary>What may stand after <c>|</c>.</summary>
internal static class Filters
{
    /// <summary>All filters by name.</summary>
    public static IReadOnlyDictionary<string, Builtin> All { get; } = new Dictionary<string, Builtin>
    {
        ["tojson"] = new(ToJson, "ensure_ascii", "indent", "separators", "sort_keys"),
        ["string"] = new((i, v, _) => i.Writing.Show(v)),
        ["safe"] = new((i, v, _) => i.Writing.Show(v)),
        ["trim"] = new((i, v, a) => TextParts.Trim(i.Meter, i.Writing.Show(v), a.Text("chars"), true, true), "chars"),
        ["upper"] = new((i, v, _) => i.Writing.Show(v).Map(static s => s.ToUpperInvariant())),
        ["lower"] = new((i, v, _) => i.Writing.Show(v).Map(static s => s.ToLowerInvariant())),
        ["title"] = new((i, v, _) => i.Writing.Show(v).Map(TextParts.Title)),
        ["capitalize"] = new((i, v, _) => i.Writing.Show(v).Map(TextParts.Capitalize)),
        ["replace"] = new((i, v, a) => TextParts.Replace(i.Meter, i.Writing.Show(v), a.RequiredText("old"), a.RequiredText("new"), a.Integer("count", -1)), "old", "new", "count"),
        ["indent"] = new(Indent, "width", "first", "blank"),
        ["int"] = new(ToInteger, "default", "base"),
        ["float"] = new(ToFloat, "default"),
        ["abs"] = new((_, v, _) => v is long or bool or double ? Operators.Signed(v is long and < 0 or double and < 0, v) : throw Unfit("abs", v)),
        ["round"] = new(Round, "precision", "method"),
        ["default"] = new(Default, "default_value", "boolean"),
        ["d"] = new(Default, "default_value", "boolean"),
        ["length"] = new(Length),
        ["count"] = new(Length),
        ["list"] = new((i, v, _) => new Sequence([.. i.Operators.Elements(v)])),
        ["items"] = new((i, v, _) => v is Undefined ? new Sequence([]) : v is Mapping ? Methods.Pairs(i, v) : throw Unfit("items", v)),
        ["first"] = new((i, v, _) => i.Operators.Elements(v) is [var first, ..] ? first : new Undefined("the first element of nothing")),
        ["last"] = new((i, v, _) => i.Operators.Elements(v) is [.., var last] ? last : new Undefined("the last element of nothing")),
        ["join"] = new(Join, "d", "attribute"),
        ["reverse"] = new(Reverse),
        ["sort"] = new(ListFilters.Sort, "reverse", "case_sensitive", "attribute"),
        ["unique"] = new(ListFilters.Unique, "case_sensitive", "attribute"),
        ["dictsort"] = new(ListFilters.SortEntries, "case_sensitive", "by", "reverse"),
        ["map"] = new(ListFilters.Map, "*"),
        ["select"] = new((i, v, a) => ListFilters.Select(i, v, a, keep: true, byAttribute: false), "*"),
        ["reject"] = new((i, v, a) => ListFilters.Select(i, v, a, keep: false, byAttribute: false), "*"),
        ["selectattr"] = new((i, v, a) => ListFilters.Select(i, v, a, keep: true, byAttribute: true), "*"),
        ["rejectattr"] = new((i, v, a) => ListFilters.Select(i, v, a, keep: false, byAttribute: true), "*"),
        ["sum"] = new((i, v, a) => i.Operators.Elements(v).Aggregate(a.Get("start", 0L), (sum, item) => i.Operators.Apply("+", sum, item)), "start"),
        ["min"] = new((i, v, _) => i.Operators.Elements(v).Aggregate((object?)new Undefined("the smallest of nothing"), (a, b) => a is Undefined || i.Operators.Order(b, a) < 0 ? b : a)),
        ["max"] = new((i, v, _) => i.Operators.Elements(v).Aggregate((object?)new Undefined("the largest of nothing"), (a, b) => a is Undefined || i.Operators.Order(b, a) > 0 ? b : a)),
    };

    /// <summary>The fault of a value that a filter cannot take.</summary>
    public static TemplateFault Unfit(string filter, object? value) =>
        value is Undefined undefined ? Operators.Missing(undefined) : new TemplateFault($"the filter '{filter}' does not work with {Python.TypeOf(value)}");

    private static Text ToJson(Interpreter interpreter, object? value, Arguments arguments)
    {
        string? indent = arguments.Get("indent", null) switch
        {
            null => null,
            long width and >= 0 and <= 64 => new string(' ', (int)width),
            Text text => text.Characters,
            var other => throw new TemplateFault($"'indent' of 'tojson' must be a number from 0 to 64 or a string, not {interpreter.Writing.Show(other)}"),
        };
        (string items, string keys) = arguments.Get("separators", null) switch
        {
            null => (indent is null ? ", " : ",", ": "),
            Sequence { Items: [Text item, Text key] } => (item.Characters, key.Characters),
            _ => throw new TemplateFault("'separators' of 'tojson' must be two strings"),
        };
        return interpreter.Writing.Json(value, new JsonStyle(indent, items, keys, arguments.Flag("sort_keys"), arguments.Flag("ensure_ascii")));
    }

    private static Text Indent(Interpreter interpreter, object? value, Arguments arguments)
    {
        string indent = arguments.Get("width", 4L) switch
        {
            long width and <= 1024 => new string(' ', (int)Math.Max(0, width)),
            Text text => text.Characters,
            var other => throw new TemplateFault($"'width' of 'indent' must be a number up to 1024 or a string, not {interpreter.Writing.Show(other)}"),
        };
        return TextParts.Indent(interpreter.Meter, interpreter.Writing.Show(value), indent, arguments.Flag("first"), arguments.Flag("blank"));
    }

    private static object? ToInteger(Interpreter interpreter, object? value, Arguments arguments)
    {
        object? otherwise = arguments.Get("default", 0L);
        if (arguments.Integer("base", 10) != 10) throw new TemplateFault("the filter 'int' is supported for base 10 only");
        return value switch
        {
            bool truth => truth ? 1L : 0L,
            long => value,
            double number => Math.Abs(number) < long.MaxValue ? (long)Math.Truncate(number) : otherwise,
            Text text when long.TryParse(text.Characters, NumberStyles.Integer, CultureInfo.InvariantCulture, out long whole) => whole,
            Text text when Parse(text) is { } real && Math.Abs(real) < long.MaxValue => (long)Math.Truncate(real),
            _ => otherwise,
        };
    }

    private static object? ToFloat(Interpreter interpreter, object? value, Arguments arguments) => value switch
    {
        bool truth => truth ? 1.0 : 0.0,
        long number => (double)number,
        double => value,
        Text text when Parse(text) is { } real => real,
        _ => arguments.Get("default", 0.0),
    };

    private static double? Parse(Text text) =>
        double.TryParse(text.Characters, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;

    private static object Round(Interpreter interpreter, object? value, Arguments arguments)
    {
        double number = value switch { long n => n, bool b => b ? 1 : 0, double d => d, _ => throw Unfit("round", value) };
        long precision = arguments.Integer("precision", 0);
        if (precision is < 0 or > 15) throw new TemplateFault("'precision' of 'round' must be 0 to 15");
        double scale = Math.Pow(10, precision);
        return (arguments.Text("method")?.Characters ?? "common") switch
        {
            "common" => Math.Round(number, (int)precision, MidpointRounding.ToEven),
            "ceil" => Math.Ceiling(number * scale) / scale,
            "floor" => Math.Floor(number * scale) / scale,
            var other => throw new TemplateFault($"'method' of 'round' is not '{other}' but common, ceil or floor"),
        };
    }

    private static object? Default(Interpreter interpreter, object? value, Arguments arguments) =>
        value is Undefined || (arguments.Flag("boolean") && !Python.IsTrue(value)) ? arguments.Get("default_value", Text.Empty) : value;

    private static object Length(Interpreter interpreter, object? value, Arguments arguments) => value switch
    {
        Text text => (long)text.Length,
        Sequence sequence => (long)sequence.Items.Count,
        Mapping mapping => (long)mapping.Entries.Count,
        Undefined => 0L,
        _ => throw Unfit("length", value),
    };

    private static Text Join(Interpreter interpreter, object? value, Arguments arguments)
    {
        IEnumerable<object?> items = interpreter.Operators.Elements(value);
        if (arguments.Get("attribute", null) is { } attribute) items = items.Select(item => ListFilters.Attribute(interpreter, item, attribute));
        return TextParts.Join(interpreter.Meter, interpreter.Writing.Show(arguments.Get("d", Text.Empty)), items.Select(interpreter.Writing.Show));
    }

    private static object Reverse(Interpreter interpreter, object? value, Arguments arguments)
    {
        List<object?> items = [.. interpreter.Operators.Elements(value)];
        items.Reverse();
        return value is Text ? TextParts.Join(interpreter.Meter, Text.Empty, items.Cast<Text>()) : new Sequence(items);
    }
}
