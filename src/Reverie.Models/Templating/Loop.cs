namespace Reverie.Models.Templating;

/// <summary>What <c>loop</c> is inside a <c>for</c>.</summary>
/// <param name="items">All that the loop goes over.</param>
/// <param name="operators">Compares for <c>changed</c>.</param>
internal sealed class Loop(List<object?> items, Operators operators)
{
    private object? _last;
    private bool _hasLast;

    /// <summary>Which element is at hand, from 0.</summary>
    public int Index { get; set; }

    /// <summary>A field or a function of the loop.</summary>
    public object? Get(string name) => name switch
    {
        "index" => (long)Index + 1,
        "index0" => (long)Index,
        "revindex" => (long)items.Count - Index,
        "revindex0" => (long)items.Count - Index - 1,
        "first" => Index == 0,
        "last" => Index == items.Count - 1,
        "length" => (long)items.Count,
        "previtem" => Index > 0 ? items[Index - 1] : new Undefined("there is no previous item: 'loop.previtem'"),
        "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new Undefined("there is no next item: 'loop.nextitem'"),
        "depth" => 1L,
        "depth0" => 0L,
        "cycle" => new Function("loop.cycle", Cycle),
        "changed" => new Function("loop.changed", Changed),
        _ => new Undefined($"'loop.{name}'"),
    };

    private object? Cycle(Arguments arguments) => arguments.Positional.Count > 0
        ? arguments.Positional[Index % arguments.Positional.Count]
        : throw new TemplateFault("'loop.cycle' needs values");

    private object Changed(Arguments arguments)
    {
        var value = new Sequence([.. arguments.Positional]);
        bool changed = !_hasLast || !operators.AreEqual(_last, value);
        (_last, _hasLast) = (value, true);
        return changed;
    }
}
