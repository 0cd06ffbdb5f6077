using Reverie.Tensors;

namespace Reverie.Training.Tests;

public sealed class TrainingStageTests
{
    [Theory]
    [InlineData("adamw")]
    [InlineData("muon")]
    public void One_thread_and_two_give_the_same_weights_after_fifty_steps(string optimizer)
    {
        byte[] one = Train(1, optimizer), two = Train(2, optimizer);
        Assert.True(one.AsSpan().SequenceEqual(two));
    }

    [Theory]
    [InlineData("adamw", 1)]
    [InlineData("adamw", 23)]
    [InlineData("muon", 23)]
    public void Resumed_run_equals_uninterrupted_run(string optimizer, int stopAfter)
    {
        byte[] whole = Train(1, optimizer);
        string state = Path.Combine(Path.GetTempPath(), $"reverie-{Guid.NewGuid():N}.safetensors");
        try
        {
            using (var first = new TinyTraining(1, optimizer))
            {
                using TrainingStage stage = first.Stage(TinyTraining.Plan());
                using var stop = new CancellationTokenSource();
                var stopper = new Recorder { OnStep = step => { if (step == stopAfter) stop.Cancel(); } };
                Assert.False(stage.Run([stopper], null, null, stop.Token));
                RunState.Save(state, first.Model, first.Optimizer, stage.Progress);
            }

            using var second = new TinyTraining(2, optimizer, seed: 999);
            using TrainingStage resumed = second.Stage(TinyTraining.Plan());
            resumed.Progress = RunState.Load(state, second.Model, second.Optimizer);
            Assert.Equal(stopAfter, resumed.Step);
            Assert.True(resumed.Run([], null, null, CancellationToken.None));
            Assert.True(whole.AsSpan().SequenceEqual(second.Weights()));
        }
        finally
        {
            File.Delete(state);
        }
    }

    [Fact]
    public void The_rate_of_a_stage_that_the_clock_ends_falls_with_the_clock()
    {
        using var training = new TinyTraining();
        using TrainingStage stage = training.Stage(TinyTraining.Plan(1_000_000) with { MaximumSeconds = 0.5, DecayFraction = 1 });
        var recorder = new Recorder();
        Assert.True(stage.Run([recorder], null, null, CancellationToken.None));
        float[] rates = [.. recorder.Rates.Skip(TinyTraining.Plan().WarmupSteps)];
        Assert.Equal(rates.OrderDescending(), rates);
        Assert.True(rates[^1] < 0.9 * rates[0], $"The rate went from {rates[0]} to {rates[^1]} only.");
    }

    [Theory]
    [InlineData("adamw")]
    [InlineData("muon")]
    public void Loss_falls_on_what_can_be_learnt(string optimizer)
    {
        using var training = new TinyTraining(1, optimizer);
        using TrainingStage stage = training.Stage(TinyTraining.Plan(150));
        var recorder = new Recorder();
        Assert.True(stage.Run([recorder], null, null, CancellationToken.None));
        double first = recorder.Losses.Take(5).Average(), last = recorder.Losses.TakeLast(5).Average();
        Assert.InRange(first, 3.2, 4.2);
        Assert.True(last < 1.2, $"The loss went from {first} to {last} only.");
    }

    [Fact]
    public void A_batch_without_a_supervised_token_is_skipped_and_counted()
    {
        using var training = new TinyTraining();
        byte[] before = training.Weights();
        using TrainingStage stage = training.Stage(TinyTraining.Plan(3, loss: LossWeights.Assistant));
        var recorder = new Recorder();
        Assert.True(stage.Run([recorder], null, null, CancellationToken.None));
        Assert.Equal(3, stage.SkippedBatches);
        Assert.Equal(3, recorder.Skipped);
        Assert.True(before.AsSpan().SequenceEqual(training.Weights()));
    }

    [Fact]
    public void The_micro_batch_does_not_change_what_a_step_means()
    {
        using var small = new TinyTraining(microBatch: 32);
        using var large = new TinyTraining(microBatch: 4096);
        using TrainingStage first = small.Stage(TinyTraining.Plan(3));
        using TrainingStage second = large.Stage(TinyTraining.Plan(3));
        Assert.True(first.Run([], null, null, CancellationToken.None));
        Assert.True(second.Run([], null, null, CancellationToken.None));
        Span<float> a = small.Model.Parameters.Values.Span, b = large.Model.Parameters.Values.Span;
        for (int i = 0; i < a.Length; i++) Assert.Equal(a[i], b[i], 2e-3);
    }

    [Fact]
    public void A_step_makes_no_garbage()
    {
        using var training = new TinyTraining();
        using var learner = new Learner(training.Model, training.Optimizer, training.Kernels, training.Options);
        var batch = new Batch(192);
        var reader = new MixtureReader([new MixtureSource(TinyTraining.Data()[0], 1)], 32, 1);
        for (int i = 0; i < 30; i++) Step();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 5; i++) Step();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Step()
        {
            reader.Next(batch);
            learner.Step(batch, 1e-3f);
        }
    }

    [Fact]
    public void A_diverged_loss_stops_with_advice_and_leaves_the_weights_alone()
    {
        using var training = new TinyTraining();
        training.Model.Embedding.Span[5] = float.NaN;
        using TrainingStage stage = training.Stage(TinyTraining.Plan(3));
        ReverieException failure = Assert.Throws<ReverieException>(() => stage.Run([], null, null, CancellationToken.None));
        Assert.Contains("Lower the learning rate", failure.Message);
        Assert.Equal(0, training.Optimizer.Steps);
    }

    [Fact]
    public void The_state_of_another_model_is_refused()
    {
        string state = Path.Combine(Path.GetTempPath(), $"reverie-{Guid.NewGuid():N}.safetensors");
        try
        {
            using var adam = new TinyTraining(1, "adamw");
            using TrainingStage stage = adam.Stage(TinyTraining.Plan());
            RunState.Save(state, adam.Model, adam.Optimizer, stage.Progress);
            using var muon = new TinyTraining(1, "muon");
            Assert.Contains("momentum", Assert.Throws<ReverieException>(() => RunState.Load(state, muon.Model, muon.Optimizer)).Message);
        }
        finally
        {
            File.Delete(state);
        }
    }

    private static byte[] Train(int threads, string optimizer)
    {
        using var training = new TinyTraining(threads, optimizer);
        using TrainingStage stage = training.Stage(TinyTraining.Plan());
        Assert.True(stage.Run([], null, null, CancellationToken.None));
        return training.Weights();
    }

    private sealed class Recorder : IRunListener
    {
        public List<double> Losses { get; } = [];

        public List<float> Rates { get; } = [];

        public int Skipped { get; private set; }

        public Action<int>? OnStep { get; init; }

        public void StageStarted(StagePlan plan, int firstStep) { }

        public void Stepped(StagePlan plan, int step, in StepReport report)
        {
            Losses.Add(report.Loss);
            Rates.Add(report.LearningRate);
            if (report.Skipped) Skipped++;
            OnStep?.Invoke(step);
        }

        public void Evaluated(StagePlan plan, int step, IReadOnlyDictionary<string, double> bitsPerByte) { }

        public void Sampled(StagePlan plan, int step, string text) { }

        public void StageFinished(StagePlan plan, int steps, TimeSpan elapsed) { }
    }
}
