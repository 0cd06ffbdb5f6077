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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackColumn(StoredMatrix rows, int row, PackedMatrix matrix, byte* target, int column)
    {
        int inPart = row, columns = matrix.Columns, k = matrix.K;
        StoredRows part = rows.Part(ref inPart);
        byte* source = part.At(inPart);
        bool finite = true;
        if (matrix.Format == PackedFormat.Q8)
        {
            for (int block = 0; block < k; block += PackedMatrix.Block, source += Q8Blocks.Bytes, target += (nint)columns * Q8Blocks.Bytes)
            {
                ushort scale = *(ushort*)source;
                finite &= (scale & HalfExponent) != HalfExponent;
                ((ushort*)target)[column] = scale;
                byte* numbers = target + columns * sizeof(ushort) + column;
                for (int i = 0; i < PackedMatrix.Block; i++) numbers[i * columns] = source[sizeof(ushort) + i];
            }
        }
        else
        {
            int exponent = matrix.Format == PackedFormat.F16 ? HalfExponent : BrainExponent;
            var from = (ushort*)source;
            ushort* to = (ushort*)target + column;
            for (int i = 0; i < k; i++)
            {
                finite &= (from[i] & exponent) != exponent;
                to[(nint)i * columns] = from[i];
            }
        }

        // Expanding the row names the number.
        if (!finite) part.Expand(inPart, new float[k]);
    }
}
