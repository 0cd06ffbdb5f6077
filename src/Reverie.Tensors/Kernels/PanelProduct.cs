using System.Runtime.CompilerServices;

namespace Reverie.Tensors.Kernels;

/// <summary>
/// One row of A by four panels of a <see cref="PackedMatrix"/> that is not float32, which is what decoding does all day: the numbers are
/// expanded in registers on their way into the sums, with the bits of <see cref="PanelExpansion{TVector, TSimd}"/>.
/// </summary>
internal static unsafe class PanelProduct<TVector, TSimd>
    where TVector : unmanaged
    where TSimd : ISimd<TVector>
{
    /// <summary>Panels in a product.</summary>
    public const int Panels = 4;

    /// <summary>Whether there is a product of that format.</summary>
    public static bool Takes(PackedFormat format) => format is PackedFormat.Q8 or PackedFormat.BF16 or PackedFormat.F16;

    /// <summary>C (1, panels) = A B, or += when <paramref name="accumulate"/>.</summary>
    public static void Multiply(PackedFormat format, float* a, byte* source, nint panelBytes, float* c, int k, bool accumulate)
    {
        switch (format)
        {
            case PackedFormat.Q8:
                Q8(a, source, source + panelBytes, c, k, accumulate);
                Q8(a, source + 2 * panelBytes, source + 3 * panelBytes, c + 4 * TSimd.Width, k, accumulate);
                break;
            case PackedFormat.BF16: Brain(a, source, panelBytes, c, k, accumulate); break;
            default: Half(a, source, panelBytes, c, k, accumulate); break;
        }
    }

    /// <summary>Two panels: with their scales they fill sixteen registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Q8(float* a, byte* first, byte* second, float* c, int k, bool accumulate)
    {
        int w = TSimd.Width;
        TVector c0 = TSimd.Zero, c1 = TSimd.Zero, c2 = TSimd.Zero, c3 = TSimd.Zero;
        if (accumulate) (c0, c1, c2, c3) = (TSimd.Load(c), TSimd.Load(c + w), TSimd.Load(c + 2 * w), TSimd.Load(c + 3 * w));
        for (; k > 0; k -= PackedMatrix.Block)
        {
            TVector s0 = TSimd.WidenHalf((ushort*)first), s1 = TSimd.WidenHalf((ushort*)first + w);
            TVector s2 = TSimd.WidenHalf((ushort*)second), s3 = TSimd.WidenHalf((ushort*)second + w);
            first += 4 * w;
            second += 4 * w;
            for (float* end = a + PackedMatrix.Block; a < end; a++, first += 2 * w, second += 2 * w)
            {
                TVector x = TSimd.Broadcast(*a);
                c0 = TSimd.MultiplyAdd(x, TSimd.Multiply(TSimd.WidenBytes((sbyte*)first), s0), c0);
                c1 = TSimd.MultiplyAdd(x, TSimd.Multiply(TSimd.WidenBytes((sbyte*)first + w), s1), c1);
                c2 = TSimd.MultiplyAdd(x, TSimd.Multiply(TSimd.WidenBytes((sbyte*)second), s2), c2);
                c3 = TSimd.MultiplyAdd(x, TSimd.Multiply(TSimd.WidenBytes((sbyte*)second + w), s3), c3);
            }
        }

        Store(c, c0, c1, c2, c3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Brain(float* a, byte* source, nint panelBytes, float* c, int k, bool accumulate)
    {
        int w = TSimd.Width;
        TVector c0 = TSimd.Zero, c1 = TSimd.Zero, c2 = TSimd.Zero, c3 = TSimd.Zero, c4 = TSimd.Zero, c5 = TSimd.Zero, c6 = TSimd.Zero, c7 = TSimd.Zero;
        if (accumulate)
        {
            (c0, c1, c2, c3) = (TSimd.Load(c), TSimd.Load(c + w), TSimd.Load(c + 2 * w), TSimd.Load(c + 3 * w));
            (c4, c5, c6, c7) = (TSimd.Load(c + 4 * w), TSimd.Load(c + 5 * w), TSimd.Load(c + 6 * w), TSimd.Load(c + 7 * w));
        }

        ushort* p0 = (ushort*)source, p1 = (ushort*)(source + panelBytes), p2 = (ushort*)(source + 2 * panelBytes), p3 = (ushort*)(source + 3 * panelBytes);
        for (float* end = a + k; a < end; a++, p0 += 2 * w, p1 += 2 * w, p2 += 2 * w, p3 += 2 * w)
        {
            TVector x = TSimd.Broadcast(*a);
            c0 = TSimd.MultiplyAdd(x, TSimd.WidenBrain(p0), c0);
            c1 = TSimd.MultiplyAdd(x, TSimd.WidenBrain(p0 + w), c1);
            c2 = TSimd.MultiplyAdd(x, TSimd.WidenBrain(p1), c2);
            c3 = TSimd.MultiplyAdd(x, TSimd.WidenBrain(p1 + w), c3);
            c4 = TSimd.MultiplyAdd(x, TSimd.WidenBrain(p2), c4);
            c5 = TSimd.MultiplyAdd(x, TSimd.WidenBrain(p2 + w), c5);
            c6 = TSimd.MultiplyAdd(x, TSimd.WidenBrain(p3), c6);
            c7 = TSimd.MultiplyAdd(x, TSimd.WidenBrain(p3 + w), c7);
        }

        Store(c, c0, c1, c2, c3);
        Store(c + 4 * w, c4, c5, c6, c7);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Half(float* a, byte* source, nint panelBytes, float* c, int k, bool accumulate)
    {
        int w = TSimd.Width;
        for (int panel = 0; panel < Panels; panel++, source += panelBytes, c += 2 * w)
        {
            TVector c0 = TSimd.Zero, c1 = TSimd.Zero;
            if (accumulate) (c0, c1) = (TSimd.Load(c), TSimd.Load(c + w));
            var p = (ushort*)source;
            for (int i = 0; i < k; i++, p += 2 * w)
            {
                TVector x = TSimd.Broadcast(a[i]);
                c0 = TSimd.MultiplyAdd(x, TSimd.WidenHalf(p), c0);
                c1 = TSimd.MultiplyAdd(x, TSimd.WidenHalf(p + w), c1);
            }

            TSimd.Store(c, c0);
            TSimd.Store(c + w, c1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* c, TVector v0, TVector v1, TVector v2, TVector v3)
    {
        TSimd.Store(c, v0);
        TSimd.Store(c + TSimd.Width, v1);
        TSimd.Store(c + 2 * TSimd.Width, v2);
        TSimd.Store(c + 3 * TSimd.Width, v3);
    }
}
