namespace Reverie.Models;

/// <summary>A set of Unicode scalar values, as sorted ranges that do not touch. Surrogates are never in it.</summary>
internal sealed class CodePointSet
{
    private const int Last = 0x10FFFF, FirstSurrogate = 0xD800, LastSurrogate = 0xDFFF;

    private CodePointSet((int First, int Last)[] ranges) => Ranges = ranges;

    /// <summary>Everything.</summary>
    public static CodePointSet All { get; } = Of((0, Last));

    /// <summary>Nothing.</summary>
    public static CodePointSet None { get; } = new([]);

    /// <summary>The ranges, both ends included.</summary>
    public IReadOnlyList<(int First, int Last)> Ranges { get; }

    /// <summary>Whether nothing is in it.</summary>
    public bool IsEmpty => Ranges.Count == 0;

    /// <summary>The set of <paramref name="ranges"/>, which may overlap and come in any order.</summary>
    public static CodePointSet Of(params IEnumerable<(int First, int Last)> ranges)
    {
        var merged = new List<(int First, int Last)>();
        foreach ((int first, int last) in ranges.SelectMany(WithoutSurrogates).Order())
        {
            if (merged.Count > 0 && first <= merged[^1].Last + 1) merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, last));
            else merged.Add((first, last));
        }

        return new CodePointSet([.. merged]);
    }

    /// <summary>The set of these characters.</summary>
    public static CodePointSet Of(string characters) => Of(characters.EnumerateRunes().Select(r => (r.Value, r.Value)));

    /// <summary>All that is in either.</summary>
    public CodePointSet Union(CodePointSet other) => Of(Ranges.Concat(other.Ranges));

    /// <summary>All that is not in it.</summary>
    public CodePointSet Complement()
    {
        var ranges = new List<(int, int)>();
        int next = 0;
        foreach ((int first, int last) in Ranges)
        {
            if (first > next) ranges.Add((next, first - 1));
            next = last + 1;
        }

        if (next <= Last) ranges.Add((next, Last));
        return Of(ranges);
    }

    /// <summary>All that is in it and not in the other.</summary>
    public CodePointSet Except(CodePointSet other) => Complement().Union(other).Complement();

    /// <summary>Whether it has this one.</summary>
    public bool Contains(int codePoint) => Ranges.Any(r => r.First <= codePoint && codePoint <= r.Last);

    private static IEnumerable<(int, int)> WithoutSurrogates((int First, int Last) range)
    {
        if (range.First < FirstSurrogate && range.First <= range.Last) yield return (range.First, Math.Min(range.Last, FirstSurrogate - 1));
        if (range.Last > LastSurrogate) yield return (Math.Max(range.First, LastSurrogate + 1), range.Last);
    }
}
