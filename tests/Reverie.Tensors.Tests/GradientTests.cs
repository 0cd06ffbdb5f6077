using CsCheck;

namespace Reverie.Tensors.Tests;

/// <summary>
/// Every op against a double-precision version of it: its output, its gradient along random directions (which weighs all
/// elements at once), and its gradient in single elements, by central differences.
/// </summary>
public sealed class GradientTests : IDisposable
{
    private readonly IKernels _kernels = new CpuKernels(2);
    private readonly Arena _step = new(1 << 16), _inputs = new(1 << 16);

    private static readonly Gen<int> Rows = Gen.OneOf(Gen.Int[1, 9], Gen.OneOf(17, 33, 67, 130));
    private static readonly Gen<int> Columns = Gen.OneOf(Gen.Int[1, 20], Gen.OneOf(31, 32, 48, 61, 64, 97, 128));

    public void Dispose()
    {
        _kernels.Dispose();
        _step.Dispose();
        _inputs.Dispose();
    }

    [Fact]
    public void Embedding_matches_differences() => Gen.Select(Rows, Columns, Gen.Int[1, 30]).Sample((n, d, v) =>
    {
        var random = new RandomStream(1, $"embedding {n} {d} {v}");
        int[] tokens = Draw.Integers(random, n, v);
        Check(random, [(v, d, true)], (tape, x) => Ops.Embedding(tape, x[0], tokens, n), x => Naive.Embedding(x[0], d, tokens));
    }, iter: Draw.Iterations(30), threads: 1);

    [Fact]
    public void Linear_matches_differences() => Gen.Select(Rows, Columns, Columns, Gen.Bool).Sample((n, k, m, residual) =>
    {
        var random = new RandomStream(2, $"linear {n} {k} {m}");
        (int, int, bool)[] inputs = residual ? [(n, k, false), (m, k, true), (n, m, false)] : [(n, k, false), (m, k, true)];
        Check(random, inputs, (tape, x) => Ops.Linear(tape, x[0], x[1], residual ? x[2] : null), x => Naive.Linear(x[0], x[1], n, k, m, residual ? x[2] : null));
    }, iter: Draw.Iterations(30), threads: 1);

    [Fact]
    public void AddLowRank_matches_differences() => Gen.Select(Rows, Columns, Columns, Gen.Int[1, 9]).Sample((n, k, m, r) =>
    {
        const float Scale = 0.75f;
        Check(new RandomStream(10, $"low rank {n} {k} {m} {r}"), [(n, k, false), (m, k, true), (n, m, false), (r, k, true), (m, r, true)],
            (tape, x) =>
            {
                Tensor y = Ops.Linear(tape, x[0], x[1], x[2]);
                Ops.AddLowRank(tape, y, x[0], x[3], x[4], Scale);
                return y;
            },
            x => Naive.Linear([.. Naive.Linear(x[0], x[3], n, k, r).Select(h => Scale * h)], x[4], n, r, m, Naive.Linear(x[0], x[1], n, k, m, x[2])));
    }, iter: Draw.Iterations(30), threads: 1);

    [Fact]
    public void RmsNorm_matches_differences() => Gen.Select(Rows, Columns).Sample((n, d) =>
        Check(new RandomStream(3, $"norm {n} {d}"), [(n, d, false), (1, d, true)], (tape, x) => Ops.RmsNorm(tape, x[0], x[1], 1e-3f), x => Naive.RmsNorm(x[0], x[1], 1e-3f)), iter: Draw.Iterations(30), threads: 1);

    [Fact]
    public void RmsNorm_adds_to_the_gradient_of_an_input_with_two_readers() => Check(new RandomStream(3, "two"), [(5, 24, false), (1, 24, true), (1, 24, true)],
        (tape, x) => Ops.Linear(tape, Ops.RmsNorm(tape, x[0], x[1]), Identity(24), residual: Ops.RmsNorm(tape, x[0], x[2])),
        x => [.. Naive.RmsNorm(x[0], x[1], 1e-6f).Zip(Naive.RmsNorm(x[0], x[2], 1e-6f), (a, b) => a + b)]);

    [Fact]
    public void SwiGlu_matches_differences() => Gen.Select(Rows, Columns).Sample((n, f) =>
        Check(new RandomStream(4, $"swiglu {n} {f}"), [(n, 2 * f, false)], (tape, x) => Ops.SwiGlu(tape, x[0]), x => Naive.SwiGlu(x[0], f)), iter: Draw.Iterations(30), threads: 1);

