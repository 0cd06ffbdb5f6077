using CsCheck;
using Reverie.Tensors.Kernels;

namespace Reverie.Tensors.Tests;

/// <summary>The kernels without a gradient of their own against plain double-precision versions.</summary>
public sealed unsafe class KernelTests : IDisposable
{
    private readonly CpuKernels _kernels = new(2);
    private readonly Arena _arena = new(1 << 20);

    private static readonly Gen<int> Rows = Gen.OneOf(Gen.Int[0, 9], Gen.OneOf(33, 67, 400));
    private static readonly Gen<int> Columns = Gen.OneOf(Gen.Int[1, 40], Gen.OneOf(61, 64, 97, 128, 257));

    public void Dispose()
    {
        _kernels.Dispose();
        _arena.Dispose();
    }

    [Fact]
    public void Exp_is_right_to_about_a_unit_in_the_last_place()
    {
        var random = new RandomStream(1, "exp");
        Tensor x = _arena.Allocate(1, 20000);
        for (int i = 0; i < x.Columns; i++) x.Span[i] = (float)(-87.3 + 175.2 * i / x.Columns * (i % 2 == 0 ? 1 : random.NextDouble()));
        double worst = 0;
        float[] y = Exp(x);
        for (int i = 0; i < y.Length; i++)
        {
            double expected = Math.Exp(x.Span[i]);
            worst = Math.Max(worst, Math.Abs(y[i] - expected) / (MathF.BitIncrement((float)expected) - (float)expected));
        }

        Assert.InRange(worst, 0, 1.5);
    }

    [Fact]
    public void Exp_of_the_far_ends_is_zero_one_saturated_or_not_a_number()
    {
        Tensor x = _arena.Allocate(1, 7);
        new[] { 0f, -0f, float.NegativeInfinity, -88f, -1000f, 1000f, float.NaN }.CopyTo(x.Span);
        float[] y = Exp(x);
        Assert.Equal([1f, 1f, 0f, 0f, 0f], y[..5]);
        Assert.InRange(y[5], 1e38f, float.MaxValue);
        Assert.True(float.IsNaN(y[6]));
    }

    [Fact]
    public void Exponentials_of_a_row_are_those_of_each_number()
    {
        var random = new RandomStream(3, "row");
        for (int count = 0; count < 70; count++)
        {
            float[] x = [.. Enumerable.Range(0, count).Select(_ => (float)random.NextGaussian() * 9)], y = new float[count + 1];
            RowMath.Exponentials(x, 1.5f, 0.7f, y);
            for (int i = 0; i < count; i++) Assert.Equal(1, y[i] / Math.Exp((double)((x[i] - 1.5f) * 0.7f)), 1e-6);
            Assert.Equal(0, y[count]);
        }

        Assert.Throws<ArgumentException>(() => RowMath.Exponentials([1, 2], 0, 1, new float[1]));
    }

    [Fact]
    public void Embed_and_its_backward_match() => Gen.Select(Rows, Columns, Gen.Int[1, 50]).Sample((n, d, v) =>
    {
        var random = Fresh($"embed {n} {d} {v}");
        Tensor table = Draw.Tensor(_arena, random, v, d), output = _arena.Allocate(n, d);
        int[] tokens = Draw.Integers(random, n, v);
        _kernels.Embed(table, tokens, output);
        for (int i = 0; i < n; i++) Draw.SameBits(table.Row(tokens[i]), output.Row(i));

        double[] expected = Draw.Doubles(table);
        for (int i = 0; i < n; i++)
            for (int c = 0; c < d; c++) expected[tokens[i] * d + c] += output.Row(i)[c];
        _kernels.EmbedBackward(output, tokens, table);
        Draw.Close(expected, table.Span, 1e-5);
    }, iter: Draw.Iterations(50), threads: 1);

