using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Reverie.Tensors.Kernels;

/// <summary>A <see cref="StoredMatrix"/> laid out for the matrix product: its parts one above the other, each group of parts of one format a <see cref="PackedMatrix"/>.</summary>
internal sealed unsafe class PackedWeight : IDisposable
{
    // All ones in a number that is infinite or none.
    private const int HalfExponent = 0x7C00, BrainExponent = 0x7F80;

    private readonly List<(int FirstRow, PackedMatrix Matrix)> _groups = [];

    /// <summary>Reads the whole weight once, and lets the system forget the file's part of it.</summary>
    /// <exception cref="ReverieException">A number is NaN or infinite.</exception>
    public PackedWeight(WorkerPool pool, StoredMatrix stored) : this(pool, stored, SimdSupport.Best) { }

    internal PackedWeight(WorkerPool pool, StoredMatrix stored, SimdPath path)
    {
        int row = 0;
        foreach (IGrouping<int, StoredRows> group in Groups(stored.Parts))
        {
            StoredRows[] parts = [.. group];
            var matrix = new PackedMatrix(parts.Sum(p => p.Rows), stored.Columns, path, FormatOf(parts[0].Type));
            _groups.Add((row, matrix));
            row += matrix.N;
            Pack(pool, parts, matrix);
        }
    }