    [Fact]
    public void CausalAttention_matches_differences() => Gen.Select(Gen.Int[1, 150], Gen.OneOf(2, 6, 8, 10, 16, 32, 40, 64), Gen.Int[1, 3], Gen.Int[1, 3], Gen.OneOf(0, 0, 1, 5, 70), Gen.Int[0, 3], Gen.OneOf(3, 20, 150))
        .Sample((n, d, keyHeads, group, window, norms, longest) =>
        {
            var random = new RandomStream(5, $"attention {n} {d} {keyHeads} {group} {window} {norms} {longest}");
            var shape = new AttentionShape(keyHeads * group, keyHeads, d, 100f, 1e-3f, window);
            Segment[] segments = Draw.Segments(random, n, longest, gaps: true);
            var inputs = new List<(int, int, bool)> { (n, shape.ProjectionColumns, false) };
            bool queryNorm = (norms & 1) != 0, keyNorm = (norms & 2) != 0;
            if (queryNorm) inputs.Add((1, d, true));
            if (keyNorm) inputs.Add((1, d, true));
            Check(random, [.. inputs],
                (tape, x) => Ops.CausalAttention(tape, x[0], queryNorm ? x[1] : null, keyNorm ? x[^1] : null, shape, segments, segments.Length),
                x => Naive.Attention(x[0], queryNorm ? x[1] : null, keyNorm ? x[^1] : null, shape, segments), elements: 4);
        }, iter: Draw.Iterations(25), threads: 1);

    [Fact]
    public void TokenLoss_matches_differences() => Gen.Select(Rows, Columns, Gen.OneOf(Gen.Int[1, 40], Gen.OneOf(257, 1000)), Gen.Bool, Gen.Int[0, 2]).Sample((n, d, v, reinforce, teaches) =>
    {
        var random = new RandomStream(6, $"loss {n} {d} {v} {teaches}");
        const int Offset = 3;
        Tensor hidden = Draw.Tensor(_inputs, random, n, d), head = Parameter(Draw.Tensor(_inputs, random, v, d, 1 / Math.Sqrt(d)));
        int[] targets = Draw.Integers(random, n + Offset, v);
        float[] Floats() => [.. Enumerable.Range(0, n + Offset).Select(_ => random.Next(3) == 0 ? 0 : (float)random.NextGaussian())];
        var weights = new TokenWeights { Ce = Floats(), Rl = reinforce ? Floats() : null, Kl = teaches > 0 ? Floats() : null };
        TokenWeights Skipped() => new() { Ce = weights.Ce[Offset..], Rl = weights.Rl?[Offset..], Kl = weights.Kl?[Offset..] };
        const float Scale = 0.25f;

        using var tape = new Disposable(new Tape(_kernels, _step));
        float[] logProbabilities = new float[n + Offset], entropies = new float[n + Offset], divergences = new float[n + Offset];
        const int TeacherWidth = 5;
        Teacher? teacher = teaches == 0 ? null : new Teacher(Draw.Tensor(_inputs, random, n, TeacherWidth), Draw.Tensor(_inputs, random, v, TeacherWidth, 0.5), divergences, Reverse: teaches == 2);
        Ops.TokenLoss(tape.Tape, hidden, head, targets, weights, Offset, Scale, logProbabilities, entropies, teacher);

        double[] h = Draw.Doubles(hidden), w = Draw.Doubles(head);
        double[]? q = teacher is Teacher t ? Naive.Linear(Draw.Doubles(t.Hidden), Draw.Doubles(t.Head), n, TeacherWidth, v) : null;
        double Loss() => Naive.TokenLoss(Naive.Linear(h, w, n, d, v), targets[Offset..], Skipped(), Scale, out _, out _, out _, q, teaches == 2);
        Naive.TokenLoss(Naive.Linear(h, w, n, d, v), targets[Offset..], Skipped(), Scale, out double[] expected, out double[] expectedEntropies, out double[] expectedDivergences, q, teaches == 2);
        Draw.Close(expected, logProbabilities.AsSpan(Offset), 1e-5);
        Draw.Close(expectedEntropies, entropies.AsSpan(Offset), 1e-5);
        if (teaches > 0) Draw.Close([.. expectedDivergences.Select((x, i) => weights.Kl![i + Offset] == 0 ? 0 : x)], divergences.AsSpan(Offset), 1e-5);
        Assert.All(logProbabilities[..Offset], x => Assert.Equal(0, x));
        CheckGradient(random, Loss, h, hidden.Gradient!, elements: 4);
        CheckGradient(random, Loss, w, head.Gradient!, elements: 4);
        for (int i = Offset; i < n + Offset; i++)
            if (weights.Ce[i] == 0 && (weights.Rl?[i] ?? 0) == 0 && (weights.Kl?[i] ?? 0) == 0) Assert.All(hidden.Gradient!.Row(i - Offset).ToArray(), x => Assert.Equal(0, x));

        // What the loss reports does not depend on the weights.
        float[] scored = new float[n + Offset], all = new float[n + Offset];
        Ops.TokenLoss(new Tape(_kernels, _step, recording: false), hidden, head, targets, null, Offset, 1, scored, null, teacher is null ? null : teacher.Value with { Divergences = all });
        Draw.SameBits(logProbabilities, scored);
        if (teaches > 0) Draw.Close(expectedDivergences, all.AsSpan(Offset), 1e-5);
    }, iter: Draw.Iterations(60), threads: 1);

