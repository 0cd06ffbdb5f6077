namespace Reverie.Tensors;

/// <summary>
/// A weight that stays in its file: (Rows, Columns), made of the rows of one tensor or of several, one above the other, each kept in its
/// own type. Products expand it as they go, so they give the bits that the expanded weight would give.
/// </summary>
public sealed class StoredMatrix
{
    private readonly StoredRows[] _parts;
    private readonly int[] _ends;

    /// <summary>Puts parts above each other.</summary>
    /// <exception cref="ArgumentException">There is none, or they have different widths.</exception>
    public StoredMatrix(params StoredRows[] parts)
    {
        if (parts.Length == 0 || parts.Any(p => p.Columns != parts[0].Columns)) throw new ArgumentException("A stored matrix has parts of one width.", nameof(parts));
        _parts = parts;
        _ends = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++) _ends[i] = Rows = checked(Rows + parts[i].Rows);
        Columns = parts[0].Columns;
    }

    /// <summary>Rows of all parts.</summary>
    public int Rows { get; }

    /// <summary>Columns.</summary>
    public int Columns { get; }

    /// <summary>The parts from the top.</summary>
    public IReadOnlyList<StoredRows> Parts => _parts;

    /// <summary>Bytes of all parts in their files.</summary>
    public long Bytes => _parts.Sum(p => p.Bytes);

    /// <summary>One row as float32.</summary>
    /// <exception cref="ReverieException">A number is NaN or infinite.</exception>
    public void Expand(int row, Span<float> destination)
    {
        StoredRows part = Part(ref row);
        part.Expand(row, destination);
    }

    /// <summary>The part that has a row; <paramref name="row"/> becomes its number in the part.</summary>
    internal StoredRows Part(ref int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));
        int i = 0;
        while (row >= _ends[i]) i++;
        row -= i == 0 ? 0 : _ends[i - 1];
        return _parts[i];
    }
}