    [Fact]
    public void Elementwise_kernels_match() => Gen.Select(Rows, Columns, Gen.Float[-3, 3]).Sample((n, d, factor) =>
    {
        var random = Fresh($"elementwise {n} {d}");
        Tensor x = Draw.Tensor(_arena, random, n, d), y = Draw.Tensor(_arena, random, n, d);
        double[] a = Draw.Doubles(x), b = Draw.Doubles(y);
        Assert.Equal(a.Sum(v => v * v), _kernels.SumOfSquares(x), 1e-9 * (a.Length + 1));
        _kernels.Add(x, y, accumulate: true);
        Draw.Close([.. a.Zip(b, (p, q) => p + q)], y.Span);
        _kernels.Scale(x, factor);
        Draw.Close([.. a.Select(v => v * factor)], x.Span);
        _kernels.Add(x, y, accumulate: false);
        Draw.SameBits(x.Span, y.Span);
        Tensor guarded = Draw.Tensor(_arena, random, 3, n * d + 1);
        float[] before = guarded.Span.ToArray();
        _kernels.Clear(guarded.View(1, 1));
        Assert.All(guarded.Row(1).ToArray(), v => Assert.Equal(0, v));
        Draw.SameBits(before.AsSpan(0, n * d + 1), guarded.Row(0));
        Draw.SameBits(before.AsSpan(2 * (n * d + 1)), guarded.Row(2));
    }, iter: Draw.Iterations(50), threads: 1);

    [Fact]
    public void AdamW_matches() => Gen.Select(Rows, Columns, Gen.Int[1, 1000]).Sample((n, d, step) =>
    {
        var random = Fresh($"adamw {n} {d} {step}");
        Tensor value = Draw.Tensor(_arena, random, n, d), gradient = Draw.Tensor(_arena, random, n, d), first = Draw.Tensor(_arena, random, n, d), second = Draw.Tensor(_arena, random, n, d);
        foreach (ref float s in second.Span) s = MathF.Abs(s);
        var settings = new AdamWSettings(0.01f, 0.9f, 0.98f, 1e-8f, 0.1f, step, 0.5f);
        double[] w = Draw.Doubles(value), g = Draw.Doubles(gradient), m = Draw.Doubles(first), v = Draw.Doubles(second);
        for (int i = 0; i < w.Length; i++)
        {
            m[i] = settings.Beta1 * m[i] + (1 - settings.Beta1) * g[i] * settings.GradientScale;
            v[i] = settings.Beta2 * v[i] + (1 - settings.Beta2) * Math.Pow(g[i] * settings.GradientScale, 2);
            double corrected = m[i] / (1 - Math.Pow(settings.Beta1, step)) / (Math.Sqrt(v[i] / (1 - Math.Pow(settings.Beta2, step))) + settings.Epsilon);
            w[i] -= settings.LearningRate * (corrected + settings.WeightDecay * w[i]);
        }

        _kernels.AdamW(value, gradient, first, second, settings);
        Draw.Close(m, first.Span);
        Draw.Close(v, second.Span);
        Draw.Close(w, value.Span, 1e-5);
    }, iter: Draw.Iterations(50), threads: 1);

    [Fact]
    public void SoftmaxLoss_without_weights_scores_and_leaves_the_logits_alone() => Gen.Select(Rows, Columns, Gen.Double[0.1, 30]).Sample((n, v, deviation) =>
    {
        var random = Fresh($"scores {n} {v}");
        Tensor logits = Draw.Tensor(_arena, random, n, v, deviation);
        float[] before = logits.Span.ToArray(), logProbabilities = new float[n], again = new float[n], entropies = new float[n];
        int[] targets = Draw.Integers(random, n, v);
        Naive.TokenLoss(Draw.Doubles(logits), targets, new TokenWeights { Ce = new float[n] }, 1, out double[] expected, out double[] expectedEntropies, out _);
        _kernels.SoftmaxLoss(logits, targets, null, 0, 1, logProbabilities, entropies);
        Draw.SameBits(before, logits.Span);
        // A log-probability near 0 is a difference of logits, and rounded as they are.
        Draw.Close(expected, logProbabilities, 1e-5, least: deviation);
        // So is an entropy near 0: the sum it is the logarithm of is 1 and a little.
        Draw.Close(expectedEntropies, entropies, 1e-4, least: 1e-2);
        _kernels.SoftmaxLoss(logits, targets, null, 0, 1, again, []);
        Draw.SameBits(logProbabilities, again);
    }, iter: Draw.Iterations(50), threads: 1);

