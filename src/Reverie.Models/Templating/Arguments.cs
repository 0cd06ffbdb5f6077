namespace Reverie.Models.Templating;

/// <summary>The values in the brackets of a call.</summary>
/// <param name="Callee">Who is called, for messages.</param>
/// <param name="Positional">Those without a name.</param>
/// <param name="Named">Those with one.</param>
internal sealed record Arguments(string Callee, IReadOnlyList<object?> Positional, IReadOnlyDictionary<string, object?> Named)
{
    /// <summary>Those of a call whose parameters have names and an order.</summary>
    /// <exception cref="TemplateFault">There are too many, or one that is unknown or there twice.</exception>
    public Arguments Bind(string[] parameters)
    {
        if (Positional.Count > parameters.Length) throw new TemplateFault($"'{Callee}' takes at most {parameters.Length} arguments");
        var bound = new Dictionary<string, object?>(Named);
        foreach (string name in Named.Keys)
            if (!parameters.Contains(name)) throw new TemplateFault($"'{Callee}' has no argument '{name}' here");
        for (int i = 0; i < Positional.Count; i++)
            if (!bound.TryAdd(parameters[i], Positional[i])) throw new TemplateFault($"'{Callee}' is given '{parameters[i]}' twice");
        return this with { Named = bound };
    }

    /// <summary>Whether the argument was given.</summary>
    public bool Has(string name) => Named.ContainsKey(name);

    /// <summary>An argument of any type.</summary>
    public object? Get(string name) => Named.TryGetValue(name, out object? value) ? value : throw new TemplateFault($"'{Callee}' needs '{name}'");

    /// <summary>An argument of any type, or something else where it was not given.</summary>
    public object? Get(string name, object? otherwise) => Named.TryGetValue(name, out object? value) ? value : otherwise;

    /// <summary>An argument that is a text; null where it was not given or is none.</summary>
    public Text? Text(string name) => Get(name, null) switch
    {
        null => null,
        Text text => text,
        { } other => throw Wrong(name, "a string", other),
    };

    /// <summary>An argument that is a text and must be there.</summary>
    public Text RequiredText(string name) => Text(name) ?? throw Wrong(name, "a string", Get(name));

    /// <summary>An argument that is a whole number.</summary>
    public long Integer(string name, long otherwise) => Get(name, otherwise) switch
    {
        long number => number,
        bool truth => truth ? 1 : 0,
        { } other => throw Wrong(name, "a whole number", other),
        null => throw Wrong(name, "a whole number", null),
    };

    /// <summary>An argument that is true or false.</summary>
    public bool Flag(string name) => Python.IsTrue(Get(name, false));

    private TemplateFault Wrong(string name, string expected, object? given) =>
        new($"'{name}' of '{Callee}' must be {expected} and is of type {Python.TypeOf(given)}");
}
