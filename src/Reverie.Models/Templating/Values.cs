namespace Reverie.Models.Templating;

// The values of a template are plain objects: null (none), bool, long, double, Text, and the types below.

/// <summary>What a name stands for that nothing was given to: empty to read, a fault to use.</summary>
/// <param name="What">What is undefined, for messages.</param>
internal sealed record Undefined(string What);

/// <summary>A list or a tuple.</summary>
internal sealed class Sequence(List<object?> items, bool isTuple = false)
{
    /// <summary>The elements.</summary>
    public List<object?> Items { get; } = items;

    /// <summary>Whether it is a tuple, which differs from a list of the same elements.</summary>
    public bool IsTuple { get; } = isTuple;
}

/// <summary>A dictionary, which keeps the order of its keys: texts, numbers, or truth values.</summary>
internal sealed class Mapping
{
    /// <summary>The entries.</summary>
    public OrderedDictionary<object, object?> Entries { get; } = [];

    /// <summary>Sets an entry by a text.</summary>
    public object? this[string key]
    {
        set => Entries[new Text(key)] = value;
    }

    /// <summary>Adds or replaces an entry.</summary>
    public void Set(object? key, object? value) => Entries[KeyOf(key)] = value;

    /// <summary>The value of a key; false where there is none.</summary>
    public bool TryGet(object? key, out object? value)
    {
        value = null;
        return key is Text or bool or long or double && Entries.TryGetValue(KeyOf(key), out value);
    }

    // In Python 1, 1.0 and True are one key.
    private static object KeyOf(object? key) => key switch
    {
        Text text => text,
        bool truth => truth ? 1L : 0L,
        double number when number == Math.Floor(number) && Math.Abs(number) < long.MaxValue => (long)number,
        long or double => key,
        _ => throw new TemplateFault($"a value of type {Python.TypeOf(key)} cannot be the key of a dict"),
    };
}

/// <summary>What <c>namespace()</c> makes: fields that <c>set</c> may change from inside a loop.</summary>
internal sealed class Namespace
{
    /// <summary>The fields.</summary>
    public Dictionary<string, object?> Fields { get; } = [];
}

/// <summary>Something to call.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Body">What it does.</param>
internal sealed record Function(string Name, Func<Arguments, object?> Body);
