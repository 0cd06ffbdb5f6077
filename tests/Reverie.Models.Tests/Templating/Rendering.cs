using CsCheck;
using Reverie.Models.Templating;

namespace Reverie.Models.Tests.Templating;

/// <summary>Renders templates over a few variables.</summary>
internal static class Rendering
{
    public static readonly DateTime Now = new(2026, 1, 2, 15, 4, 5);

    public static string Render(string template, params (string Name, object? Value)[] variables) =>
        Template.Parse(template).Render(variables.ToDictionary(v => v.Name, v => v.Value), Now).Characters;

    public static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    public static object? Value(object? value) => value switch
    {
        string text => new Text(text, Origin.Message(0)),
        int number => (long)number,
        object?[] items => new Sequence([.. items.Select(Value)]),
        Dictionary<string, object?> map => MappingOf(map),
        _ => value,
    };

    public static Mapping Map(params (string Key, object? Value)[] entries)
    {
        var mapping = new Mapping();
        foreach ((string key, object? value) in entries) mapping[key] = Value(value);
        return mapping;
    }

    private static Mapping MappingOf(Dictionary<string, object?> map) => Map([.. map.Select(e => (e.Key, e.Value))]);
}
