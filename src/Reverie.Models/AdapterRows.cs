using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>Which rows of a batch have which adapter. Keeps its lists, so that filling it again makes no garbage.</summary>
internal sealed class AdapterRows
{
    private readonly List<(Adapter Adapter, AdapterFactors Factors, int Start, int Count)> _runs = [];
    private LowRankRows[] _rows = [];

    /// <summary>Forgets all rows.</summary>
    public void Clear() => _runs.Clear();

    /// <summary>Adds rows behind those that were added before.</summary>
    public void Add(Adapter adapter, int start, int count)
    {
        if (_runs.Count > 0 && _runs[^1] is var last && last.Adapter == adapter && last.Start + last.Count == start) _runs[^1] = last with { Count = last.Count + count };
        else _runs.Add((adapter, adapter.Factors, start, count));
    }

    /// <summary>The additions to one matrix; valid until the next call.</summary>
    public ReadOnlySpan<LowRankRows> To(int matrix)
    {
        if (_rows.Length < _runs.Count) _rows = new LowRankRows[2 * _runs.Count];
        int count = 0;
        foreach ((_, AdapterFactors factors, int start, int rows) in _runs)
            if (factors[matrix] is { } addition) _rows[count++] = new LowRankRows(start, rows, addition.Down, addition.Up, addition.Scale);
        return _rows.AsSpan(0, count);
    }
}
