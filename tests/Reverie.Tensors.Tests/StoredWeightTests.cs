using CsCheck;
using Reverie.Tensors.Kernels;

namespace Reverie.Tensors.Tests;

public unsafe class StoredWeightTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly List<MappedFile> _files = [];

    public static TheoryData<string> Paths => [.. SimdSupport.Available.Select(path => path.ToString())];

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_product_with_a_packed_stored_weight_has_the_bits_of_the_product_with_its_floats(string pathName)
    {
        SimdPath path = Enum.Parse<SimdPath>(pathName);
        using var one = new WorkerPool(1);
        using var two = new WorkerPool(2);
        Cases.Sample(
            c =>
            {
                StoredMatrix stored = Stored(c);
                float[] floats = Floats(stored), a = Random(c.M * stored.Columns, c.Seed + 1), start = Random(c.M * stored.Rows, c.Seed + 2);
                float[] expected = (float[])start.Clone();
                fixed (float* pa = a, pb = floats, pc = expected)
                    Gemm.Multiply(path, one, false, true, c.M, stored.Rows, stored.Columns, pa, stored.Columns, pb, stored.Columns, pc, stored.Rows, c.Accumulate);
                foreach (WorkerPool pool in new[] { one, two })
                {
                    float[] actual = (float[])start.Clone();
                    using var packed = new PackedWeight(pool, stored, path);
                    fixed (float* pa = a, pc = actual) packed.Multiply(pool, c.M, pa, stored.Columns, pc, stored.Rows, c.Accumulate);
                    Assert.Equal(expected, actual);
                }
            },
            iter: 60, threads: 1);
    }

    [Fact]
    public void A_stored_tensor_multiplies_and_embeds_as_its_floats_do()
    {
        using var kernels = new CpuKernels(2);
        using var arena = new Arena();
        Cases.Sample(
            c =>
            {
                StoredMatrix stored = Stored(c);
                Tensor weight = Tensor.Of(stored), floats = Filled(arena, stored.Rows, stored.Columns, Floats(stored));
                Tensor x = Filled(arena, c.M, stored.Columns, Random(c.M * stored.Columns, c.Seed + 1)), dy = Filled(arena, c.M, stored.Rows, Random(c.M * stored.Rows, c.Seed + 3));
                foreach (bool packed in new[] { false, true })
                {
                    if (packed) kernels.Prepack(weight);
                    Tensor[] results = [.. new[] { floats, weight }.SelectMany(w =>
                    {
                        Tensor y = Filled(arena, c.M, stored.Rows, Random(c.M * stored.Rows, c.Seed + 2)), dx = Filled(arena, c.M, stored.Columns, Random(c.M * stored.Columns, c.Seed + 4));
                        kernels.MatMul(x, false, w, true, y, c.Accumulate);
                        kernels.MatMul(dy, false, w, false, dx, c.Accumulate);
                        int[] tokens = [0, stored.Rows - 1, stored.Rows / 2];
                        Tensor embedded = arena.Allocate(3, stored.Columns);
                        kernels.Embed(w, tokens, embedded);
                        return new[] { y, dx, embedded };
                    })];
                    for (int i = 0; i < 3; i++) Assert.True(results[i].Span.SequenceEqual(results[i + 3].Span), $"result {i}, packed {packed}");
                }

                kernels.Unpack(weight);
                arena.Reset();
            },
            iter: 40, threads: 1);
    }

    [Fact]
    public void A_weight_larger_than_what_is_expanded_at_a_time_gives_the_same_bits()
    {
        using var kernels = new CpuKernels(2);
        using var arena = new Arena();
        StoredMatrix stored = Stored(new Case([(WeightType.Q8_0, 5000)], 256, 3, 0, true, 9));
        Tensor weight = Tensor.Of(stored), floats = Filled(arena, 5000, 256, Floats(stored)), dy = Filled(arena, 3, 5000, Random(15000, 1));
        Tensor expected = arena.Allocate(3, 256), actual = arena.Allocate(3, 256);
        kernels.MatMul(dy, false, floats, false, expected, false);
        kernels.MatMul(dy, false, weight, false, actual, false);
        Assert.True(expected.Span.SequenceEqual(actual.Span));
    }

    [Fact]
    public void Interleaved_heads_come_back_as_halves()
    {
        float[] values = [.. Enumerable.Range(0, 8).Select(i => (float)i)];
        File.WriteAllBytes(_path, System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values).ToArray());
        var rows = new StoredRows(Map(), "q", WeightType.F32, 0, 8, 1, interleavedHead: 4);
        Assert.Equal([0f, 2, 1, 3, 4, 6, 5, 7], Floats(new StoredMatrix(rows)));
    }

    [Fact]
    public void A_weight_that_is_not_finite_is_refused_when_it_is_first_read()
    {
        foreach (WeightType type in Types)
        {
            byte[] bytes = new byte[WeightFormat.Bytes(type, 64)];
            WeightFormat.Encode(type, Random(64, 5), bytes);
            int at = WeightFormat.BlockBytes(type) * (type == WeightType.Q8_0 ? 1 : 40);
            bytes.AsSpan(at, type == WeightType.F32 ? 4 : 2).Fill(0xFF);
            File.WriteAllBytes(_path, bytes);
            Tensor weight = Tensor.Of(new StoredMatrix(new StoredRows(Map(), "odd", type, 0, 1, 64)));
            using var kernels = new CpuKernels(2);
            string message = Assert.Throws<ReverieException>(() => kernels.Prepack(weight)).Message;
            Assert.Contains("tensor odd holds NaN at row 0", message);
        }
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(-4, 2)]
    [InlineData(4, 2)]
    [InlineData(long.MaxValue - 3, 1)]
    public void Rows_beyond_the_file_are_refused(long offset, int rows)
    {
        File.WriteAllBytes(_path, new byte[16]);
        MappedFile file = Map();
        Assert.Contains("not whole", Assert.Throws<ReverieException>(() => new StoredRows(file, "w", WeightType.F32, offset, rows, 2)).Message);
    }

    [Fact]
    public void A_stored_model_cannot_be_trained_itself()
    {
        var set = new ParameterSet([("a", ParameterKind.Gain, 1, 4), ("w", ParameterKind.Matrix, 2, 32)], name => name == "w" ? Stored(new Case([(WeightType.BF16, 2)], 32, 1, 0, false, 1)) : null);
        Assert.True(set.HasStored && set.IsFrozen);
        Assert.Contains("adapter", Assert.Throws<ReverieException>(set.AllocateGradients).Message);
    }

    [Fact]
    public void Brain_floats_round_to_nearest_even_and_widen_back()
    {
        Gen.Float.Where(float.IsFinite).Sample(value =>
        {
            byte[] bytes = new byte[2];
            float[] back = new float[1];
            WeightFormat.Encode(WeightType.BF16, [value], bytes);
            WeightFormat.Expand(WeightType.BF16, bytes, back);
            float below = BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000), above = BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000) + 0x10000);
            Assert.True(Math.Abs((double)back[0] - value) <= Math.Min(Math.Abs((double)below - value), Math.Abs((double)above - value)) || float.IsInfinity(back[0]));
        });
    }

    [Fact]
    public void Blocks_of_bytes_are_within_half_a_step()
    {
        Gen.Float[-10f, 10f].Array[64].Sample(values =>
        {
            byte[] bytes = new byte[WeightFormat.Bytes(WeightType.Q8_0, 64)];
            float[] back = new float[64];
            WeightFormat.Encode(WeightType.Q8_0, values, bytes);
            WeightFormat.Expand(WeightType.Q8_0, bytes, back);
            for (int i = 0; i < 64; i++)
            {
                float step = values[(i / 32 * 32)..((i / 32 + 1) * 32)].Max(Math.Abs) / 127;

                // Half precision of the scale moves a number by up to 2^-11 of itself.
                Assert.True(Math.Abs(back[i] - values[i]) <= 0.5001f * step + Math.Abs(values[i]) / 2000 + 1e-6f);
            }
        });
    }

    public void Dispose()
    {
        foreach (MappedFile file in _files) file.Dispose();
        File.Delete(_path);
    }

    private static readonly WeightType[] Types = [WeightType.F32, WeightType.F16, WeightType.BF16, WeightType.Q8_0];
    private static readonly WeightType[] AllTypes = [.. Types, WeightType.Q4_K, WeightType.Q6_K];

    private static readonly Gen<Case> Cases =
        from wide in Gen.Bool
        from parts in Gen.Select(Gen.OneOf(wide ? AllTypes : Types), Gen.Int[1, 50]).Array[1, 3]
        from columns in wide ? Gen.OneOf(256, 512) : Gen.OneOf(32, 64, 96, 256, 288, 320)
        from m in Gen.OneOf(Gen.Int[1, 4], Gen.Int[5, 40])
        from head in Gen.OneOf(0, 2)
        from accumulate in Gen.Bool
        from seed in Gen.ULong
        select new Case([.. parts.Select(p => (p.Item1, head > 0 ? p.Item2 * head : p.Item2))], columns, m, head, accumulate, seed);

    private StoredMatrix Stored(Case c)
    {
        using (FileStream stream = File.Create(_path + _files.Count))
            foreach (((WeightType type, int rows), int i) in c.Parts.Select((p, i) => (p, i)))
            {
                byte[] bytes = new byte[WeightFormat.Bytes(type, (long)rows * c.Columns)];
                if (type == WeightType.Q6_K) RandomQ6(bytes, c.Seed + 10 + (ulong)i);
                else WeightFormat.Encode(type, Random(rows * c.Columns, c.Seed + 10 + (ulong)i), bytes);
                stream.Write(bytes);
            }

        var file = new MappedFile(_path + _files.Count);
        File.Delete(_path + _files.Count);
        _files.Add(file);
        long offset = 0;
        var all = new List<StoredRows>();
        foreach ((WeightType type, int rows) in c.Parts)
        {
            all.Add(new StoredRows(file, "w", type, offset, rows, c.Columns, c.Head));
            offset += all[^1].Bytes;
        }

        return new StoredMatrix([.. all]);
    }

    /// <summary>Blocks that nobody here writes: any bytes, with a scale that is a number.</summary>
    private static void RandomQ6(byte[] bytes, ulong seed)
    {
        var random = new RandomStream(seed, "blocks");
        for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)random.Next(256);
        for (int block = 208; block < bytes.Length; block += 210) BitConverter.TryWriteBytes(bytes.AsSpan(block), (Half)(0.001 * random.Next(1, 9)));
    }

    private MappedFile Map()
    {
        var file = new MappedFile(_path);
        _files.Add(file);
        return file;
    }

    private static float[] Floats(StoredMatrix stored)
    {
        float[] floats = new float[stored.Rows * stored.Columns];
        for (int row = 0; row < stored.Rows; row++) stored.Expand(row, floats.AsSpan(row * stored.Columns, stored.Columns));
        return floats;
    }

    private static float[] Random(int count, ulong seed)
    {
        var random = new RandomStream(seed, "test");
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextGaussian())];
    }

    private static Tensor Filled(Arena arena, int rows, int columns, float[] values)
    {
        Tensor tensor = arena.Allocate(rows, columns);
        values.CopyTo(tensor.Span);
        return tensor;
    }

    private sealed record Case((WeightType Type, int Rows)[] Parts, int Columns, int M, int Head, bool Accumulate, ulong Seed);
}
