using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Reverie.Tensors.Kernels;

/// <summary>
/// The matrix product of float32. Every element of C is one chain of fused multiply-adds over k = 0..K-1 in order, starting from zero
/// or from what C holds. Tiles, threads and vector widths only choose which elements are made together,
/// so a row alone, a row in a batch, 1 or 16 threads, packed or not: always the same bits.
/// </summary>
internal static unsafe class Gemm
{
    /// <summary>Where the sums of a product that does not accumulate start: loading zeros needs no branch in the tiles.</summary>
    internal static readonly float* Zeros = AllocateZeros();

    /// <summary>
    /// C (M, N) = op(A) (M, K) * op(B) (K, N), or C += that when <paramref name="accumulate"/>. All matrices are row-major with
    /// <c>ld</c> floats from row to row; A is stored (K, M) when <paramref name="transposeA"/>, B is stored (N, K) when <paramref name="transposeB"/>.
    /// C overlaps neither A nor B. With K = 0 the product is zero.
    /// </summary>
    public static void Multiply(
        WorkerPool pool, bool transposeA, bool transposeB, int m, int n, int k,
        float* a, int lda, float* b, int ldb, float* c, int ldc, bool accumulate) =>
        Multiply(SimdSupport.Best, pool, transposeA, transposeB, m, n, k, a, lda, b, ldb, c, ldc, accumulate);

    /// <summary>The same on a chosen path.</summary>
    internal static void Multiply(
        SimdPath path, WorkerPool pool, bool transposeA, bool transposeB, int m, int n, int k,
        float* a, int lda, float* b, int ldb, float* c, int ldc, bool accumulate)
    {
        if (m == 0 || n == 0) return;
        if (k == 0)
        {
            if (!accumulate) Clear(m, n, c, ldc);
            return;
        }

        var left = new GemmOperand(a, transposeA ? 1 : lda, transposeA ? lda : 1);
        var right = new GemmOperand(b, transposeB ? ldb : 1, transposeB ? 1 : ldb);
        switch (path)
        {
            case SimdPath.Vector512: GemmBlocked<Vector512<float>, Simd512>.Multiply(pool, m, n, k, left, right, c, ldc, accumulate); break;
            case SimdPath.Vector256: GemmBlocked<Vector256<float>, Simd256>.Multiply(pool, m, n, k, left, right, c, ldc, accumulate); break;
            case SimdPath.Vector128: GemmBlocked<Vector128<float>, Simd128>.Multiply(pool, m, n, k, left, right, c, ldc, accumulate); break;
            default: GemmBlocked<float, Simd32>.Multiply(pool, m, n, k, left, right, c, ldc, accumulate); break;
        }
    }

    /// <summary>
    /// C (M, N) = A (M, K) * W^T, or C += that when <paramref name="accumulate"/>, for a weight W (N, K) packed beforehand:
    /// the bits of the product with the unpacked weight, without the cost of packing it. N and K are the weight's.
    /// </summary>
    public static void MultiplyPacked(WorkerPool pool, int m, float* a, int lda, PackedMatrix weight, float* c, int ldc, bool accumulate)
    {
        if (m == 0 || weight.N == 0) return;
        if (weight.K == 0)
        {
            if (!accumulate) Clear(m, weight.N, c, ldc);
            return;
        }

        var left = new GemmOperand(a, lda, 1);
        switch (weight.Path)
        {
            case SimdPath.Vector512: GemmBlocked<Vector512<float>, Simd512>.MultiplyPacked(pool, m, left, weight, c, ldc, accumulate); break;
            case SimdPath.Vector256: GemmBlocked<Vector256<float>, Simd256>.MultiplyPacked(pool, m, left, weight, c, ldc, accumulate); break;
            case SimdPath.Vector128: GemmBlocked<Vector128<float>, Simd128>.MultiplyPacked(pool, m, left, weight, c, ldc, accumulate); break;
            default: GemmBlocked<float, Simd32>.MultiplyPacked(pool, m, left, weight, c, ldc, accumulate); break;
        }
    }

    private static void Clear(int m, int n, float* c, int ldc)
    {
        for (int i = 0; i < m; i++) new Span<float>(c + (nint)i * ldc, n).Clear();
    }

    private static float* AllocateZeros()
    {
        var zeros = (float*)NativeMemory.AlignedAlloc(256, 64);
        NativeMemory.Clear(zeros, 256);
        return zeros;
    }
}
