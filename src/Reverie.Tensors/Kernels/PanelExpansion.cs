using System.Runtime.CompilerServices;

namespace Reverie.Tensors.Kernels;

/// <summary>Panels of a <see cref="PackedMatrix"/> as floats, for a tile to work on: each number is what <see cref="WeightFormat.Expand"/> makes of it.</summary>
internal static unsafe class PanelExpansion<TVector, TSimd>
    where TVector : unmanaged
    where TSimd : ISimd<TVector>
{
    /// <summary>Rows [k, k + depth) of some panels, each (depth, columns), one after the other.</summary>
    public static void Expand(PackedFormat format, byte* source, nint panelBytes, int panels, int depth, float* target)
    {
        nint floats = (nint)depth * GemmTile<TVector, TSimd>.Columns;
        for (int panel = 0; panel < panels; panel++, source += panelBytes, target += floats)
            switch (format)
            {
                case PackedFormat.Q8: Q8(source, depth, target); break;
                case PackedFormat.Q4: Q4(source, depth, target); break;
                case PackedFormat.Q6: Q6(source, depth, target); break;
                case PackedFormat.BF16: Brain((ushort*)source, floats, target); break;
                case PackedFormat.F16: Half((ushort*)source, floats, target); break;
                default: throw new NotSupportedException($"{format} needs no expansion.");
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Q8(byte* source, int depth, float* target)
    {
        int w = TSimd.Width;
        for (; depth > 0; depth -= PackedMatrix.Block)
        {
            TVector s0 = TSimd.WidenHalf((ushort*)source), s1 = TSimd.WidenHalf((ushort*)source + w);
            var numbers = (sbyte*)(source + 2 * w * sizeof(ushort));
            for (int k = 0; k < PackedMatrix.Block; k += 2, numbers += 4 * w, target += 4 * w)
            {
                TSimd.Store(target, TSimd.Multiply(TSimd.WidenBytes(numbers), s0));
                TSimd.Store(target + w, TSimd.Multiply(TSimd.WidenBytes(numbers + w), s1));
                TSimd.Store(target + 2 * w, TSimd.Multiply(TSimd.WidenBytes(numbers + 2 * w), s0));
                TSimd.Store(target + 3 * w, TSimd.Multiply(TSimd.WidenBytes(numbers + 3 * w), s1));
            }

            source = (byte*)numbers;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Q4(byte* source, int depth, float* target)
    {
        int w = TSimd.Width;
        for (; depth > 0; depth -= PackedMatrix.Block, target += PackedMatrix.Block * 2 * w)
        {
            var scales = (float*)source;
            TVector s0 = TSimd.Load(scales), s1 = TSimd.Load(scales + w), m0 = TSimd.Load(scales + 2 * w), m1 = TSimd.Load(scales + 3 * w);
            byte* numbers = source + 4 * w * sizeof(float);
            float* low = target, high = target + PackedMatrix.Block / 2 * 2 * w;
            for (int k = 0; k < PackedMatrix.Block / 2; k++, numbers += 2 * w, low += 2 * w, high += 2 * w)
            {
                TSimd.Store(low, TSimd.Subtract(TSimd.Multiply(TSimd.WidenLowBits(numbers), s0), m0));
                TSimd.Store(low + w, TSimd.Subtract(TSimd.Multiply(TSimd.WidenLowBits(numbers + w), s1), m1));
                TSimd.Store(high, TSimd.Subtract(TSimd.Multiply(TSimd.WidenHighBits(numbers), s0), m0));
                TSimd.Store(high + w, TSimd.Subtract(TSimd.Multiply(TSimd.WidenHighBits(numbers + w), s1), m1));
            }

            source = numbers;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Q6(byte* source, int depth, float* target)
    {
        int w = TSimd.Width;
        for (; depth > 0; depth -= PackedMatrix.Block)
        {
            var scales = (float*)source;
            var numbers = (sbyte*)(source + 4 * w * sizeof(float));
            for (int half = 0; half < 2; half++, scales += 2 * w)
            {
                TVector s0 = TSimd.Load(scales), s1 = TSimd.Load(scales + w);
                for (int k = 0; k < PackedMatrix.Block / 2; k++, numbers += 2 * w, target += 2 * w)
                {
                    TSimd.Store(target, TSimd.Multiply(TSimd.WidenBytes(numbers), s0));
                    TSimd.Store(target + w, TSimd.Multiply(TSimd.WidenBytes(numbers + w), s1));
                }
            }

            source = (byte*)numbers;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Brain(ushort* source, nint count, float* target)
    {
        for (nint i = 0; i < count; i += 2 * TSimd.Width)
        {
            TSimd.Store(target + i, TSimd.WidenBrain(source + i));
            TSimd.Store(target + i + TSimd.Width, TSimd.WidenBrain(source + i + TSimd.Width));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Half(ushort* source, nint count, float* target)
    {
        for (nint i = 0; i < count; i += 2 * TSimd.Width)
        {
            TSimd.Store(target + i, TSimd.WidenHalf(source + i));
            TSimd.Store(target + i + TSimd.Width, TSimd.WidenHalf(source + i + TSimd.Width));
        }
    }
}