    /// <summary>C (M, N) = A (M, K) W^T, or C += that; the bits of the product with the expanded weight.</summary>
    public void Multiply(WorkerPool pool, int m, float* a, int lda, float* c, int ldc, bool accumulate)
    {
        foreach ((int first, PackedMatrix matrix) in _groups) Gemm.MultiplyPacked(pool, m, a, lda, matrix, c + first, ldc, accumulate);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, PackedMatrix matrix) in _groups) matrix.Dispose();
        _groups.Clear();
    }

    /// <summary>Neighbours of one format.</summary>
    private static IEnumerable<IGrouping<int, StoredRows>> Groups(IReadOnlyList<StoredRows> parts)
    {
        int group = 0;
        int[] groups = [.. parts.Select((p, i) => i > 0 && FormatOf(p.Type) != FormatOf(parts[i - 1].Type) ? ++group : group)];
        return parts.Select((part, i) => (Part: part, Group: groups[i])).GroupBy(p => p.Group, p => p.Part);
    }

    private static PackedFormat FormatOf(WeightType type) => type switch
    {
        WeightType.F16 => PackedFormat.F16,
        WeightType.BF16 => PackedFormat.BF16,
        WeightType.Q8_0 => PackedFormat.Q8,
        WeightType.Q4_K => PackedFormat.Q4,
        WeightType.Q6_K => PackedFormat.Q6,
        _ => PackedFormat.F32,
    };

    private static void Pack(WorkerPool pool, StoredRows[] parts, PackedMatrix matrix)
    {
        var rows = new StoredMatrix(parts);
        try
        {
            Parallel.For(0, matrix.Panels, new ParallelOptions { MaxDegreeOfParallelism = pool.Threads }, panel =>
            {
                byte* target = matrix.Panel(panel);
                int first = panel * matrix.Columns, count = Math.Min(matrix.Columns, matrix.N - first);
                if (count < matrix.Columns) new Span<byte>(target, checked((int)matrix.PanelBytes)).Clear();
                if (matrix.Format == PackedFormat.F32) PackFloats(rows, first, count, matrix.K, (float*)target, matrix.Columns);
                else
                    for (int c = 0; c < count; c++) PackColumn(rows, first + c, matrix, target, c);
            });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerException!);
        }

        foreach (StoredRows part in parts) part.Forget();
    }

    private static void PackFloats(StoredMatrix rows, int first, int count, int k, float* target, int width)
    {
        float[] values = ArrayPool<float>.Shared.Rent(count * k);
        for (int c = 0; c < count; c++) rows.Expand(first + c, values.AsSpan(c * k, k));
        fixed (float* source = values) new GemmOperand(source, k, 1).Pack(0, count, 0, k, target, width);
        ArrayPool<float>.Shared.Return(values);
    }

    /// <summary>Writes one row of the weight into its column of a panel, number for number.</summary>
    private static void PackColumn(StoredMatrix rows, int row, PackedMatrix matrix, byte* target, int column)
    {
        StoredRows part = rows.Part(ref row);
        byte* source = part.At(row);
        int columns = matrix.Columns, k = matrix.K;
        bool finite = matrix.Format switch
        {
            PackedFormat.Q8 => Q8(source, target, column, columns, k),
            PackedFormat.Q4 => Q4(source, target, column, columns, k),
            PackedFormat.Q6 => Q6(source, target, column, columns, k),
            _ => Halves((ushort*)source, (ushort*)target, column, columns, k, matrix.Format == PackedFormat.F16 ? HalfExponent : BrainExponent),
        };

        // Expanding the row names the number.
        if (!finite) part.Expand(row, new float[k]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Halves(ushort* source, ushort* target, int column, int columns, int k, int exponent)
    {
        bool finite = true;
        for (int i = 0; i < k; i++)
        {
            finite &= (source[i] & exponent) != exponent;
            target[(nint)i * columns + column] = source[i];
        }

        return finite;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Q8(byte* source, byte* target, int column, int columns, int k)
    {
        bool finite = true;
        for (; k > 0; k -= PackedMatrix.Block, source += Q8Blocks.Bytes, target += (nint)columns * Q8Blocks.Bytes)
        {
            ushort scale = *(ushort*)source;
            finite &= (scale & HalfExponent) != HalfExponent;
            ((ushort*)target)[column] = scale;
            byte* numbers = target + columns * sizeof(ushort) + column;
            for (int i = 0; i < PackedMatrix.Block; i++) numbers[i * columns] = source[sizeof(ushort) + i];
        }

        return finite;
    }

    private static bool Q4(byte* source, byte* target, int column, int columns, int k)
    {
        bool finite = true;
        for (; k > 0; k -= Q4Blocks.Elements, source += Q4Blocks.Bytes)
        {
            ReadOnlySpan<byte> block = new(source, Q4Blocks.Bytes);
            for (int first = 0; first < Q4Blocks.Elements; first += PackedMatrix.Block)
            {
                (float scale, float minimum) = Q4Blocks.ScaleOf(block, first / PackedMatrix.Block);
                finite &= float.IsFinite(scale) && float.IsFinite(minimum);
                ((float*)target)[column] = scale;
                ((float*)target)[columns + column] = minimum;
                target += 2 * columns * sizeof(float);
                for (int i = 0; i < PackedMatrix.Block / 2; i++, target += columns)
                    target[column] = (byte)(Q4Blocks.NumberAt(block, first + i) | Q4Blocks.NumberAt(block, first + i + PackedMatrix.Block / 2) << 4);
            }
        }

        return finite;
    }

    private static bool Q6(byte* source, byte* target, int column, int columns, int k)
    {
        bool finite = true;
        for (; k > 0; k -= Q6Blocks.Elements, source += Q6Blocks.Bytes)
        {
            ReadOnlySpan<byte> block = new(source, Q6Blocks.Bytes);
            for (int first = 0; first < Q6Blocks.Elements; first += PackedMatrix.Block)
            {
                for (int half = 0; half < 2; half++, target += columns * sizeof(float))
                {
                    float scale = Q6Blocks.ScaleOf(block, first / (PackedMatrix.Block / 2) + half);
                    finite &= float.IsFinite(scale);
                    ((float*)target)[column] = scale;
                }

                for (int i = 0; i < PackedMatrix.Block; i++, target += columns) target[column] = (byte)Q6Blocks.NumberAt(block, first + i);
            }
        }

        return finite;
    }
}
