namespace Reverie.Tensors.Tests;

public sealed class TracingKernelsTests
{
    [Fact]
    public void A_trace_names_each_op_with_its_shapes_and_ends_with_a_table()
    {
        var writer = new StringWriter();
        using (var arena = new Arena())
        using (var kernels = new TracingKernels(new CpuKernels(1), writer))
        {
            Tensor a = arena.Allocate(3, 4, clear: true), b = arena.Allocate(5, 4, clear: true), c = arena.Allocate(3, 5);
            kernels.MatMul(a, false, b, true, c, accumulate: false);
            kernels.Scale(c, 2);
            kernels.Scale(c, 2);
            Assert.Equal(0, kernels.SumOfSquares(c));
        }

        string[] lines = writer.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4 + 3, lines.Length);
        Assert.Matches(@"^MatMul NT +\(3, 4\) x \(4, 5\) +[\d.]+ us +[\d.]+ GFLOP/s$", lines[0]);
        Assert.Matches(@"^Scale +\(3, 5\) +[\d.]+ us +[\d.]+ GB/s$", lines[1]);
        Assert.Contains(lines[4..], line => System.Text.RegularExpressions.Regex.IsMatch(line, @"^Scale +2 calls"));
    }

    [Fact]
    public void Traced_kernels_give_the_bits_of_the_traced()
    {
        using var arena = new Arena();
        using var plain = new CpuKernels(1);
        using var traced = new TracingKernels(new CpuKernels(1), TextWriter.Null);
        var shape = new AttentionShape(2, 1, 8, Window: 3);
        var random = new RandomStream(1, "traced");
        Tensor projection = Draw.Tensor(arena, random, 20, shape.ProjectionColumns), gain = Draw.Tensor(arena, random, 1, 8);
        Tensor[] results = [.. new IKernels[] { plain, traced }.Select(kernels =>
        {
            Tensor output = arena.Allocate(20, 16), logSumExp = arena.Allocate(20, 2), gradient = arena.Allocate(20, shape.ProjectionColumns), gainGradient = arena.Allocate(1, 8, clear: true);
            kernels.Attention(projection, gain, null, shape, [new Segment(0, 9), new Segment(9, 11)], output, logSumExp);
            kernels.AttentionBackward(projection, gain, null, shape, [new Segment(0, 9), new Segment(9, 11)], output, logSumExp, output, gradient, gainGradient, null);
            return gradient;
        })];
        Draw.SameBits(results[0].Span, results[1].Span);
    }
}
