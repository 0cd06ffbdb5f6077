using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Reverie.Tensors.Kernels;

/// <summary>Rows of a stored weight as floats: what <see cref="StoredRows.Expand"/> gives, some numbers at a time.</summary>
internal readonly unsafe struct RowExpansion(GCHandle weight, int first, int count, int rows, float* target) : IVectorJob
{
    /// <summary>Expands the piece's rows. <paramref name="index"/> counts pieces of <c>rows</c>.</summary>
    /// <exception cref="ReverieException">A number is NaN or infinite.</exception>
    public void Execute<TVector, TSimd>(int index) where TVector : unmanaged where TSimd : ISimd<TVector>
    {
        var stored = (StoredMatrix)weight.Target!;
        for (int i = index * rows, end = Math.Min(i + rows, count); i < end; i++)
        {
            int row = first + i, columns = stored.Columns;
            StoredRows part = stored.Part(ref row);
            float* to = target + (nint)i * columns;
            byte* from = part.At(row);
            int done = part.Type switch
            {
                WeightType.Q8_0 => Q8<TVector, TSimd>(from, to, columns),
                WeightType.BF16 => Brain<TVector, TSimd>((ushort*)from, to, columns),
                _ => 0,
            };
            if (done < columns || !IsFinite<TVector, TSimd>(to, columns)) part.Expand(row, new Span<float>(to, columns));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Q8<TVector, TSimd>(byte* from, float* to, int columns) where TVector : unmanaged where TSimd : ISimd<TVector>
    {
        for (int i = 0; i < columns; i += Q8Blocks.Elements, from += Q8Blocks.Bytes)
        {
            TVector scale = TSimd.Broadcast((float)*(Half*)from);
            for (int k = 0; k < Q8Blocks.Elements; k += TSimd.Width) TSimd.Store(to + i + k, TSimd.Multiply(TSimd.WidenBytes((sbyte*)from + sizeof(Half) + k), scale));
        }

        return columns;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Brain<TVector, TSimd>(ushort* from, float* to, int columns) where TVector : unmanaged where TSimd : ISimd<TVector>
    {
        if (columns % TSimd.Width != 0) return 0;
        for (int i = 0; i < columns; i += TSimd.Width) TSimd.Store(to + i, TSimd.WidenBrain(from + i));
        return columns;
    }

    /// <summary>A sum of x - x is NaN where one is infinite or NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool IsFinite<TVector, TSimd>(float* x, int count) where TVector : unmanaged where TSimd : ISimd<TVector>
    {
        TVector sum = TSimd.Zero;
        int i = 0;
        for (; i <= count - TSimd.Width; i += TSimd.Width) sum = TSimd.Add(sum, TSimd.Subtract(TSimd.Load(x + i), TSimd.Load(x + i)));
        float rest = TSimd.Sum(sum);
        for (; i < count; i++) rest += x[i] - x[i];
        return rest == 0;
    }
}
