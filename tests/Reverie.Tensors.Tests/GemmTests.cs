using CsCheck;
using Reverie.Tensors.Kernels;

namespace Reverie.Tensors.Tests;

public unsafe class GemmTests
{
    private static readonly int[] Edges = [1, 2, 3, 5, 7, 8, 11, 12, 13, 15, 16, 17, 23, 31, 32, 33, 47, 63, 64, 65, 97, 127, 129];

    private static readonly Gen<int> Size = Gen.Frequency((3, Gen.OneOf(Edges)), (1, Gen.Int[1, 140]));

    private static readonly Gen<int> Depth = Gen.Frequency((4, Gen.OneOf(Edges)), (1, Gen.Const(0)), (2, Gen.OneOf(255, 256, 257, 511, 512, 600)));

    private static readonly Gen<Problem> Problems =
        from sizes in Gen.Select(Size, Size, Depth)
        from strides in Gen.Select(Gen.Int[0, 9], Gen.Int[0, 9], Gen.Int[0, 9])
        from flags in Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool)
        from seed in Gen.ULong
        select new Problem(sizes.Item1, sizes.Item2, sizes.Item3, strides.Item1, strides.Item2, strides.Item3, flags.Item1, flags.Item2, flags.Item3, seed);

    public static TheoryData<string> Paths => [.. SimdSupport.Available.Select(path => path.ToString())];

    [Theory]
    [MemberData(nameof(Paths))]
    public void Every_element_is_one_chain_of_fused_multiply_adds(string pathName)
    {
        SimdPath path = Enum.Parse<SimdPath>(pathName);
        using var one = new WorkerPool(1);
        using var two = new WorkerPool(2);
        using var three = new WorkerPool(3);
        Problems.Sample(
            problem =>
            {
                float[] expected = problem.Chain();
                problem.CheckAgainstDouble(expected);
                foreach (WorkerPool pool in new[] { one, two, three }) AssertSameBits(expected, problem.Multiply(path, pool));
                if (!problem.TransposeA && problem.TransposeB)
                    foreach (WorkerPool pool in new[] { one, two }) AssertSameBits(expected, problem.MultiplyPacked(path, pool));
            },
            iter: 150, threads: 1);
    }

    [Theory]
    [InlineData(1024, 64, 300, false, true)] // strides that meet in one cache set
    [InlineData(50, 64, 1024, false, true)]
    [InlineData(130, 70, 2049, true, false)] // several blocks of K
    [InlineData(3, 20, 70_000, false, false)] // several parts of K
    [InlineData(2, 12_000, 400, false, true)] // several parts of N
    [InlineData(40, 1030, 1024, true, true)]
    [InlineData(300, 500, 90, false, false)]
    public void Large_products_have_the_same_bits_on_every_path_and_any_number_of_threads(int m, int n, int k, bool transposeA, bool transposeB)
    {
        using var one = new WorkerPool(1);
        using var two = new WorkerPool(2);
        using var five = new WorkerPool(5);
        var problem = new Problem(m, n, k, 0, 0, 0, transposeA, transposeB, true, 7);
        float[] expected = problem.Chain();
        foreach (SimdPath path in SimdSupport.Available.Where(path => path != SimdPath.Scalar || SimdSupport.Best == SimdPath.Scalar))
            foreach (WorkerPool pool in new[] { one, two, five })
            {
                AssertSameBits(expected, problem.Multiply(path, pool));
                if (!transposeA && transposeB) AssertSameBits(expected, problem.MultiplyPacked(path, pool));
            }
    }

    [Fact]
    public void A_row_gets_the_same_bits_alone_and_in_any_batch()
    {
        using var pool = new WorkerPool(2);
        var batch = new Problem(64, 200, 128, 0, 0, 0, false, true, false, 3);
        float[] all = batch.Multiply(SimdSupport.Best, pool);
        for (int rows = 1; rows <= 64; rows++)
        {
            float[] some = (batch with { M = rows }).MultiplyPacked(SimdSupport.Best, pool);
            AssertSameBits(all[..(rows * batch.N)], some[..(rows * batch.N)]);
        }
    }

    [Fact]
    public void A_product_allocates_no_garbage()
    {
        using var pool = new WorkerPool(2);
        const int size = 160;
        float[] a = new float[size * size], b = new float[size * size], c = new float[size * size];
        fixed (float* pa = a, pb = b, pc = c)
        {
            long before = 0;
            for (int i = 0; i < 20; i++)
            {
                if (i == 5) before = GC.GetAllocatedBytesForCurrentThread();
                Gemm.Multiply(pool, false, true, size, size, size, pa, size, pb, size, pc, size, false);
                Gemm.Multiply(pool, true, false, size, size, size, pa, size, pb, size, pc, size, true);
            }

            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Fact]
    public void A_disposed_packed_matrix_refuses_new_values()
    {
        var packed = new PackedMatrix(3, 5);
        packed.Dispose();
        float[] weight = new float[15];
        Assert.Throws<ObjectDisposedException>(() =>
        {
            fixed (float* p = weight) packed.Repack(p);
        });
    }

    [Fact]
    public void The_ceiling_is_above_what_a_product_reaches()
    {
        using var pool = new WorkerPool(1);
        double ceiling = FmaCeiling.Measure(pool, TimeSpan.FromSeconds(0.05));
        Assert.True(ceiling > 0.01, $"{ceiling} GFLOP/s");
    }

    private static void AssertSameBits(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
                Assert.Fail($"Element {i}: expected {expected[i]:R}, got {actual[i]:R}.");
    }

    /// <summary>A product with random operands, whose rows are longer than needed by the paddings.</summary>
    private sealed record Problem(int M, int N, int K, int PadA, int PadB, int PadC, bool TransposeA, bool TransposeB, bool Accumulate, ulong Seed)
    {
        private int Lda => (TransposeA ? M : K) + PadA;

        private int Ldb => (TransposeB ? K : N) + PadB;

        private int Ldc => N + PadC;

        public float[] Multiply(SimdPath path, WorkerPool pool)
        {
            float[] a = A(), b = B(), c = C();
            fixed (float* pa = a, pb = b, pc = c)
                Gemm.Multiply(path, pool, TransposeA, TransposeB, M, N, K, pa, Lda, pb, Ldb, pc, Ldc, Accumulate);
            return c;
        }

        public float[] MultiplyPacked(SimdPath path, WorkerPool pool)
        {
            float[] a = A(), b = B(), c = C();
            using var packed = new PackedMatrix(N, K, path);
            fixed (float* pa = a, pb = b, pc = c)
            {
                packed.Repack(pb, Ldb);
                Gemm.MultiplyPacked(pool, M, pa, Lda, packed, pc, Ldc, Accumulate);
            }

            return c;
        }

        /// <summary>The definition: for each element the chain over k in order. What lies between the rows of C stays as it was.</summary>
        public float[] Chain()
        {
            float[] a = A(), b = B(), c = C();
            for (int i = 0; i < M; i++)
                for (int j = 0; j < N; j++)
                {
                    float sum = Accumulate ? c[i * Ldc + j] : 0f;
                    for (int k = 0; k < K; k++) sum = MathF.FusedMultiplyAdd(ElementA(a, i, k), ElementB(b, k, j), sum);
                    c[i * Ldc + j] = sum;
                }

            return c;
        }

        public void CheckAgainstDouble(float[] chain)
        {
            float[] a = A(), b = B(), c = C();
            for (int i = 0; i < M; i++)
                for (int j = 0; j < N; j++)
                {
                    double sum = Accumulate ? c[i * Ldc + j] : 0;
                    for (int k = 0; k < K; k++) sum += (double)ElementA(a, i, k) * ElementB(b, k, j);
                    Assert.Equal(sum, chain[i * Ldc + j], 1e-6 * (K + 1) + 1e-6);
                }
        }

        private float ElementA(float[] a, int i, int k) => TransposeA ? a[k * Lda + i] : a[i * Lda + k];

        private float ElementB(float[] b, int k, int j) => TransposeB ? b[j * Ldb + k] : b[k * Ldb + j];

        private float[] A() => Fill("a", (TransposeA ? K : M) * Lda);

        private float[] B() => Fill("b", (TransposeB ? N : K) * Ldb);

        private float[] C() => Fill("c", M * Ldc);

        private float[] Fill(string name, int count)
        {
            var random = new RandomStream(Seed, name);
            float[] values = new float[count];
            for (int i = 0; i < count; i++) values[i] = (float)(random.NextDouble() * 2 - 1);
            return values;
        }
    }
}
