namespace Reverie.Tensors.Tests;

/// <summary>A small network of every op: what holds of a whole training step. Runs alone, because it counts the garbage of all threads.</summary>
[Collection(nameof(TrainingStepTests))]
[CollectionDefinition(nameof(TrainingStepTests), DisableParallelization = true)]
public sealed class TrainingStepTests
{
    private const int Tokens = 300, Vocabulary = 211, Width = 48, Steps = 3;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void Any_number_of_threads_gives_the_same_bits(int threads)
    {
        using var alone = new Network(1);
        using var together = new Network(threads);
        for (int step = 1; step <= Steps; step++)
        {
            alone.Step(step);
            together.Step(step);
        }

        Draw.SameBits(alone.LogProbabilities, together.LogProbabilities);
        Draw.SameBits(alone.Parameters.Gradients!.Span, together.Parameters.Gradients!.Span);
        Draw.SameBits(alone.Parameters.Values.Span, together.Parameters.Values.Span);
    }

    [Fact]
    public void A_step_that_has_run_before_makes_no_garbage_on_any_thread()
    {
        using var network = new Network(2);
        for (int step = 1; step <= 5; step++) network.Step(step);
        long mine = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 6; step <= 10; step++) network.Step(step);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - mine);

        // The test runner has threads of its own that may allocate meanwhile; the kernels would do so every time.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 10 && least > 0; attempt++)
        {
            long all = GC.GetTotalAllocatedBytes(precise: true);
            for (int step = 11; step <= 15; step++) network.Step(step);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - all);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public void Training_lowers_the_loss()
    {
        using var network = new Network(2);
        network.Step(1);
        float before = network.LogProbabilities.Average();
        for (int step = 2; step <= 20; step++) network.Step(step);
        Assert.True(network.LogProbabilities.Average() > before + 0.5f);
    }

    [Fact]
    public void Tokens_outside_of_all_segments_change_nothing_else()
    {
        using var network = new Network(2, gap: true);
        network.Step(1);
        Assert.All(network.Parameters.Gradients!.Span.ToArray(), x => Assert.True(float.IsFinite(x)));
    }

    private sealed class Network : IDisposable
    {
        private readonly IKernels _kernels;
        private readonly Arena _arena = new(), _state = new();
        private readonly Tape _tape;
        private readonly Tensor _first, _second;
        private readonly AttentionShape _shape = new(6, 3, 8);
        private readonly int[] _tokens, _targets;
        private readonly Segment[] _segments;
        private readonly TokenWeights _weights;

        public Network(int threads, bool gap = false)
        {
            _kernels = new CpuKernels(threads);
            _tape = new Tape(_kernels, _arena);
            Parameters = new ParameterSet(
            [
                ("table", ParameterKind.Embedding, Vocabulary, Width), ("norm", ParameterKind.Gain, 1, Width), ("projection", ParameterKind.Matrix, _shape.ProjectionColumns, Width),
                ("query", ParameterKind.Gain, 1, 8), ("key", ParameterKind.Gain, 1, 8), ("output", ParameterKind.Matrix, Width, _shape.OutputColumns),
                ("gate", ParameterKind.Matrix, 2 * 67, Width), ("down", ParameterKind.Matrix, Width, 67), ("head", ParameterKind.Embedding, Vocabulary, Width),
            ]);
            Parameters.AllocateGradients();
            var random = new RandomStream(1, "network");
            foreach (Parameter parameter in Parameters.All)
                foreach (ref float x in parameter.Value.Span) x = parameter.Kind == ParameterKind.Gain ? 1 : (float)(0.2 * random.NextGaussian());
            _first = _state.Allocate(Parameters.Values.Rows, Parameters.Values.Columns, clear: true);
            _second = _state.Allocate(Parameters.Values.Rows, Parameters.Values.Columns, clear: true);
            (_tokens, _targets) = (Draw.Integers(random, Tokens, Vocabulary), Draw.Integers(random, Tokens, Vocabulary));
            _segments = Draw.Segments(random, Tokens, 120, gap);
            _weights = new TokenWeights { Ce = [.. Enumerable.Range(0, Tokens).Select(i => i % 5 == 0 ? 0f : 1f)] };
        }

        public ParameterSet Parameters { get; }

        public float[] LogProbabilities { get; } = new float[Tokens];

        public void Step(int number)
        {
            _tape.Reset();
            _kernels.Clear(Parameters.Gradients!);
            Tensor x = Ops.Embedding(_tape, this["table"], _tokens, Tokens);
            Tensor projection = Ops.Linear(_tape, Ops.RmsNorm(_tape, x, this["norm"]), this["projection"]);
            x = Ops.Linear(_tape, Ops.CausalAttention(_tape, projection, this["query"], this["key"], _shape, _segments, _segments.Length), this["output"], residual: x);
            x = Ops.Linear(_tape, Ops.SwiGlu(_tape, Ops.Linear(_tape, Ops.RmsNorm(_tape, x, this["norm"]), this["gate"])), this["down"], residual: x);
            Ops.TokenLoss(_tape, x, this["head"], _targets, _weights, 0, 1f / Tokens, LogProbabilities);
            _tape.Backward();
            float norm = (float)Math.Sqrt(_kernels.SumOfSquares(Parameters.Gradients!));
            _kernels.AdamW(Parameters.Values, Parameters.Gradients!, _first, _second, new AdamWSettings(0.01f, 0.9f, 0.98f, 1e-8f, 0.01f, number, Math.Min(1, 1 / norm)));
        }

        public void Dispose()
        {
            _kernels.Dispose();
            _arena.Dispose();
            _state.Dispose();
            Parameters.Dispose();
        }

        private Tensor this[string name] => Parameters[name].Value;
    }
}
