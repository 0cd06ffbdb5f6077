namespace Reverie.Models.Templating;

/// <summary>The methods of Python's strings, lists and dicts that templates call.</summary>
internal static class Methods
{
    private static readonly Dictionary<string, Builtin> _ofTexts = new()
    {
        ["strip"] = Trimming(true, true),
        ["lstrip"] = Trimming(true, false),
        ["rstrip"] = Trimming(false, true),
        ["split"] = new((i, v, a) => new Sequence(TextParts.Split(i.Meter, Own(v), a.Text("sep"), a.Integer("maxsplit", -1))), "sep", "maxsplit"),
        ["rsplit"] = new((i, v, a) => new Sequence(TextParts.SplitFromEnd(i.Meter, Own(v), a.Text("sep"), a.Integer("maxsplit", -1))), "sep", "maxsplit"),
        ["splitlines"] = new((i, v, _) => new Sequence(TextParts.Lines(i.Meter, Own(v)))),
        ["startswith"] = new((_, v, a) => Choices(a.Get("prefix")).Any(p => Own(v).Characters.StartsWith(p, StringComparison.Ordinal)), "prefix"),
        ["endswith"] = new((_, v, a) => Choices(a.Get("suffix")).Any(s => Own(v).Characters.EndsWith(s, StringComparison.Ordinal)), "suffix"),
        ["replace"] = new((i, v, a) => TextParts.Replace(i.Meter, Own(v), a.RequiredText("old"), a.RequiredText("new"), a.Integer("count", -1)), "old", "new", "count"),
        ["upper"] = new((i, v, _) => Own(v).Map(static s => s.ToUpperInvariant())),
        ["lower"] = new((i, v, _) => Own(v).Map(static s => s.ToLowerInvariant())),
        ["title"] = new((i, v, _) => Own(v).Map(TextParts.Title)),
        ["capitalize"] = new((i, v, _) => Own(v).Map(TextParts.Capitalize)),
        ["join"] = new((i, v, a) => TextParts.Join(i.Meter, Own(v), i.Operators.Elements(a.Get("items")).Select(Member)), "items"),
        ["find"] = new((i, v, a) => TextParts.Find(i.Meter, Own(v), a.RequiredText("sub"), fromEnd: false), "sub"),
        ["rfind"] = new((i, v, a) => TextParts.Find(i.Meter, Own(v), a.RequiredText("sub"), fromEnd: true), "sub"),
        ["count"] = new((i, v, a) => TextParts.Count(i.Meter, Own(v), a.RequiredText("sub")), "sub"),
        ["removeprefix"] = new((_, v, a) => Own(v).Cut(Own(v).Characters.StartsWith(a.RequiredText("prefix").Characters, StringComparison.Ordinal) ? Size(a, "prefix") : 0, Size(v)), "prefix"),
        ["removesuffix"] = new((_, v, a) => Own(v).Cut(0, Size(v) - (Own(v).Characters.EndsWith(a.RequiredText("suffix").Characters, StringComparison.Ordinal) ? Size(a, "suffix") : 0)), "suffix"),
        ["isdigit"] = new((_, v, _) => Own(v).Characters is { Length: > 0 } s && s.All(char.IsDigit)),
        ["isspace"] = new((_, v, _) => Own(v).Characters is { Length: > 0 } s && s.All(Python.IsSpace)),
    };

    private static readonly Dictionary<string, Builtin> _ofMappings = new()
    {
        ["items"] = new((i, v, _) => Pairs(i, v)),
        ["keys"] = new((i, v, _) => new Sequence([.. Counted(i, v).Entries.Keys])),
        ["values"] = new((i, v, _) => new Sequence([.. Counted(i, v).Entries.Values])),
        ["get"] = new((i, v, a) => i.Operators.Compare("in", a.Get("key"), v) && ((Mapping)v!).TryGet(a.Get("key"), out object? value) ? value : a.Get("default", null), "key", "default"),
    };

    private static readonly Dictionary<string, Builtin> _ofSequences = new()
    {
        ["append"] = new(Append, "item"),
    };

    /// <summary>The method of a value with this name; null for none.</summary>
    public static Builtin? Of(object? value, string name) => (value switch
    {
        Text => _ofTexts,
        Mapping => _ofMappings,
        Sequence { IsTuple: false } => _ofSequences,
        _ => null,
    })?.GetValueOrDefault(name);

    /// <summary>The entries of a dict as pairs.</summary>
    public static Sequence Pairs(Interpreter interpreter, object? value) =>
        new([.. Counted(interpreter, value).Entries.Select(e => new Sequence([e.Key, e.Value], isTuple: true))]);

    private static Builtin Trimming(bool left, bool right) =>
        new((i, v, a) => TextParts.Trim(i.Meter, Own(v), a.Text("chars"), left, right), "chars");

    private static Text Own(object? value) => (Text)value!;

    private static int Size(object? text) => Own(text).Characters.Length;

    private static int Size(Arguments arguments, string name) => arguments.RequiredText(name).Characters.Length;

    private static Mapping Counted(Interpreter interpreter, object? value)
    {
        var mapping = (Mapping)value!;
        interpreter.Meter.Fill(mapping.Entries.Count);
        return mapping;
    }

    private static object? Append(Interpreter interpreter, object? value, Arguments arguments)
    {
        List<object?> items = ((Sequence)value!).Items;
        if (items.Count == Meter.MaximumCount) interpreter.Meter.Fill(items.Count + 1L);
        items.Add(arguments.Get("item"));
        return null;
    }

    private static IEnumerable<string> Choices(object? value) => value switch
    {
        Text text => [text.Characters],
        Sequence { IsTuple: true } tuple => tuple.Items.Select(i => Member(i).Characters),
        _ => throw new TemplateFault($"a string is expected, not {Python.TypeOf(value)}"),
    };

    private static Text Member(object? item) => item as Text ?? throw new TemplateFault($"a string is expected, not {Python.TypeOf(item)}");
}
