namespace Reverie.Models.Templating;

/// <summary>
/// A string whose characters know their <see cref="Origin"/>. Lengths and indexes are in characters as Python counts them (code
/// points); two texts are equal where their characters are, whatever their origins.
/// </summary>
internal sealed class Text : IEquatable<Text>
{
    private readonly TextRun[] _runs;
    private int[]? _starts;

    /// <summary>A text of one origin; the template's where none is named.</summary>
    public Text(string characters, Origin origin = default)
        : this(characters, characters.Length == 0 ? [] : [new TextRun(characters.Length, origin)])
    {
    }

    /// <param name="characters">The text.</param>
    /// <param name="runs">Who wrote what, in order and without gaps; neighbours of one origin are one run.</param>
    public Text(string characters, TextRun[] runs) => (Characters, _runs) = (characters, runs);

    /// <summary>The text without characters.</summary>
    public static Text Empty { get; } = new("");

    /// <summary>The characters alone, in UTF-16.</summary>
    public string Characters { get; }

    /// <summary>Who wrote what.</summary>
    public ReadOnlySpan<TextRun> Runs => _runs;

    /// <summary>How many code points there are.</summary>
    public int Length => Starts().Length is 0 ? Characters.Length : _starts!.Length;

    /// <summary>The part from one UTF-16 index up to another, exclusive.</summary>
    public Text Cut(int start, int end)
    {
        if (start >= end) return Empty;
        if (start == 0 && end == Characters.Length) return this;
        var runs = new List<TextRun>();
        for (int i = RunAt(start); i < _runs.Length; i++)
        {
            runs.Add(new TextRun(Math.Min(_runs[i].End, end) - start, _runs[i].Origin));
            if (_runs[i].End >= end) break;
        }

        return new Text(Characters[start..end], [.. runs]);
    }

    /// <summary>Which run a UTF-16 index belongs to.</summary>
    public int RunAt(int index)
    {
        int low = 0, high = _runs.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_runs[middle].End <= index) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>The part from one code point up to another, exclusive.</summary>
    public Text Slice(int start, int end) => Cut(Offset(start), Offset(end));

    /// <summary>The same letters after a change that keeps their number, such as another case.</summary>
    public Text Map(Func<string, string> change)
    {
        string changed = change(Characters);
        return changed.Length == Characters.Length ? new Text(changed, _runs) : throw new InvalidOperationException("The change must keep the length.");
    }

    /// <inheritdoc/>
    public bool Equals(Text? other) => other is not null && Characters == other.Characters;

    /// <inheritdoc/>
    public override bool Equals(object? other) => Equals(other as Text);

    /// <inheritdoc/>
    public override int GetHashCode() => Characters.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Characters;

    private int Offset(int codePoint)
    {
        int[] starts = Starts();
        return starts.Length == 0 ? codePoint : codePoint < starts.Length ? starts[codePoint] : Characters.Length;
    }

    /// <summary>Where each code point begins; empty where that is its index, as almost always.</summary>
    private int[] Starts()
    {
        if (_starts is not null) return _starts;
        if (!Characters.AsSpan().ContainsAnyInRange('\uD800', '\uDBFF')) return _starts = [];
        var starts = new List<int>(Characters.Length);
        for (int i = 0; i < Characters.Length; i++)
        {
            starts.Add(i);
            if (char.IsHighSurrogate(Characters[i]) && i + 1 < Characters.Length && char.IsLowSurrogate(Characters[i + 1])) i++;
        }

        return _starts = [.. starts];
    }
}
