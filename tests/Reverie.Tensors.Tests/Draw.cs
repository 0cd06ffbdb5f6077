namespace Reverie.Tensors.Tests;

/// <summary>Random tensors, batches and copies of them.</summary>
internal static class Draw
{
    /// <summary>How many samples a property gets: fewer in the processes that repeat it on narrower vectors.</summary>
    public static int Iterations(int usual) => VectorWidthTests.IsRepetition ? Math.Max(1, usual / 5) : usual;

    public static Tensor Tensor(Arena arena, RandomStream random, int rows, int columns, double deviation = 1)
    {
        Tensor tensor = arena.Allocate(rows, columns);
        for (int row = 0; row < rows; row++)
            foreach (ref float x in tensor.Row(row)) x = (float)(deviation * random.NextGaussian());
        return tensor;
    }

    public static int[] Integers(RandomStream random, int count, int below) => [.. Enumerable.Range(0, count).Select(_ => random.Next(below))];

    /// <summary>Cuts a batch into segments; some tokens may be left outside of all.</summary>
    public static Segment[] Segments(RandomStream random, int tokens, int longest, bool gaps = false)
    {
        var segments = new List<Segment>();
        for (int start = 0; start < tokens;)
        {
            int length = Math.Min(tokens - start, 1 + random.Next(longest));
            if (!gaps || random.Next(4) > 0) segments.Add(new Segment(start, length));
            start += length;
        }

        return [.. segments];
    }

    public static double[] Doubles(Tensor tensor)
    {
        var values = new double[tensor.Length];
        for (int i = 0; i < values.Length; i++) values[i] = tensor.Span[i];
        return values;
    }

    public static void SameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
                Assert.Fail($"Element {i} is {actual[i]:R}, not {expected[i]:R}.");
    }

    /// <summary>Every element within <paramref name="tolerance"/> of the expected one, relative to the largest, or to <paramref name="least"/> where all are smaller.</summary>
    public static void Close(double[] expected, ReadOnlySpan<float> actual, double tolerance = 2e-6, double least = 1e-3)
    {
        Assert.Equal(expected.Length, actual.Length);
        double scale = expected.Length == 0 ? 0 : Math.Max(expected.Max(Math.Abs), least);
        for (int i = 0; i < expected.Length; i++)
            if (!(Math.Abs(expected[i] - actual[i]) <= tolerance * scale)) Assert.Fail($"Element {i} of {expected.Length} is {actual[i]:R}, not {expected[i]:R}.");
    }
}
