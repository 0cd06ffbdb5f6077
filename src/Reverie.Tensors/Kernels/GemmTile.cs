using System.Runtime.CompilerServices;

namespace Reverie.Tensors.Kernels;

/// <summary>
/// The innermost tiles of the matrix product: a few rows of A against panels of B, the sums in registers all the way.
/// A is read where it lies: element (i, k) at <c>a[i * row + k * step]</c>, so one tile serves row-major, transposed and packed A.
/// A panel of B is packed (k, 2 vectors). C is (rows, 2 vectors a panel) with <c>ldc</c> floats from row to row.
/// Each element of C is one chain of fused multiply-adds over k in order, from zero or from what C holds: every tile gives the same bits.
/// </summary>
internal static unsafe class GemmTile<TVector, TSimd>
    where TVector : unmanaged
    where TSimd : ISimd<TVector>
{
    /// <summary>Rows of the tallest tile: 24 sums of 32 registers, or 12 of 16.</summary>
    public static int MaxRows => TSimd.HasManyRegisters ? 12 : 6;

    /// <summary>Columns of a panel.</summary>
    public static int Columns => 2 * TSimd.Width;

    /// <summary>Panels that <see cref="Thin"/> takes at once.</summary>
    public const int ThinPanels = 4;

    /// <summary>The most rows for <see cref="Thin"/>.</summary>
    public const int ThinRows = 2;

    /// <summary>The tallest tile that fits into <paramref name="rows"/> rows.</summary>
    public static int RowsOfTile(int rows) => rows >= MaxRows ? MaxRows : rows >= 8 ? 8 : rows >= 6 ? 6 : rows >= 4 ? 4 : rows >= 2 ? 2 : 1;

    /// <summary>One tile of <paramref name="rows"/> (as <see cref="RowsOfTile"/> gives) by one panel.</summary>
    public static void Multiply(int rows, float* a, nint row, nint step, float* b, float* c, nint ldc, nint k, bool accumulate)
    {
        switch (rows)
        {
            case 12: Rows12(a, row, step, b, c, ldc, k, accumulate); break;
            case 8: Rows8(a, row, step, b, c, ldc, k, accumulate); break;
            case 6: Rows6(a, row, step, b, c, ldc, k, accumulate); break;
            case 4: Rows4(a, row, step, b, c, ldc, k, accumulate); break;
            case 2: Rows2(a, row, step, b, c, ldc, k, accumulate); break;
            default: Rows1(a, step, b, c, k, accumulate); break;
        }
    }

    /// <summary>One or two rows by four panels that lie <paramref name="panel"/> floats apart.</summary>
    public static void Thin(int rows, float* a, nint row, nint step, float* b, nint panel, float* c, nint ldc, nint k, bool accumulate)
    {
        if (rows == 1)
        {
            Rows1Panels4(a, step, b, panel, c, k, accumulate);
            return;
        }

        Rows2Panels2(a, row, step, b, panel, c, ldc, k, accumulate);
        Rows2Panels2(a, row, step, b + 2 * panel, panel, c + 2 * Columns, ldc, k, accumulate);
    }

    /// <summary>12 rows of C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows12(float* a, nint row, nint step, float* b, float* c, nint ldc, nint k, bool accumulate)
    {
        int w = TSimd.Width;
        float* from = accumulate ? c : Gemm.Zeros;
        nint next = accumulate ? ldc : 0;
        TVector x0 = TSimd.Load(from), y0 = TSimd.Load(from + w); from += next;
        TVector x1 = TSimd.Load(from), y1 = TSimd.Load(from + w); from += next;
        TVector x2 = TSimd.Load(from), y2 = TSimd.Load(from + w); from += next;
        TVector x3 = TSimd.Load(from), y3 = TSimd.Load(from + w); from += next;
        TVector x4 = TSimd.Load(from), y4 = TSimd.Load(from + w); from += next;
        TVector x5 = TSimd.Load(from), y5 = TSimd.Load(from + w); from += next;
        TVector x6 = TSimd.Load(from), y6 = TSimd.Load(from + w); from += next;
        TVector x7 = TSimd.Load(from), y7 = TSimd.Load(from + w); from += next;
        TVector x8 = TSimd.Load(from), y8 = TSimd.Load(from + w); from += next;
        TVector x9 = TSimd.Load(from), y9 = TSimd.Load(from + w); from += next;
        TVector x10 = TSimd.Load(from), y10 = TSimd.Load(from + w); from += next;
        TVector x11 = TSimd.Load(from), y11 = TSimd.Load(from + w);
        float* a0 = a;
        float* a3 = a0 + 3 * row;
        float* a6 = a3 + 3 * row;
        float* a9 = a6 + 3 * row;
        nint row2 = 2 * row;
        for (; k > 0; k--, b += 2 * w)
        {
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + w), r;
            r = TSimd.Broadcast(*a0); x0 = TSimd.MultiplyAdd(r, b0, x0); y0 = TSimd.MultiplyAdd(r, b1, y0);
            r = TSimd.Broadcast(*(a0 + row)); x1 = TSimd.MultiplyAdd(r, b0, x1); y1 = TSimd.MultiplyAdd(r, b1, y1);
            r = TSimd.Broadcast(*(a0 + row2)); x2 = TSimd.MultiplyAdd(r, b0, x2); y2 = TSimd.MultiplyAdd(r, b1, y2);
            r = TSimd.Broadcast(*a3); x3 = TSimd.MultiplyAdd(r, b0, x3); y3 = TSimd.MultiplyAdd(r, b1, y3);
            r = TSimd.Broadcast(*(a3 + row)); x4 = TSimd.MultiplyAdd(r, b0, x4); y4 = TSimd.MultiplyAdd(r, b1, y4);
            r = TSimd.Broadcast(*(a3 + row2)); x5 = TSimd.MultiplyAdd(r, b0, x5); y5 = TSimd.MultiplyAdd(r, b1, y5);
            r = TSimd.Broadcast(*a6); x6 = TSimd.MultiplyAdd(r, b0, x6); y6 = TSimd.MultiplyAdd(r, b1, y6);
            r = TSimd.Broadcast(*(a6 + row)); x7 = TSimd.MultiplyAdd(r, b0, x7); y7 = TSimd.MultiplyAdd(r, b1, y7);
            r = TSimd.Broadcast(*(a6 + row2)); x8 = TSimd.MultiplyAdd(r, b0, x8); y8 = TSimd.MultiplyAdd(r, b1, y8);
            r = TSimd.Broadcast(*a9); x9 = TSimd.MultiplyAdd(r, b0, x9); y9 = TSimd.MultiplyAdd(r, b1, y9);
            r = TSimd.Broadcast(*(a9 + row)); x10 = TSimd.MultiplyAdd(r, b0, x10); y10 = TSimd.MultiplyAdd(r, b1, y10);
            r = TSimd.Broadcast(*(a9 + row2)); x11 = TSimd.MultiplyAdd(r, b0, x11); y11 = TSimd.MultiplyAdd(r, b1, y11);
            a0 += step; a3 += step; a6 += step; a9 += step;
        }

        TSimd.Store(c, x0); TSimd.Store(c + w, y0); c += ldc;
        TSimd.Store(c, x1); TSimd.Store(c + w, y1); c += ldc;
        TSimd.Store(c, x2); TSimd.Store(c + w, y2); c += ldc;
        TSimd.Store(c, x3); TSimd.Store(c + w, y3); c += ldc;
        TSimd.Store(c, x4); TSimd.Store(c + w, y4); c += ldc;
        TSimd.Store(c, x5); TSimd.Store(c + w, y5); c += ldc;
        TSimd.Store(c, x6); TSimd.Store(c + w, y6); c += ldc;
        TSimd.Store(c, x7); TSimd.Store(c + w, y7); c += ldc;
        TSimd.Store(c, x8); TSimd.Store(c + w, y8); c += ldc;
        TSimd.Store(c, x9); TSimd.Store(c + w, y9); c += ldc;
        TSimd.Store(c, x10); TSimd.Store(c + w, y10); c += ldc;
        TSimd.Store(c, x11); TSimd.Store(c + w, y11);
    }

    /// <summary>8 rows of C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows8(float* a, nint row, nint step, float* b, float* c, nint ldc, nint k, bool accumulate)
    {
        int w = TSimd.Width;
        float* from = accumulate ? c : Gemm.Zeros;
        nint next = accumulate ? ldc : 0;
        TVector x0 = TSimd.Load(from), y0 = TSimd.Load(from + w); from += next;
        TVector x1 = TSimd.Load(from), y1 = TSimd.Load(from + w); from += next;
        TVector x2 = TSimd.Load(from), y2 = TSimd.Load(from + w); from += next;
        TVector x3 = TSimd.Load(from), y3 = TSimd.Load(from + w); from += next;
        TVector x4 = TSimd.Load(from), y4 = TSimd.Load(from + w); from += next;
        TVector x5 = TSimd.Load(from), y5 = TSimd.Load(from + w); from += next;
        TVector x6 = TSimd.Load(from), y6 = TSimd.Load(from + w); from += next;
        TVector x7 = TSimd.Load(from), y7 = TSimd.Load(from + w);
        float* a0 = a;
        float* a3 = a0 + 3 * row;
        float* a6 = a3 + 3 * row;
        nint row2 = 2 * row;
        for (; k > 0; k--, b += 2 * w)
        {
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + w), r;
            r = TSimd.Broadcast(*a0); x0 = TSimd.MultiplyAdd(r, b0, x0); y0 = TSimd.MultiplyAdd(r, b1, y0);
            r = TSimd.Broadcast(*(a0 + row)); x1 = TSimd.MultiplyAdd(r, b0, x1); y1 = TSimd.MultiplyAdd(r, b1, y1);
            r = TSimd.Broadcast(*(a0 + row2)); x2 = TSimd.MultiplyAdd(r, b0, x2); y2 = TSimd.MultiplyAdd(r, b1, y2);
            r = TSimd.Broadcast(*a3); x3 = TSimd.MultiplyAdd(r, b0, x3); y3 = TSimd.MultiplyAdd(r, b1, y3);
            r = TSimd.Broadcast(*(a3 + row)); x4 = TSimd.MultiplyAdd(r, b0, x4); y4 = TSimd.MultiplyAdd(r, b1, y4);
            r = TSimd.Broadcast(*(a3 + row2)); x5 = TSimd.MultiplyAdd(r, b0, x5); y5 = TSimd.MultiplyAdd(r, b1, y5);
            r = TSimd.Broadcast(*a6); x6 = TSimd.MultiplyAdd(r, b0, x6); y6 = TSimd.MultiplyAdd(r, b1, y6);
            r = TSimd.Broadcast(*(a6 + row)); x7 = TSimd.MultiplyAdd(r, b0, x7); y7 = TSimd.MultiplyAdd(r, b1, y7);
            a0 += step; a3 += step; a6 += step;
        }

        TSimd.Store(c, x0); TSimd.Store(c + w, y0); c += ldc;
        TSimd.Store(c, x1); TSimd.Store(c + w, y1); c += ldc;
        TSimd.Store(c, x2); TSimd.Store(c + w, y2); c += ldc;
        TSimd.Store(c, x3); TSimd.Store(c + w, y3); c += ldc;
        TSimd.Store(c, x4); TSimd.Store(c + w, y4); c += ldc;
        TSimd.Store(c, x5); TSimd.Store(c + w, y5); c += ldc;
        TSimd.Store(c, x6); TSimd.Store(c + w, y6); c += ldc;
        TSimd.Store(c, x7); TSimd.Store(c + w, y7);
    }

    /// <summary>6 rows of C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows6(float* a, nint row, nint step, float* b, float* c, nint ldc, nint k, bool accumulate)
    {
        int w = TSimd.Width;
        float* from = accumulate ? c : Gemm.Zeros;
        nint next = accumulate ? ldc : 0;
        TVector x0 = TSimd.Load(from), y0 = TSimd.Load(from + w); from += next;
        TVector x1 = TSimd.Load(from), y1 = TSimd.Load(from + w); from += next;
        TVector x2 = TSimd.Load(from), y2 = TSimd.Load(from + w); from += next;
        TVector x3 = TSimd.Load(from), y3 = TSimd.Load(from + w); from += next;
        TVector x4 = TSimd.Load(from), y4 = TSimd.Load(from + w); from += next;
        TVector x5 = TSimd.Load(from), y5 = TSimd.Load(from + w);
        float* a0 = a;
        float* a3 = a0 + 3 * row;
        nint row2 = 2 * row;
        for (; k > 0; k--, b += 2 * w)
        {
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + w), r;
            r = TSimd.Broadcast(*a0); x0 = TSimd.MultiplyAdd(r, b0, x0); y0 = TSimd.MultiplyAdd(r, b1, y0);
            r = TSimd.Broadcast(*(a0 + row)); x1 = TSimd.MultiplyAdd(r, b0, x1); y1 = TSimd.MultiplyAdd(r, b1, y1);
            r = TSimd.Broadcast(*(a0 + row2)); x2 = TSimd.MultiplyAdd(r, b0, x2); y2 = TSimd.MultiplyAdd(r, b1, y2);
            r = TSimd.Broadcast(*a3); x3 = TSimd.MultiplyAdd(r, b0, x3); y3 = TSimd.MultiplyAdd(r, b1, y3);
            r = TSimd.Broadcast(*(a3 + row)); x4 = TSimd.MultiplyAdd(r, b0, x4); y4 = TSimd.MultiplyAdd(r, b1, y4);
            r = TSimd.Broadcast(*(a3 + row2)); x5 = TSimd.MultiplyAdd(r, b0, x5); y5 = TSimd.MultiplyAdd(r, b1, y5);
            a0 += step; a3 += step;
        }

        TSimd.Store(c, x0); TSimd.Store(c + w, y0); c += ldc;
        TSimd.Store(c, x1); TSimd.Store(c + w, y1); c += ldc;
        TSimd.Store(c, x2); TSimd.Store(c + w, y2); c += ldc;
        TSimd.Store(c, x3); TSimd.Store(c + w, y3); c += ldc;
        TSimd.Store(c, x4); TSimd.Store(c + w, y4); c += ldc;
        TSimd.Store(c, x5); TSimd.Store(c + w, y5);
    }

    /// <summary>4 rows of C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4(float* a, nint row, nint step, float* b, float* c, nint ldc, nint k, bool accumulate)
    {
        int w = TSimd.Width;
        float* from = accumulate ? c : Gemm.Zeros;
        nint next = accumulate ? ldc : 0;
        TVector x0 = TSimd.Load(from), y0 = TSimd.Load(from + w); from += next;
        TVector x1 = TSimd.Load(from), y1 = TSimd.Load(from + w); from += next;
        TVector x2 = TSimd.Load(from), y2 = TSimd.Load(from + w); from += next;
        TVector x3 = TSimd.Load(from), y3 = TSimd.Load(from + w);
        float* a0 = a;
        float* a3 = a0 + 3 * row;
        nint row2 = 2 * row;
        for (; k > 0; k--, b += 2 * w)
        {
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + w), r;
            r = TSimd.Broadcast(*a0); x0 = TSimd.MultiplyAdd(r, b0, x0); y0 = TSimd.MultiplyAdd(r, b1, y0);
            r = TSimd.Broadcast(*(a0 + row)); x1 = TSimd.MultiplyAdd(r, b0, x1); y1 = TSimd.MultiplyAdd(r, b1, y1);
            r = TSimd.Broadcast(*(a0 + row2)); x2 = TSimd.MultiplyAdd(r, b0, x2); y2 = TSimd.MultiplyAdd(r, b1, y2);
            r = TSimd.Broadcast(*a3); x3 = TSimd.MultiplyAdd(r, b0, x3); y3 = TSimd.MultiplyAdd(r, b1, y3);
            a0 += step; a3 += step;
        }

        TSimd.Store(c, x0); TSimd.Store(c + w, y0); c += ldc;
        TSimd.Store(c, x1); TSimd.Store(c + w, y1); c += ldc;
        TSimd.Store(c, x2); TSimd.Store(c + w, y2); c += ldc;
        TSimd.Store(c, x3); TSimd.Store(c + w, y3);
    }

    /// <summary>2 rows of C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows2(float* a, nint row, nint step, float* b, float* c, nint ldc, nint k, bool accumulate)
    {
        int w = TSimd.Width;
        float* from = accumulate ? c : Gemm.Zeros;
        nint next = accumulate ? ldc : 0;
        TVector x0 = TSimd.Load(from), y0 = TSimd.Load(from + w); from += next;
        TVector x1 = TSimd.Load(from), y1 = TSimd.Load(from + w);
        float* a0 = a;
        for (; k > 0; k--, b += 2 * w)
        {
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + w), r;
            r = TSimd.Broadcast(*a0); x0 = TSimd.MultiplyAdd(r, b0, x0); y0 = TSimd.MultiplyAdd(r, b1, y0);
            r = TSimd.Broadcast(*(a0 + row)); x1 = TSimd.MultiplyAdd(r, b0, x1); y1 = TSimd.MultiplyAdd(r, b1, y1);
            a0 += step;
        }

        TSimd.Store(c, x0); TSimd.Store(c + w, y0); c += ldc;
        TSimd.Store(c, x1); TSimd.Store(c + w, y1);
    }

    /// <summary>1 row of C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows1(float* a, nint step, float* b, float* c, nint k, bool accumulate)
    {
        int w = TSimd.Width;
        float* from = accumulate ? c : Gemm.Zeros;
        TVector x0 = TSimd.Load(from), y0 = TSimd.Load(from + w);
        float* a0 = a;
        for (; k > 0; k--, b += 2 * w)
        {
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + w), r;
            r = TSimd.Broadcast(*a0); x0 = TSimd.MultiplyAdd(r, b0, x0); y0 = TSimd.MultiplyAdd(r, b1, y0);
            a0 += step;
        }

        TSimd.Store(c, x0); TSimd.Store(c + w, y0);
    }

    /// <summary>1 row of C over 4 panels of B, <paramref name="panel"/> floats apart: enough chains to hide the latency of the multiply-add.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows1Panels4(float* a, nint step, float* b, nint panel, float* c, nint k, bool accumulate)
    {
        int w = TSimd.Width;
        float* from = accumulate ? c : Gemm.Zeros;
        nint side = accumulate ? w : 0;
        TVector x0 = TSimd.Load(from), x1 = TSimd.Load(from + 1 * side), x2 = TSimd.Load(from + 2 * side), x3 = TSimd.Load(from + 3 * side), x4 = TSimd.Load(from + 4 * side), x5 = TSimd.Load(from + 5 * side), x6 = TSimd.Load(from + 6 * side), x7 = TSimd.Load(from + 7 * side);
        float* b0 = b, b1 = b + 1 * panel, b2 = b + 2 * panel, b3 = b + 3 * panel;
        for (; k > 0; k--, a += step)
        {
            TVector r0 = TSimd.Broadcast(*a), v;
            v = TSimd.Load(b0); x0 = TSimd.MultiplyAdd(r0, v, x0);
            v = TSimd.Load(b0 + w); x1 = TSimd.MultiplyAdd(r0, v, x1);
            v = TSimd.Load(b1); x2 = TSimd.MultiplyAdd(r0, v, x2);
            v = TSimd.Load(b1 + w); x3 = TSimd.MultiplyAdd(r0, v, x3);
            v = TSimd.Load(b2); x4 = TSimd.MultiplyAdd(r0, v, x4);
            v = TSimd.Load(b2 + w); x5 = TSimd.MultiplyAdd(r0, v, x5);
            v = TSimd.Load(b3); x6 = TSimd.MultiplyAdd(r0, v, x6);
            v = TSimd.Load(b3 + w); x7 = TSimd.MultiplyAdd(r0, v, x7);
            b0 += 2 * w; b1 += 2 * w; b2 += 2 * w; b3 += 2 * w;
        }

        TSimd.Store(c, x0); TSimd.Store(c + 1 * w, x1); TSimd.Store(c + 2 * w, x2); TSimd.Store(c + 3 * w, x3); TSimd.Store(c + 4 * w, x4); TSimd.Store(c + 5 * w, x5); TSimd.Store(c + 6 * w, x6); TSimd.Store(c + 7 * w, x7);
    }

    /// <summary>2 rows of C over 2 panels of B, <paramref name="panel"/> floats apart: enough chains to hide the latency of the multiply-add.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows2Panels2(float* a, nint row, nint step, float* b, nint panel, float* c, nint ldc, nint k, bool accumulate)
    {
        int w = TSimd.Width;
        float* from = accumulate ? c : Gemm.Zeros;
        nint next = accumulate ? ldc : 0, side = accumulate ? w : 0;
        TVector x0 = TSimd.Load(from), x1 = TSimd.Load(from + 1 * side), x2 = TSimd.Load(from + 2 * side), x3 = TSimd.Load(from + 3 * side); from += next;
        TVector y0 = TSimd.Load(from), y1 = TSimd.Load(from + 1 * side), y2 = TSimd.Load(from + 2 * side), y3 = TSimd.Load(from + 3 * side);
        float* b0 = b, b1 = b + 1 * panel;
        for (; k > 0; k--, a += step)
        {
            TVector r0 = TSimd.Broadcast(*a), r1 = TSimd.Broadcast(*(a + row)), v;
            v = TSimd.Load(b0); x0 = TSimd.MultiplyAdd(r0, v, x0); y0 = TSimd.MultiplyAdd(r1, v, y0);
            v = TSimd.Load(b0 + w); x1 = TSimd.MultiplyAdd(r0, v, x1); y1 = TSimd.MultiplyAdd(r1, v, y1);
            v = TSimd.Load(b1); x2 = TSimd.MultiplyAdd(r0, v, x2); y2 = TSimd.MultiplyAdd(r1, v, y2);
            v = TSimd.Load(b1 + w); x3 = TSimd.MultiplyAdd(r0, v, x3); y3 = TSimd.MultiplyAdd(r1, v, y3);
            b0 += 2 * w; b1 += 2 * w;
        }

        TSimd.Store(c, x0); TSimd.Store(c + 1 * w, x1); TSimd.Store(c + 2 * w, x2); TSimd.Store(c + 3 * w, x3); c += ldc;
        TSimd.Store(c, y0); TSimd.Store(c + 1 * w, y1); TSimd.Store(c + 2 * w, y2); TSimd.Store(c + 3 * w, y3);
    }
}
