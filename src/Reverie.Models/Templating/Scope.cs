namespace Reverie.Models.Templating;

/// <summary>The variables of a block, and those around it. What a loop, a macro or a block sets is gone when it ends.</summary>
internal sealed class Scope(Scope? outer)
{
    private readonly Dictionary<string, object?> _values = [];

    /// <summary>How many blocks are around it.</summary>
    public int Depth { get; } = outer is null ? 0 : outer.Depth + 1;

    /// <summary>Gives a variable of this block a value.</summary>
    public void Set(string name, object? value) => _values[name] = value;

    /// <summary>The value of a variable; undefined where there is none.</summary>
    public object? Get(string name)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Outer)
            if (scope._values.TryGetValue(name, out object? value)) return value;
        return new Undefined($"'{name}'");
    }

    private Scope? Outer => outer;
}
