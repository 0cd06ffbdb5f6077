using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Training.Tests;

public sealed class RolloutReaderTests
{
    private static RehearsalPlan Rehearsal { get; } = new(new Dictionary<string, double> { ["consonants"] = 1 }) { Tokens = 128, Imitation = 0.5, Divergence = 0.5 };

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
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(1, true)]
    [InlineData(3, true)]
    public void One_thread_and_two_give_the_same_bits_and_so_does_a_resumed_run(int updates, bool rehearses)
    {
        RolloutPlan plan = Rollouts with { UpdatesPerBatch = updates, Credit = "dapo", Rehearsal = rehearses ? Rehearsal : null };
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
    public void What_is_rehearsed_is_not_forgotten()
    {
        double Bits(RehearsalPlan? rehearsal, int steps)
        {
            using var run = new Run(threads: 1);
            using (TrainingStage stage = run.Stage(steps, Rollouts with { Rehearsal = rehearsal })) stage.Run([], null, null, default);
            using IKernels kernels = CpuKernels.Create(1);
            using var learner = new Learner(run.Model, kernels);
            return BitsPerByte.Measure(learner, Run.Text, 64, 4096, new Batch(256));
        }

        double before = Bits(null, 0), without = Bits(null, 40), with = Bits(Rehearsal, 40);
        Assert.True(without > before + 0.05, $"{before:F3} bits a byte became {without:F3} where nothing was rehearsed");
        Assert.True(with < before + (without - before) / 4, $"{before:F3} bits a byte became {with:F3} where it was rehearsed, {without:F3} where not");
    }

    [Fact]
    public void A_rehearsal_keeps_the_weights_of_the_episodes_and_weighs_what_it_was_given()
    {
        using Run alone = new(threads: 1), beside = new(threads: 1);
        using var kernels = CpuKernels.Create(1);
        using RolloutReader plain = alone.Reader(Rollouts);
        using IBatchSource rehearsing = new RehearsingReader(beside.Reader(Rollouts), Run.ReadText(), beside.Start, Rehearsal);
        Batch episodes = new(64), both = new(64);
        plain.Next(episodes);
        rehearsing.Next(both);
        int own = episodes.TokenCount;
        Assert.True(both.TokenCount > own);
        Assert.Equal(episodes.Tokens[..own], both.Tokens[..own]);
        Assert.Equal(episodes.Weights.Rl![..own], both.Weights.Rl![..own]);
        Assert.All(both.Weights.Rl[own..both.TokenCount], w => Assert.Equal(0, w));
        Assert.All(both.CeWeights[..own], w => Assert.Equal(0, w));
        Assert.Equal(Rehearsal.Imitation, both.CeWeights[own..both.TokenCount].Sum(w => (double)w), 5);
        Assert.All(both.Weights.Kl![..own], w => Assert.Equal(0, w));
        Assert.Equal(Rehearsal.Divergence, both.Weights.Kl[own..both.TokenCount].Sum(w => (double)w), 5);
        Assert.Throws<ReverieException>(() => new RehearsingReader(plain, Run.ReadText(), alone.Start, Rehearsal with { Imitation = 0 }));
        Assert.Throws<ReverieException>(() => rehearsing.State = rehearsing.State with { Sources = [rehearsing.State.Sources[0]] });
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
        private static readonly Lazy<float[]> Imitated = new(Imitate);

        /// <summary>Consonants, which no reward asks for.</summary>
        public static TokenDataset Text { get; } = TokenDataset.InMemory(
            new ListCorpus("consonants", [.. Enumerable.Range(0, 64).Select(i => new Document("consonants", [new Message(Role.User, $"spell {i}"), new Message(Role.Assistant, "b c d f")]))]), Split.Train, 1, Tries.Tokenizer);

        private readonly IKernels _kernels;

        public Run(int threads)
        {
            _kernels = CpuKernels.Create(threads);
            (Model, Start) = (New(), New());
            Optimizer = new AdamW(_kernels, Model.Parameters, weightDecay: 0);
        }

        public Transformer Model { get; }

        public Transformer Start { get; }

        public IOptimizer Optimizer { get; }

        public TrainingStage Stage(int steps, RolloutPlan? rollouts = null, ITaskSet? tasks = null)
        {
            RolloutPlan plan = rollouts ?? Rollouts;
            var stage = new StagePlan { Name = "rl", Mixture = new Dictionary<string, double>(), Steps = steps, BatchTokens = 64, SequenceLength = 64, LearningRate = 4e-3f, Rollouts = plan };
            return new TrainingStage(stage, Model, Optimizer, _kernels, TrainingStage.Rehearse(stage, Reader(plan, tasks), [Text], 9), []);
        }

        public RolloutReader Reader(RolloutPlan plan, ITaskSet? tasks = null) =>
            new(plan, new TaskMixture("mixture", [(tasks ?? new Vowels(), 1)]), 7, Model, Tries.Tokenizer, _kernels, reference: Start);

        public static MixtureReader ReadText() => new([new MixtureSource(Text, 1)], 64, 9);

        public byte[] Weights() => System.Runtime.InteropServices.MemoryMarshal.AsBytes(Model.Parameters.Values.Span).ToArray();

        public void Dispose()
        {
            Optimizer.Dispose();
            Model.Dispose();
            Start.Dispose();
            _kernels.Dispose();
        }

        private static Transformer New()
        {
            var model = new Transformer(TransformerConfig.ForWidth(32, 2, 320, 64));
            Imitated.Value.CopyTo(model.Parameters.Values.Span);
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
