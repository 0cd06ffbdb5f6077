using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reverie.Tensors.Kernels;

/// <summary>
/// Products of blocks that lie in the cache, as attention has them: C (M, N) = A B or C += A B, where element (m, k) of A is at
/// <c>a[m * row + k * step]</c> and B and C are row-major. Every element is one chain of fused multiply-adds over k in order, so
/// neither the tile nor the other rows change a bit.
/// </summary>
internal static unsafe class SmallProduct<TVector, TSimd>
    where TVector : unmanaged
    where TSimd : ISimd<TVector>
{
    /// <summary>C = A B, or += when <paramref name="accumulate"/>.</summary>
    public static void Multiply(int m, int n, int k, float* a, nint row, nint step, float* b, nint ldb, float* c, nint ldc, bool accumulate)
    {
        int j = 0;
        if (m < 4)
        {
            // Few rows are bound by memory: wide tiles read a row of B from end to end, and hide the latency of the additions.
            for (; j <= n - 8 * TSimd.Width; j += 8 * TSimd.Width)
                for (int i = 0; i < m; i++) Rows1Vectors8(k, a + i * row, step, b + j, ldb, c + i * ldc + j, accumulate);
            for (; j <= n - 4 * TSimd.Width; j += 4 * TSimd.Width)
                for (int i = 0; i < m; i++) Rows1Vectors4(k, a + i * row, step, b + j, ldb, c + i * ldc + j, accumulate);
        }
        else if (TSimd.HasManyRegisters)
            for (; j <= n - 4 * TSimd.Width; j += 4 * TSimd.Width)
            {
                int i = 0;
                for (; i <= m - 4; i += 4) Rows4Vectors4(k, a + i * row, row, step, b + j, ldb, c + i * ldc + j, ldc, accumulate);
                for (; i < m; i++) Rows1Vectors4(k, a + i * row, step, b + j, ldb, c + i * ldc + j, accumulate);
            }

        for (; j <= n - 2 * TSimd.Width; j += 2 * TSimd.Width)
        {
            int i = 0;
            for (; i <= m - 4; i += 4) Rows4Vectors2(k, a + i * row, row, step, b + j, ldb, c + i * ldc + j, ldc, accumulate);
            for (; i < m; i++) Rows1Vectors2(k, a + i * row, step, b + j, ldb, c + i * ldc + j, accumulate);
        }

        for (; j <= n - TSimd.Width; j += TSimd.Width)
        {
            int i = 0;
            for (; i <= m - 4; i += 4) Rows4Vectors1(k, a + i * row, row, step, b + j, ldb, c + i * ldc + j, ldc, accumulate);
            for (; i < m; i++) Rows1Vectors1(k, a + i * row, step, b + j, ldb, c + i * ldc + j, accumulate);
        }

        if (j == n) return;
        if (TSimd.Width == 16) SmallProduct<Vector256<float>, Simd256>.Multiply(m, n - j, k, a, row, step, b + j, ldb, c + j, ldc, accumulate);
        else if (TSimd.Width == 8) SmallProduct<Vector128<float>, Simd128>.Multiply(m, n - j, k, a, row, step, b + j, ldb, c + j, ldc, accumulate);
        else SmallProduct<float, Simd32>.Multiply(m, n - j, k, a, row, step, b + j, ldb, c + j, ldc, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4Vectors4(int k, float* a, nint row, nint step, float* b, nint ldb, float* c, nint ldc, bool accumulate)
    {
        int w = TSimd.Width;
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c02 = TSimd.Zero, c03 = TSimd.Zero;
        TVector c10 = TSimd.Zero, c11 = TSimd.Zero, c12 = TSimd.Zero, c13 = TSimd.Zero;
        TVector c20 = TSimd.Zero, c21 = TSimd.Zero, c22 = TSimd.Zero, c23 = TSimd.Zero;
        TVector c30 = TSimd.Zero, c31 = TSimd.Zero, c32 = TSimd.Zero, c33 = TSimd.Zero;
        float* d1 = c + ldc, d2 = d1 + ldc, d3 = d2 + ldc;
        if (accumulate)
        {
            (c00, c01, c02, c03) = (TSimd.Load(c), TSimd.Load(c + w), TSimd.Load(c + 2 * w), TSimd.Load(c + 3 * w));
            (c10, c11, c12, c13) = (TSimd.Load(d1), TSimd.Load(d1 + w), TSimd.Load(d1 + 2 * w), TSimd.Load(d1 + 3 * w));
            (c20, c21, c22, c23) = (TSimd.Load(d2), TSimd.Load(d2 + w), TSimd.Load(d2 + 2 * w), TSimd.Load(d2 + 3 * w));
            (c30, c31, c32, c33) = (TSimd.Load(d3), TSimd.Load(d3 + w), TSimd.Load(d3 + 2 * w), TSimd.Load(d3 + 3 * w));
        }

        float* a1 = a + row, a2 = a1 + row, a3 = a2 + row;
        for (nint at = 0; k > 0; k--, at += step, b += ldb)
        {
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + w), b2 = TSimd.Load(b + 2 * w), b3 = TSimd.Load(b + 3 * w);
            TVector x = TSimd.Broadcast(a[at]);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            c01 = TSimd.MultiplyAdd(x, b1, c01);
            c02 = TSimd.MultiplyAdd(x, b2, c02);
            c03 = TSimd.MultiplyAdd(x, b3, c03);
            x = TSimd.Broadcast(a1[at]);
            c10 = TSimd.MultiplyAdd(x, b0, c10);
            c11 = TSimd.MultiplyAdd(x, b1, c11);
            c12 = TSimd.MultiplyAdd(x, b2, c12);
            c13 = TSimd.MultiplyAdd(x, b3, c13);
            x = TSimd.Broadcast(a2[at]);
            c20 = TSimd.MultiplyAdd(x, b0, c20);
            c21 = TSimd.MultiplyAdd(x, b1, c21);
            c22 = TSimd.MultiplyAdd(x, b2, c22);
            c23 = TSimd.MultiplyAdd(x, b3, c23);
            x = TSimd.Broadcast(a3[at]);
            c30 = TSimd.MultiplyAdd(x, b0, c30);
            c31 = TSimd.MultiplyAdd(x, b1, c31);
            c32 = TSimd.MultiplyAdd(x, b2, c32);
            c33 = TSimd.MultiplyAdd(x, b3, c33);
        }

        Store4(c, c00, c01, c02, c03);
        Store4(d1, c10, c11, c12, c13);
        Store4(d2, c20, c21, c22, c23);
        Store4(d3, c30, c31, c32, c33);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4Vectors2(int k, float* a, nint row, nint step, float* b, nint ldb, float* c, nint ldc, bool accumulate)
    {
        int w = TSimd.Width;
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c10 = TSimd.Zero, c11 = TSimd.Zero;
        TVector c20 = TSimd.Zero, c21 = TSimd.Zero, c30 = TSimd.Zero, c31 = TSimd.Zero;
        float* d1 = c + ldc, d2 = d1 + ldc, d3 = d2 + ldc;
        if (accumulate)
        {
            (c00, c01, c10, c11) = (TSimd.Load(c), TSimd.Load(c + w), TSimd.Load(d1), TSimd.Load(d1 + w));
            (c20, c21, c30, c31) = (TSimd.Load(d2), TSimd.Load(d2 + w), TSimd.Load(d3), TSimd.Load(d3 + w));
        }

        float* a1 = a + row, a2 = a1 + row, a3 = a2 + row;
        for (nint at = 0; k > 0; k--, at += step, b += ldb)
        {
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + w);
            TVector x = TSimd.Broadcast(a[at]);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            c01 = TSimd.MultiplyAdd(x, b1, c01);
            x = TSimd.Broadcast(a1[at]);
            c10 = TSimd.MultiplyAdd(x, b0, c10);
            c11 = TSimd.MultiplyAdd(x, b1, c11);
            x = TSimd.Broadcast(a2[at]);
            c20 = TSimd.MultiplyAdd(x, b0, c20);
            c21 = TSimd.MultiplyAdd(x, b1, c21);
            x = TSimd.Broadcast(a3[at]);
            c30 = TSimd.MultiplyAdd(x, b0, c30);
            c31 = TSimd.MultiplyAdd(x, b1, c31);
        }

        Store2(c, c00, c01);
        Store2(d1, c10, c11);
        Store2(d2, c20, c21);
        Store2(d3, c30, c31);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4Vectors1(int k, float* a, nint row, nint step, float* b, nint ldb, float* c, nint ldc, bool accumulate)
    {
        TVector c0 = TSimd.Zero, c1 = TSimd.Zero, c2 = TSimd.Zero, c3 = TSimd.Zero;
        float* d1 = c + ldc, d2 = d1 + ldc, d3 = d2 + ldc;
        if (accumulate) (c0, c1, c2, c3) = (TSimd.Load(c), TSimd.Load(d1), TSimd.Load(d2), TSimd.Load(d3));
        float* a1 = a + row, a2 = a1 + row, a3 = a2 + row;
        for (nint at = 0; k > 0; k--, at += step, b += ldb)
        {
            TVector b0 = TSimd.Load(b);
            c0 = TSimd.MultiplyAdd(TSimd.Broadcast(a[at]), b0, c0);
            c1 = TSimd.MultiplyAdd(TSimd.Broadcast(a1[at]), b0, c1);
            c2 = TSimd.MultiplyAdd(TSimd.Broadcast(a2[at]), b0, c2);
            c3 = TSimd.MultiplyAdd(TSimd.Broadcast(a3[at]), b0, c3);
        }

        TSimd.Store(c, c0);
        TSimd.Store(d1, c1);
        TSimd.Store(d2, c2);
        TSimd.Store(d3, c3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows1Vectors8(int k, float* a, nint step, float* b, nint ldb, float* c, bool accumulate)
    {
        int w = TSimd.Width;
        TVector c0 = TSimd.Zero, c1 = TSimd.Zero, c2 = TSimd.Zero, c3 = TSimd.Zero, c4 = TSimd.Zero, c5 = TSimd.Zero, c6 = TSimd.Zero, c7 = TSimd.Zero;
        if (accumulate)
        {
            (c0, c1, c2, c3) = (TSimd.Load(c), TSimd.Load(c + w), TSimd.Load(c + 2 * w), TSimd.Load(c + 3 * w));
            (c4, c5, c6, c7) = (TSimd.Load(c + 4 * w), TSimd.Load(c + 5 * w), TSimd.Load(c + 6 * w), TSimd.Load(c + 7 * w));
        }

        for (; k > 0; k--, a += step, b += ldb)
        {
            TVector x = TSimd.Broadcast(*a);
            c0 = TSimd.MultiplyAdd(x, TSimd.Load(b), c0);
            c1 = TSimd.MultiplyAdd(x, TSimd.Load(b + w), c1);
            c2 = TSimd.MultiplyAdd(x, TSimd.Load(b + 2 * w), c2);
            c3 = TSimd.MultiplyAdd(x, TSimd.Load(b + 3 * w), c3);
            c4 = TSimd.MultiplyAdd(x, TSimd.Load(b + 4 * w), c4);
            c5 = TSimd.MultiplyAdd(x, TSimd.Load(b + 5 * w), c5);
            c6 = TSimd.MultiplyAdd(x, TSimd.Load(b + 6 * w), c6);
            c7 = TSimd.MultiplyAdd(x, TSimd.Load(b + 7 * w), c7);
        }

        Store4(c, c0, c1, c2, c3);
        Store4(c + 4 * w, c4, c5, c6, c7);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows1Vectors4(int k, float* a, nint step, float* b, nint ldb, float* c, bool accumulate)
    {
        int w = TSimd.Width;
        TVector c0 = TSimd.Zero, c1 = TSimd.Zero, c2 = TSimd.Zero, c3 = TSimd.Zero;
        if (accumulate) (c0, c1, c2, c3) = (TSimd.Load(c), TSimd.Load(c + w), TSimd.Load(c + 2 * w), TSimd.Load(c + 3 * w));
        for (; k > 0; k--, a += step, b += ldb)
        {
            TVector x = TSimd.Broadcast(*a);
            c0 = TSimd.MultiplyAdd(x, TSimd.Load(b), c0);
            c1 = TSimd.MultiplyAdd(x, TSimd.Load(b + w), c1);
            c2 = TSimd.MultiplyAdd(x, TSimd.Load(b + 2 * w), c2);
            c3 = TSimd.MultiplyAdd(x, TSimd.Load(b + 3 * w), c3);
        }

        Store4(c, c0, c1, c2, c3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows1Vectors2(int k, float* a, nint step, float* b, nint ldb, float* c, bool accumulate)
    {
        int w = TSimd.Width;
        TVector c0 = TSimd.Zero, c1 = TSimd.Zero;
        if (accumulate) (c0, c1) = (TSimd.Load(c), TSimd.Load(c + w));
        for (; k > 0; k--, a += step, b += ldb)
        {
            TVector x = TSimd.Broadcast(*a);
            c0 = TSimd.MultiplyAdd(x, TSimd.Load(b), c0);
            c1 = TSimd.MultiplyAdd(x, TSimd.Load(b + w), c1);
        }

        Store2(c, c0, c1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows1Vectors1(int k, float* a, nint step, float* b, nint ldb, float* c, bool accumulate)
    {
        TVector sum = accumulate ? TSimd.Load(c) : TSimd.Zero;
        for (; k > 0; k--, a += step, b += ldb) sum = TSimd.MultiplyAdd(TSimd.Broadcast(*a), TSimd.Load(b), sum);
        TSimd.Store(c, sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store4(float* c, TVector v0, TVector v1, TVector v2, TVector v3)
    {
        TSimd.Store(c, v0);
        TSimd.Store(c + TSimd.Width, v1);
        TSimd.Store(c + 2 * TSimd.Width, v2);
        TSimd.Store(c + 3 * TSimd.Width, v3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store2(float* c, TVector v0, TVector v1)
    {
        TSimd.Store(c, v0);
        TSimd.Store(c + TSimd.Width, v1);
    }
}