    [Fact]
    public void A_teacher_that_is_the_model_itself_teaches_nothing()
    {
        var random = new RandomStream(8, "self");
        Tensor hidden = Draw.Tensor(_inputs, random, 40, 16), head = Parameter(Draw.Tensor(_inputs, random, 301, 16));
        foreach (bool reverse in new[] { false, true })
        {
            using var tape = new Disposable(new Tape(_kernels, _step));
            float[] divergences = new float[40];
            hidden.Gradient = null;
            Ops.TokenLoss(tape.Tape, hidden, head, new int[40], new TokenWeights { Ce = new float[40], Kl = [.. Enumerable.Repeat(1f, 40)] }, 0, 1, new float[40], null, new Teacher(hidden, head, divergences, reverse));
            Assert.All(divergences, x => Assert.InRange(x, 0, 1e-5f));
            Assert.All(hidden.Gradient!.Span.ToArray(), x => Assert.InRange(x, -1e-5f, 1e-5f));
        }
    }

    [Fact]
    public void ValueLoss_matches_differences() => Gen.Select(Rows, Columns, Gen.Bool, Gen.OneOf(0f, 0.3f, 1f)).Sample((n, d, logistic, hiddenScale) =>
    {
        var random = new RandomStream(7, $"value {n} {d} {logistic} {hiddenScale}");
        const int Offset = 2;
        const float Scale = 0.5f;
        Tensor hidden = Draw.Tensor(_inputs, random, n, d), head = Parameter(Draw.Tensor(_inputs, random, 1, d, 1 / Math.Sqrt(d)));
        float[] Floats() => [.. Enumerable.Range(0, n + Offset).Select(_ => random.Next(3) == 0 ? 0 : (float)random.NextDouble())];
        var weights = new TokenWeights { Ce = new float[n + Offset], ValueTargets = Floats(), ValueWeights = Floats() };
        float[] values = new float[n + Offset];
        using var tape = new Disposable(new Tape(_kernels, _step));

        // What another loss left for hidden stays.
        Tensor before = tape.Tape.GradientOf(hidden, out _);
        before.Span.Fill(1);
        Ops.ValueLoss(tape.Tape, hidden, head, weights, Offset, Scale, logistic ? ValueLoss.CrossEntropy : ValueLoss.SquaredError, hiddenScale, values);

        double[] h = Draw.Doubles(hidden), w = Draw.Doubles(head);
        Draw.Close(Naive.Linear(h, w, n, d, 1), values.AsSpan(Offset), 1e-5);
        double Loss() => Scale * Naive.Linear(h, w, n, d, 1).Select((v, i) => weights.ValueWeights[i + Offset] * Naive.ValueLoss(v, weights.ValueTargets[i + Offset], logistic)).Sum();
        CheckGradient(random, Loss, w, head.Gradient!, elements: 4);
        foreach (ref float x in before.Span) x -= 1;
        CheckGradient(random, () => hiddenScale * Loss(), h, before, elements: 4);
    }, iter: Draw.Iterations(40), threads: 1);

