using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Training.Tests;

public sealed class RolloutReaderTests
{
    private static RolloutPlan Rollouts { get; } = new() { Prompts = 4, GroupSize = 8, TokensPerTurn = 12, MeasureDivergenceEvery = 2 };

    [Fact]
    public void Reinforcement_lifts_the_reward_and_the_trainer_computes_what_the_sampler_drew()
    {
        using var run = new Run(threads: 1);
        var listener = new Follower();
        using (TrainingStage stage = run.Stage(steps: 40)) Assert.True(stage.Run([listener], null, null, default));
        Assert.Equal(40, listener.Reports.Count);
        Assert.True(listener.Mean(0, 5) < 0.6, $"the untrained model gets {listener.Mean(0, 5):F2}");
        Assert.True(listener.Mean(35, 40) > listener.Mean(0, 5) + 0.25, $"reward went from {listener.Mean(0, 5):F2} to {listener.Mean(35, 40):F2}");
        Assert.All(listener.Reports.Where(r => double.IsFinite(r.MaximumLogProbabilityDifference)), r => Assert.InRange(r.MaximumLogProbabilityDifference, 0, 1e-5));
        Assert.Contains(listener.Reports, r => double.IsFinite(r.MaximumLogProbabilityDifference));
        Assert.All(listener.Reports, r => Assert.InRange(r.EngineSeconds, 0, r.Seconds));
        Assert.True(listener.Reports[^1].Statistics.Kl > 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void One_thread_and_two_give_the_same_bits_and_so_does_a_resumed_run(int updates)
    {
        RolloutPlan plan = Rollouts with { UpdatesPerBatch = updates, Credit = "dapo" };
        using Run one = new(threads: 1), two = new(threads: 2), resumed = new(threads: 1);
        using (TrainingStage stage = one.Stage(12, plan)) stage.Run([], null, null, default);
        using (TrainingStage stage = two.Stage(12, plan)) stage.Run([], null, null, default);
        Assert.Equal(one.Weights(), two.Weights());

        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "state");
        using (var cancellation = new CancellationTokenSource())
        using (TrainingStage stage = resumed.Stage(12, plan))
        {
            Assert.False(stage.Run([new Follower { Then = step => { if (step == 5) cancellation.Cancel(); } }], null, null, cancellation.Token));
            Assert.Equal(0, stage.Step % updates);
            RunState.Save(path, resumed.Model, resumed.Optimizer, stage.Progress);
        }

        using var fresh = new Run(threads: 2);
        using (TrainingStage stage = fresh.Stage(12, plan))
        {
            stage.Progress = RunState.Load(path, fresh.Model, fresh.Optimizer);
            Assert.True(stage.Run([], null, null, default));
        }

        Assert.Equal(one.Weights(), fresh.Weights());
    }

    [Fact]
    public void A_reward_that_throws_now_and_then_is_left_out_and_one_that_always_throws_ends_the_run()
    {
        using var run = new Run(threads: 1);
        var listener = new Follower();
        using (TrainingStage stage = run.Stage(6, tasks: new Vowels { ThrowsEvery = 3 })) Assert.True(stage.Run([listener], null, null, default));
        Assert.All(listener.Reports, r => Assert.InRange(r.Statistics.Failed, 1, r.Statistics.Traces - 1));
        using TrainingStage broken = run.Stage(6, tasks: new Vowels { ThrowsEvery = 1 });
        ReverieException error = Assert.Throws<ReverieException>(() => broken.Run([], null, null, default));
        Assert.Contains("in a row", error.Message, StringComparison.Ordinal);
        Assert.Contains("the judge is ill", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_in_which_all_rewards_are_the_same_is_skipped_and_counted()
    {
        using var run = new Run(threads: 1);
        byte[] before = run.Weights();
        using TrainingStage stage = run.Stage(3, tasks: new Vowels { Constant = true });
        stage.Run([], null, null, default);
        Assert.Equal(3, stage.SkippedBatches);
        Assert.Equal(before, run.Weights());
    }

    [Fact]
    public void A_position_of_other_tasks_is_refused()
    {
        using var run = new Run(threads: 1);
        using TrainingStage stage = run.Stage(3);
        StageProgress progress = stage.Progress;
        Assert.Throws<ReverieException>(() => stage.Progress = progress with { Data = progress.Data with { Seed = 99 } });
        Assert.Throws<ReverieException>(() => stage.Progress = progress with { Data = progress.Data with { Sources = [] } });
    }

    /// <summary>Asks for vowels: the reward is their share of the reply's letters.</summary>
    private sealed class Vowels : ITaskSet
    {
        private int _judged;

        public string Name => "vowels";

        public int ThrowsEvery { get; init; }

        public bool Constant { get; init; }

        public IEnumerable<TaskItem> Tasks(Split split, ulong seed)
        {
            var random = new RandomStream(seed, "vowels");
            while (true) yield return new Question([new Message(Role.User, $"what is {random.Next(10)}?")], "a e i o u", Judge);
        }

        private double Judge(string reply)
        {
            if (ThrowsEvery > 0 && ++_judged % ThrowsEvery == 0) throw new FormatException("the judge is ill.");
            return Constant ? 0.5 : reply.Count(c => "aeiou".Contains(c)) / (double)Math.Max(4, reply.Count(c => c != ' '));
        }
    }

    private sealed class Follower : IRunListener
    {
        public List<RolloutReport> Reports { get; } = [];

        public Action<int>? Then { get; init; }

        public double Mean(int from, int to) => Reports[from..to].Average(r => r.Statistics.MeanReward);

        public void RolledOut(StagePlan plan, int step, RolloutReport report) => Reports.Add(report);

        public void Stepped(StagePlan plan, int step, in StepReport report) => Then?.Invoke(step);

        public void StageStarted(StagePlan plan, int firstStep) { }

        public void Evaluated(StagePlan plan, int step, IReadOnlyDictionary<string, double> bitsPerByte) { }

        public void Sampled(StagePlan plan, int step, string text) { }

        public void StageFinished(StagePlan plan, int steps, TimeSpan elapsed) { }
    }

    private sealed class Run : IDisposable
    {
        private static readonly Lazy<float[]> Start = new(Imitate);
        private readonly IKernels _kernels;
        private readonly Transformer _start;

        public Run(int threads)
        {
            _kernels = CpuKernels.Create(threads);
            (Model, _start) = (New(), New());
            Optimizer = new AdamW(_kernels, Model.Parameters, weightDecay: 0);
        }

        public Transformer Model { get; }

        public IOptimizer Optimizer { get; }

        public TrainingStage Stage(int steps, RolloutPlan? rollouts = null, ITaskSet? tasks = null)
        {
            RolloutPlan plan = rollouts ?? Rollouts;
            var source = new RolloutReader(plan, new TaskMixture("mixture", [(tasks ?? new Vowels(), 1)]), 7, Model, Tries.Tokenizer, _kernels, reference: _start);
            var stage = new StagePlan { Name = "rl", Mixture = new Dictionary<string, double>(), Steps = steps, BatchTokens = 64, SequenceLength = 64, LearningRate = 4e-3f, Rollouts = plan };
            return new TrainingStage(stage, Model, Optimizer, _kernels, source, []);
        }

        public byte[] Weights() => System.Runtime.InteropServices.MemoryMarshal.AsBytes(Model.Parameters.Values.Span).ToArray();

        public void Dispose()
        {
            Optimizer.Dispose();
            Model.Dispose();
            _start.Dispose();
            _kernels.Dispose();
        }

        private static Transformer New()
        {
            var model = new Transformer(TransformerConfig.ForWidth(32, 2, 320, 64));
            Start.Value.CopyTo(model.Parameters.Values.Span);
            return model;
        }

        // A model that answers with four letters and stops, as SFT would leave it.
        private static float[] Imitate()
        {
            using IKernels kernels = CpuKernels.Create(1);
            using var model = new Transformer(TransformerConfig.ForWidth(32, 2, 320, 64));
            model.Initialize(3, embeddingDeviation: 0.1f, outputScale: 0.5f);
            using var optimizer = new AdamW(kernels, model.Parameters, weightDecay: 0);
            using var learner = new Learner(model, optimizer, kernels);
            var random = new RandomStream(1, "letters");
            var batch = new Batch(1024);
            for (int step = 0; step < 60; step++)
            {
                batch.Clear();
                for (int i = 0; i < 16; i++)
                {
                    string reply = string.Join(' ', Enumerable.Range(0, 4).Select(_ => (char)('a' + random.Next(26))));
                    TokenizedConversation talk = Tries.Tokenizer.ChatTemplate.Render([new Message(Role.User, $"what is {random.Next(10)}?"), new Message(Role.Assistant, reply)], addGenerationPrompt: false);
                    batch.Add(talk.Tokens, [.. talk.FromAssistant.Select(own => own ? 1f : 0f)]);
                }

                learner.Step(batch, 1e-2f);
            }

            return model.Parameters.Values.Span.ToArray();
        }
    }
}