    [Fact]
    public void A_token_of_weight_zero_has_a_gradient_of_zero_even_where_its_logits_are_broken()
    {
        Tensor logits = Draw.Tensor(_arena, Fresh("zero"), 2, 21);
        logits.Row(1).Fill(float.NaN);
        float[] logProbabilities = new float[2];
        _kernels.SoftmaxLoss(logits, [3, 4], new TokenWeights { Ce = [1, 0] }, 0, 1, logProbabilities, []);
        Assert.Equal(0, logits.Row(0).ToArray().Sum(), 1e-6);
        Assert.All(logits.Row(1).ToArray(), x => Assert.Equal(0, x));
        Assert.True(float.IsNaN(logProbabilities[1]));
    }

    [Fact]
    public void Packed_weights_give_the_same_bits_until_they_are_unpacked() => Gen.Select(Gen.OneOf(1, 2, 5, 64, 130, 200), Columns, Columns).Sample((n, k, m) =>
    {
        var random = Fresh($"packed {n} {k} {m}");
        Tensor x = Draw.Tensor(_arena, random, n, k), weight = Draw.Tensor(_arena, random, m, k), expected = _arena.Allocate(n, m), actual = _arena.Allocate(n, m);
        _kernels.Prepack(weight);
        weight.Span[0] = 2;
        _kernels.Prepack(weight);
        _kernels.MatMul(x, false, weight, true, actual, accumulate: false);
        _kernels.Unpack(weight);
        Assert.Null(weight.Packed);
        _kernels.MatMul(x, false, weight, true, expected, accumulate: false);
        Draw.SameBits(expected.Span, actual.Span);
        Draw.Close(Naive.Linear(Draw.Doubles(x), Draw.Doubles(weight), n, k, m), actual.Span, 1e-5);
    }, iter: Draw.Iterations(30), threads: 1);

    [Fact]
    public void A_segment_outside_of_the_batch_is_refused()
    {
        var shape = new AttentionShape(1, 1, 4);
        Tensor projection = Draw.Tensor(_arena, Fresh("outside"), 3, shape.ProjectionColumns), output = _arena.Allocate(3, 4), logSumExp = _arena.Allocate(3, 1);
        Assert.Throws<ArgumentException>(() => _kernels.Attention(projection, null, null, shape, [new Segment(1, 3)], output, logSumExp));
        Assert.Throws<ArgumentException>(() => _kernels.Attention(projection, null, null, shape, [new Segment(-1, 1)], output, logSumExp));
    }

    private RandomStream Fresh(string name)
    {
        _arena.Reset();
        return new RandomStream(1, name);
    }

    private static float[] Exp(Tensor x)
    {
        float[] y = new float[x.Columns];
        fixed (float* target = y) new Widest<ExpJob>(new ExpJob(x.Pointer, target, x.Columns)).Execute(0);
        return y;
    }

    private readonly struct ExpJob(float* x, float* y, int count) : IVectorJob
    {
        public void Execute<TVector, TSimd>(int index) where TVector : unmanaged where TSimd : ISimd<TVector>
        {
            for (int i = 0; i < count; i += TSimd.Width)
            {
                int lanes = Math.Min(TSimd.Width, count - i);
                TSimd.StorePart(y + i, VectorMath<TVector, TSimd>.Exp(TSimd.LoadPart(x + i, lanes)), lanes);
            }
        }
    }
}