    [Fact]
    public void Nothing_is_computed_for_what_is_frozen_and_the_rest_gets_the_same_gradient()
    {
        var random = new RandomStream(9, "frozen");
        var shape = new AttentionShape(2, 1, 8);
        int[] tokens = Draw.Integers(random, 20, 11), targets = Draw.Integers(random, 20, 11);
        Tensor trained = Parameter(Draw.Tensor(_inputs, random, 12, 16));
        Tensor[] rest = [.. new[] { (11, 12), (1, 12), (32, 12), (1, 8), (1, 8), (11, 6) }.Select(s => Parameter(Draw.Tensor(_inputs, random, s.Item1, s.Item2)))];
        float[] expected = Gradient();
        foreach (Tensor tensor in rest) (tensor.IsFrozen, tensor.Gradient) = (true, null);
        Draw.SameBits(expected, Gradient());
        Assert.All(rest, tensor => Assert.Null(tensor.Gradient));

        float[] Gradient()
        {
            trained.Gradient!.Span.Clear();
            using var tape = new Disposable(new Tape(_kernels, _step));
            Tensor x = Ops.Embedding(tape.Tape, rest[0], tokens, 20);
            Tensor projection = Ops.Linear(tape.Tape, Ops.RmsNorm(tape.Tape, x, rest[1]), rest[2]);
            Assert.Equal(rest[0].IsFrozen, projection.IsFrozen);
            Tensor mixed = Ops.CausalAttention(tape.Tape, projection, rest[3], rest[4], shape, [new Segment(0, 20)], 1);
            x = Ops.Linear(tape.Tape, mixed, trained, residual: x);
            Assert.False(x.IsFrozen);
            Ops.TokenLoss(tape.Tape, Ops.SwiGlu(tape.Tape, Ops.RmsNorm(tape.Tape, x, rest[1])), rest[5], targets, new TokenWeights { Ce = [.. Enumerable.Repeat(1f, 20)] }, 0, 1, new float[20]);
            tape.Tape.Backward();
            return trained.Gradient!.Span.ToArray();
        }
    }

    /// <summary>Runs the op on random inputs of the given rows, columns and kind (parameter or not) and compares output and gradients.</summary>
    private void Check(RandomStream random, (int Rows, int Columns, bool IsParameter)[] inputs, Func<Tape, Tensor[], Tensor> op, Func<double[][], double[]> naive, int elements = 8)
    {
        Tensor[] tensors = [.. inputs.Select(i => i.IsParameter ? Parameter(Draw.Tensor(_inputs, random, i.Rows, i.Columns)) : Draw.Tensor(_inputs, random, i.Rows, i.Columns))];
        double[][] values = [.. tensors.Select(Draw.Doubles)];
        using var tape = new Disposable(new Tape(_kernels, _step));
        Tensor output = op(tape.Tape, tensors);
        Draw.Close(naive(values), output.Span, 1e-5);

        Tensor gradient = tape.Tape.GradientOf(output, out _);
        foreach (ref float x in gradient.Span) x = (float)random.NextGaussian();
        double[] weights = Draw.Doubles(gradient);
        tape.Tape.Backward();
        for (int i = 0; i < tensors.Length; i++)
            CheckGradient(random, () => naive(values).Zip(weights, (y, w) => y * w).Sum(), values[i], tensors[i].Gradient!, elements);
    }

    private static void CheckGradient(RandomStream random, Func<double> loss, double[] values, Tensor gradient, int elements)
    {
        double[] actual = Draw.Doubles(gradient);
        double norm = Math.Sqrt(actual.Sum(x => x * x));
        double[] before = [.. values];
        for (int trial = 0; trial < elements + 2; trial++)
        {
            // The last two directions are random, the others single elements.
            double[] direction = new double[values.Length];
            if (trial < elements) direction[random.Next(values.Length)] = 1;
            else for (int i = 0; i < direction.Length; i++) direction[i] = random.NextGaussian() / Math.Sqrt(direction.Length);
            const double Step = 1e-5;
            double above = At(Step), below = At(-Step), expected = (above - below) / (2 * Step);
            double found = actual.Zip(direction, (g, v) => g * v).Sum();
            if (!(Math.Abs(found - expected) <= 2e-5 * norm + 1e-5)) Assert.Fail($"The gradient along direction {trial} is {found}, not {expected}; its norm is {norm}, its shape {gradient}.");

            double At(double step)
            {
                for (int i = 0; i < values.Length; i++) values[i] = before[i] + step * direction[i];
                double result = loss();
                before.CopyTo(values, 0);
                return result;
            }
        }
    }

    /// <summary>A parameter that already holds a gradient of zero, as those of a <see cref="ParameterSet"/> do.</summary>
    private Tensor Parameter(Tensor tensor)
    {
        tensor.IsParameter = true;
        tensor.Gradient = _inputs.Allocate(tensor.Rows, tensor.Columns, clear: true);
        return tensor;
    }

    private Tensor Identity(int n)
    {
        Tensor identity = Parameter(_inputs.Allocate(n, n, clear: true));
        for (int i = 0; i < n; i++) identity.Row(i)[i] = 1;
        return identity;
    }

    private readonly struct Disposable(Tape tape) : IDisposable
    {
        public Tape Tape => tape;

        public void Dispose() => tape.Reset();
    }
}
