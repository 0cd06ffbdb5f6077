using CsCheck;

namespace Reverie.Tensors.Tests;

public sealed class LowRankTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Rows_with_factors_of_their_own_get_the_bits_of_two_products(int threads)
    {
        using var kernels = new CpuKernels(threads);
        using var arena = new Arena();
        var tape = new Tape(kernels, arena, recording: false);
        Gen.Select(Gen.Int[1, 70], Gen.Int[1, 90], Gen.Select(Gen.Int[3, 20], Gen.Int[0, 3], Gen.OneOf(8, 8, 1, 3, 16, 19, 33)).Array[1, 12], Gen.ULong).Sample((inputs, outputs, runs, seed) =>
        {
            arena.Reset();
            var random = new RandomStream(seed, "low rank");
            int count = runs.Sum(r => r.Item1 + r.Item2);
            Tensor x = Filled(count, inputs), y = Filled(count, outputs), expected = arena.Allocate(count, outputs);
            y.Span.CopyTo(expected.Span);
            var rows = new List<LowRankRows>();
            int start = 0;
            foreach ((int length, int gap, int rank) in runs)
            {
                // Many single rows, because that is how tokens are decoded.
                int own = length > 10 ? length : 1 + length % 3;
                Tensor down = Filled(inputs, rank), up = Filled(rank, outputs), inner = arena.Allocate(own, rank);
                rows.Add(new LowRankRows(start, own, down, up, 0.7f));
                kernels.MatMul(x.View(start, own), false, down, false, inner, accumulate: false);
                kernels.Scale(inner, 0.7f);
                kernels.MatMul(inner, false, up, false, expected.View(start, own), accumulate: true);
                start += length + gap;
            }

            Ops.AddLowRanks(tape, y, x, [.. rows]);
            Assert.Equal(expected.Span, y.Span);

            Tensor Filled(int height, int width)
            {
                Tensor tensor = arena.Allocate(height, width);
                foreach (ref float value in tensor.Span) value = (float)random.NextGaussian();
                return tensor;
            }
        }, iter: 300, threads: 1);
    }

    [Fact]
    public void Factors_that_do_not_fit_are_refused()
    {
        using var kernels = new CpuKernels(1);
        using var arena = new Arena();
        var tape = new Tape(kernels, arena, recording: false);
        Tensor x = arena.Allocate(4, 6), y = arena.Allocate(4, 5), down = arena.Allocate(6, 2), up = arena.Allocate(2, 5);
        Assert.Throws<ArgumentException>(() => Ops.AddLowRanks(tape, y, x, [new LowRankRows(0, 5, down, up, 1)]));
        Assert.Throws<ArgumentException>(() => Ops.AddLowRanks(tape, y, x, [new LowRankRows(0, 1, up, down, 1)]));
        Assert.Throws<InvalidOperationException>(() => Ops.AddLowRanks(new Tape(kernels, arena), y, x, [new LowRankRows(0, 1, down, up, 1)]));
    }
}
