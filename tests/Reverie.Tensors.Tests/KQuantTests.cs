using System.Runtime.InteropServices;

namespace Reverie.Tensors.Tests;

public sealed class KQuantTests
{
    private static float[] Gaussian(int count, ulong seed, float deviation = 1)
    {
        var random = new RandomStream(seed, "weights");
        return [.. Enumerable.Range(0, count).Select(_ => deviation * (float)random.NextGaussian())];
    }

    private static float[] Coded(WeightType type, float[] values)
    {
        byte[] bytes = new byte[WeightFormat.Bytes(type, values.Length)];
        WeightFormat.Encode(type, values, bytes);
        float[] back = new float[values.Length];
        WeightFormat.Expand(type, bytes, back);
        return back;
    }

    private static double Error(float[] values, float[] back) =>
        Math.Sqrt(values.Zip(back).Sum(p => Math.Pow(p.First - p.Second, 2)) / values.Sum(v => (double)v * v));

    [Fact]
    public void A_block_of_four_bits_means_what_its_bytes_say()
    {
        byte[] block = new byte[144];
        MemoryMarshal.Write(block, (Half)0.5f);
        MemoryMarshal.Write(block.AsSpan(2), (Half)0.25f);

        // Part 1: scale 3, minimum 60. Part 6: scale 0b10_0101 = 37, minimum 0b01_1110 = 30, the upper bits in the bytes of parts 2.
        block[4 + 1] = 3;
        block[4 + 5] = 60;
        block[4 + 2] = 0b10 << 6;
        block[4 + 6] = 0b01 << 6;
        block[4 + 10] = 0b1110_0101;

        // The first number of part 1 stands in the upper half of a byte, that of part 6 in the lower half.
        block[16] = 0x9F;
        block[16 + 96 + 31] = 0x0C;
        float[] values = new float[256];
        WeightFormat.Expand(WeightType.Q4_K, block, values);
        Assert.Equal((0.5f * 3 * 9) - (0.25f * 60), values[32]);
        Assert.Equal(-0.25f * 60, values[33]);
        Assert.Equal((0.5f * 37 * 12) - (0.25f * 30), values[(6 * 32) + 31]);
        Assert.Equal(-0.25f * 30, values[6 * 32]);
        Assert.Equal(0, values[0]);
    }

    [Fact]
    public void A_block_of_six_bits_means_what_its_bytes_say()
    {
        byte[] block = new byte[210];
        for (int part = 0; part < 16; part++) block[192 + part] = (byte)(part - 8);
        MemoryMarshal.Write(block.AsSpan(208), (Half)0.25f);

        // Number 128 + 70: low bits in the upper half of byte 64 + 6, high ones at bits 4 and 5 of byte 32 + 6.
        block[64 + 6] = 0xA0;
        block[128 + 32 + 6] = 0b11 << 4;
        float[] values = new float[256];
        WeightFormat.Expand(WeightType.Q6_K, block, values);
        Assert.Equal(0.25f * (12 - 8) * (0b11_1010 - 32), values[128 + 70]);
        Assert.Equal(0.25f * -8 * -32, values[0]);
        Assert.Equal(0.25f * -7 * -32, values[16]);
        Assert.Equal(0.25f * 7 * -32, values[255]);
    }

    [Fact]
    public void Four_bits_are_nearer_than_a_grid_from_the_least_to_the_greatest()
    {
        foreach (float deviation in new[] { 1f, 0.02f, 1e-4f })
        {
            float[] values = Gaussian(1 << 16, 3, deviation);
            float[] plain = [.. values.Chunk(32).SelectMany(part =>
            {
                float least = Math.Min(0, part.Min()), step = (part.Max() - least) / 15;
                return part.Select(v => (MathF.Round((v - least) / step) * step) + least);
            })];
            double error = Error(values, Coded(WeightType.Q4_K, values));

            // The plain grid keeps its scales in full, where ours have six bits.
            Assert.InRange(error, 0.05, 0.96 * Error(values, plain));
        }
    }

    [Fact]
    public void Blocks_that_a_grid_can_hold_come_back()
    {
        var random = new RandomStream(5, "grid");
        float[] values = new float[1024];
        for (int part = 0; part < values.Length / 32; part++)
        {
            int scale = 1 + random.Next(63), minimum = random.Next(64);
            for (int i = 0; i < 32; i++) values[(32 * part) + i] = (scale * (i < 2 ? 15 * i : random.Next(16))) - minimum;
        }

        // Every block has the largest scale and minimum once, so that their units are 1.
        for (int block = 0; block < values.Length; block += 256)
            for (int i = 0; i < 32; i++) values[block + i] = (63 * (i % 16)) - 63;
        Assert.InRange(Error(values, Coded(WeightType.Q4_K, values)), 0, 0.01);
    }

    [Fact]
    public void Odd_blocks_stay_finite_and_within_a_step()
    {
        float[][] blocks =
        [
            new float[256], [.. Enumerable.Repeat(3f, 256)], [.. Enumerable.Repeat(-3f, 256)], [.. Enumerable.Range(0, 256).Select(i => i == 100 ? 1000f : 0.001f)],
            [.. Enumerable.Range(0, 256).Select(i => (i - 128) * 1e-38f)], [.. Enumerable.Range(0, 256).Select(i => (i - 128) * 100f)], [.. Enumerable.Repeat(float.Epsilon, 256)],
        ];
        foreach (float[] block in blocks)
        {
            float[] back = Coded(WeightType.Q4_K, block);
            float range = Math.Max(0, block.Max()) - Math.Min(0, block.Min());
            Assert.All(block.Zip(back), p => Assert.InRange(Math.Abs(p.First - p.Second), 0, Math.Max(1e-6f, range * 0.07f)));
        }

        Assert.Throws<OverflowException>(() => Coded(WeightType.Q4_K, [.. Enumerable.Range(0, 256).Select(i => i * 1e36f)]));
        Assert.Throws<NotSupportedException>(() => Coded(WeightType.Q6_K, new float[256]));
    }
}
