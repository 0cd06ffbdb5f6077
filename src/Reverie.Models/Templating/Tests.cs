namespace Reverie.Models.Templating;

/// <summary>What may stand after <c>is</c>.</summary>
internal static class Tests
{
    /// <summary>All tests by name.</summary>
    public static IReadOnlyDictionary<string, Builtin> All { get; } = new Dictionary<string, Builtin>
    {
        ["defined"] = Of(v => v is not Undefined),
        ["undefined"] = Of(v => v is Undefined),
        ["none"] = Of(v => v is null),
        ["string"] = Of(v => v is Text),
        ["mapping"] = Of(v => v is Mapping),
        ["iterable"] = Of(v => v is Text or Sequence or Mapping or Undefined),
        ["sequence"] = Of(v => v is Text or Sequence or Mapping or Undefined),
        ["number"] = Of(v => v is long or double or bool),
        ["integer"] = Of(v => v is long),
        ["float"] = Of(v => v is double),
        ["boolean"] = Of(v => v is bool),
        ["true"] = Of(v => v is true),
        ["false"] = Of(v => v is false),
        ["callable"] = Of(v => v is Function),
        ["odd"] = Of(v => Whole(v) % 2 != 0),
        ["even"] = Of(v => Whole(v) % 2 == 0),
        ["divisibleby"] = new((_, v, a) => a.Integer("num", 0) is var by and not 0 ? Whole(v) % by == 0 : throw new TemplateFault("it divides by zero"), "num"),
        ["lower"] = Of(v => v is Text text && text.Characters.Any(char.IsLower) && !text.Characters.Any(char.IsUpper)),
        ["upper"] = Of(v => v is Text text && text.Characters.Any(char.IsUpper) && !text.Characters.Any(char.IsLower)),
        ["in"] = Comparing("in"),
        ["equalto"] = Comparing("=="),
        ["eq"] = Comparing("=="),
        ["ne"] = Comparing("!="),
        ["lt"] = Comparing("<"),
        ["le"] = Comparing("<="),
        ["gt"] = Comparing(">"),
        ["ge"] = Comparing(">="),
    };

    private static Builtin Of(Func<object?, bool> test) => new((_, value, _) => test(value));

    private static Builtin Comparing(string sign) => new((i, value, a) => i.Operators.Compare(sign, value, a.Get("other")), "other");

    private static long Whole(object? value) => value switch
    {
        long number => number,
        bool truth => truth ? 1 : 0,
        _ => throw new TemplateFault($"a whole number is expected, not {Python.TypeOf(value)}"),
    };
}
