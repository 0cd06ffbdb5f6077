using System.Runtime.ExceptionServices;

namespace Reverie.Tensors;

/// <summary>The rows of a weight as a file holds them: nothing is read until it is asked for.</summary>
public sealed unsafe class StoredRows
{
    private readonly MappedFile _file;
    private readonly long _offset, _rowBytes;
    private readonly int _interleavedHead;

    /// <summary>Describes rows in a file.</summary>
    /// <param name="file">The file, which stays open as long as the rows are used.</param>
    /// <param name="name">The tensor's name, for messages.</param>
    /// <param name="type">How the numbers are kept.</param>
    /// <param name="offset">Where the first row begins.</param>
    /// <param name="rows">Rows; 1 for a vector.</param>
    /// <param name="columns">Columns: whole blocks of the type.</param>
    /// <param name="interleavedHead">
    /// 0, or the width d of a head whose rows the file keeps for rotations of neighbours (2i, 2i + 1), as Llama's own files and GGUF do: row i of a
    /// head here is then the file's row 2i, and row d/2 + i its row 2i + 1, so that rotations of halves are the same function.
    /// </param>
    /// <exception cref="ReverieException">The rows are not whole blocks, or not all in the file.</exception>
    public StoredRows(MappedFile file, string name, WeightType type, long offset, int rows, int columns, int interleavedHead = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (interleavedHead > 0 && (interleavedHead % 2 != 0 || rows % interleavedHead != 0)) throw new ArgumentException($"{rows} rows are not heads of {interleavedHead}.", nameof(interleavedHead));
        (_file, Name, Type, _offset, Rows, Columns, _interleavedHead) = (file, name, type, offset, rows, columns, interleavedHead);
        if (columns % WeightFormat.BlockElements(type) != 0)
            throw new ReverieException($"{file.Path} cannot be used: tensor {name} has rows of {columns} numbers, which are no whole blocks of {type} ({WeightFormat.BlockElements(type)}). Fetch or save the model again.");
        _rowBytes = WeightFormat.Bytes(type, columns);
        if (offset < 0 || offset > file.Length || Bytes > file.Length - offset)
            throw new ReverieException($"{file.Path} cannot be used: tensor {name} is not whole: {Bytes} bytes from {offset} on, where the file ends at {file.Length}. Fetch the file again.");
    }

    /// <summary>The tensor's name in the file.</summary>
    public string Name { get; }

    /// <summary>How the numbers are kept.</summary>
    public WeightType Type { get; }

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Columns.</summary>
    public int Columns { get; }

    /// <summary>Bytes of all rows.</summary>
    public long Bytes => Rows * _rowBytes;

    /// <summary>The bytes of one row, as the file holds it.</summary>
    public ReadOnlySpan<byte> Row(int row) => new(At(row), checked((int)_rowBytes));

    /// <summary>One row as float32.</summary>
    /// <exception cref="ReverieException">A number is NaN or infinite.</exception>
    public void Expand(int row, Span<float> destination)
    {
        WeightFormat.Expand(Type, Row(row), destination);
        int bad = destination.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
        if (bad >= 0)
            throw new ReverieException($"{_file.Path} cannot be used: tensor {Name} holds {destination[bad]} at row {row}, column {bad}: the training that wrote it diverged, or the file is damaged. Fetch or save the model again.");
    }

    /// <summary>The same rows in another type, in memory, each number rounded to the nearest that the type has.</summary>
    /// <exception cref="ReverieException">A number is NaN or infinite or beyond the type's range, or there is not enough memory.</exception>
    public StoredRows As(WeightType type)
    {
        long rowBytes = WeightFormat.Bytes(type, Columns);
        var memory = new MappedFile(_file.Path, Rows * rowBytes);
        try
        {
            Parallel.For(0, Rows, () => new float[Columns], (row, _, values) =>
            {
                Expand(row, values);
                WeightFormat.Encode(type, values, new Span<byte>(memory.At(row * rowBytes, rowBytes), (int)rowBytes));
                return values;
            }, static _ => { });
        }
        catch (AggregateException e)
        {
            memory.Dispose();
            if (e.InnerException is OverflowException overflow) throw new ReverieException($"{_file.Path}: tensor {Name} does not fit {type}: {overflow.Message}. Choose another type.", overflow);
            ExceptionDispatchInfo.Throw(e.InnerException!);
        }

        Forget();
        return new StoredRows(memory, Name, type, 0, Rows, Columns);
    }

    /// <summary>The address of a row.</summary>
    internal byte* At(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));
        if (_interleavedHead > 0)
        {
            int inHead = row % _interleavedHead, half = _interleavedHead / 2;
            row += (inHead < half ? 2 * inHead : 2 * (inHead - half) + 1) - inHead;
        }

        return _file.At(_offset + row * _rowBytes, _rowBytes);
    }

    /// <summary>See <see cref="MappedFile.Forget"/>.</summary>
    internal void Forget() => _file.Forget(_offset, Bytes);
}
