using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Training.Tests;

public sealed class ChannelTests
{
    private const int Documents = 12;

    [Fact]
    public void Reinforcement_is_imitation_by_another_name()
    {
        using var imitated = new TinyTraining();
        using var reinforced = new TinyTraining();
        using var first = new Learner(imitated.Model, imitated.Optimizer, imitated.Kernels, imitated.Options);
        using var second = new Learner(reinforced.Model, reinforced.Optimizer, reinforced.Kernels, reinforced.Options);
        Batch ce = new(1), rl = new(1);
        Fill(ce, (tokens, weights, _) => ce.Add(tokens, ce: weights));
        Fill(rl, (tokens, weights, _) => rl.Add(tokens, rl: weights));
        StepReport one = first.Step(ce, 1e-3f, 40), two = second.Step(rl, 1e-3f, 40);
        Assert.True(imitated.Weights().AsSpan().SequenceEqual(reinforced.Weights()));
        Assert.Equal((one.CeLoss, one.Loss, 0, 40), (two.RlLoss, two.Loss, two.CeLoss, two.Denominator));
        Assert.Equal((0, 0), (one.MeanEntropy, two.Nats));
        Assert.Equal(one.SupervisedTokens, two.SupervisedTokens);
        Assert.InRange(two.MeanEntropy, 0.5, Math.Log(TinyTraining.Vocabulary));
        Assert.InRange(two.MaxEntropy, two.MeanEntropy, Math.Log(TinyTraining.Vocabulary) + 1e-5);
    }

    [Fact]
    public void A_positive_advantage_raises_a_probability_and_a_negative_one_lowers_it()
    {
        using var training = new TinyTraining();
        using var learner = new Learner(training.Model, training.Optimizer, training.Kernels, training.Options);
        var batch = new Batch(64);
        batch.Add([1, 2, 3, 4], rl: [0, 1, -1, 0]);
        float[] before = learner.Score(batch).ToArray();
        for (int i = 0; i < 5; i++) Assert.False(learner.Step(batch, 1e-3f, 2).Skipped);
        ReadOnlySpan<float> after = learner.Score(batch);
        Assert.True(after[0] > before[0] + 0.01, $"{before[0]} became {after[0]}");
        Assert.True(after[1] < before[1] - 0.01, $"{before[1]} became {after[1]}");
    }

    [Fact]
    public void The_denominator_is_the_callers_or_the_weight_of_what_is_there()
    {
        using var training = new TinyTraining();
        using var learner = new Learner(training.Model, training.Optimizer, training.Kernels, training.Options);
        var batch = new Batch(64);
        batch.Add([1, 2, 3], ce: [0, 0.5f, 1], rl: [0, -4, 4]);
        Assert.Equal(1.5, learner.Step(batch, 0).Denominator);
        Assert.Equal(100, learner.Step(batch, 0, 100).Denominator);
        batch.Clear();
        batch.Add([1, 2, 3], rl: [0, -4, 4]);
        Assert.Equal(8, learner.Step(batch, 0).Denominator);
        Assert.Throws<ArgumentOutOfRangeException>(() => learner.Step(batch, 0, 0));
        batch.Clear();
        batch.Add([1, 2, 3], ce: [5, 0, 0], rl: [0, 0, 0]);
        Assert.True(learner.Step(batch, 0, 100).Skipped);
        Assert.Equal(1, learner.SkippedBatches);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_student_comes_to_say_what_its_teacher_says(bool reverse)
    {
        using var training = new TinyTraining();
        using var teacher = new TinyTraining(seed: 77);
        using var learner = new Learner(training.Model, training.Optimizer, training.Kernels, training.Options with { ReverseKl = reverse }) { Teacher = teacher.Model };
        var batch = new Batch(1);
        Fill(batch, (tokens, weights, _) => batch.Add(tokens, kl: [.. weights.Select(Math.Abs)]));
        StepReport first = learner.Step(batch, 5e-3f), last = default;
        Assert.Equal(first.Loss, first.KlLoss);
        for (int i = 0; i < 60; i++) last = learner.Step(batch, 5e-3f);
        Assert.True(last.MeanDivergence < 0.2 * first.MeanDivergence, $"The divergence went from {first.MeanDivergence} to {last.MeanDivergence} only.");

        learner.Score(batch, entropies: true, divergences: true);
        Assert.Equal(batch.TokenCount, learner.Divergences.Length);
        Assert.Equal(batch.TokenCount, learner.Entropies.Length);
        learner.Teacher = training.Model;
        learner.Score(batch, divergences: true);
        Assert.All(learner.Divergences.ToArray(), x => Assert.InRange(x, 0, 1e-5f));
        learner.Score(batch);
        Assert.True(learner.Divergences.IsEmpty && learner.Entropies.IsEmpty && learner.Values.IsEmpty);
    }

    [Fact]
    public void What_a_channel_needs_is_asked_for()
    {
        using var training = new TinyTraining();
        using var learner = new Learner(training.Model, training.Optimizer, training.Kernels, training.Options);
        var batch = new Batch(8);
        batch.Add([1, 2], kl: [0, 1]);
        Assert.Contains("Teacher", Assert.Throws<InvalidOperationException>(() => learner.Step(batch, 1)).Message);
        using var other = new Transformer(training.Model.Config with { VocabularySize = 38 });
        learner.Teacher = other;
        Assert.Contains("38 tokens", Assert.Throws<ReverieException>(() => learner.Step(batch, 1)).Message);
        batch.Clear();
        batch.Add([1, 2], valueTargets: [0, 1], valueWeights: [0, 1]);
        Assert.Contains("ValueHead", Assert.Throws<InvalidOperationException>(() => learner.Step(batch, 1)).Message);
    }

    [Theory]
    [InlineData(ValueLoss.SquaredError, 1f)]
    [InlineData(ValueLoss.SquaredError, 0f)]
    [InlineData(ValueLoss.CrossEntropy, 1f)]
    public void Values_are_learnt(ValueLoss loss, float gradient)
    {
        using var training = new TinyTraining();
        using var optimizer = new AdamW(training.Kernels, training.Model.Parameters, weightDecay: 0);
        using var head = new ValueHead(training.Model.Config.Width);
        using var critic = new AdamW(training.Kernels, head.Parameters, weightDecay: 0);
        using var learner = new Learner(training.Model, optimizer, training.Kernels, training.Options with { ValueLoss = loss, ValueGradient = gradient, ValueRate = 5 })
        {
            ValueHead = head,
            ValueOptimizer = critic,
        };
        byte[] before = training.Weights();
        var batch = new Batch(1);
        Fill(batch, (tokens, _, d) => batch.Add(tokens, valueTargets: [.. tokens.Select(t => d % 2 == 0 ? 1f : 0f)], valueWeights: [.. tokens.Select(_ => 1f)]));
        StepReport first = learner.Step(batch, 2e-3f), last = default;
        Assert.Equal(loss == ValueLoss.CrossEntropy ? Math.Log(2) : 0.25, first.ValueLoss, 0.1);
        for (int i = 0; i < 100; i++) last = learner.Step(batch, 2e-3f);
        Assert.True(last.ValueLoss < 0.7 * first.ValueLoss, $"The loss went from {first.ValueLoss} to {last.ValueLoss} only.");
        Assert.Equal(gradient == 0, before.AsSpan().SequenceEqual(training.Weights()));
        Assert.Equal(batch.TokenCount, learner.Values.Length);
    }

    [Fact]
    public void All_channels_at_once_give_the_same_bits_on_one_thread_and_two_and_make_no_garbage()
    {
        (byte[] weights, StepReport report) = All(1);
        (byte[] again, StepReport same) = All(2);
        Assert.True(weights.AsSpan().SequenceEqual(again));
        Assert.Equal(report with { Seconds = 0 }, same with { Seconds = 0 });
        Assert.Equal(report.Loss, report.CeLoss + report.RlLoss + report.KlLoss + report.ValueLoss, 1e-9);

        static (byte[], StepReport) All(int threads)
        {
            using var training = new TinyTraining(threads);
            using var teacher = new TinyTraining(seed: 77);
            using var head = new ValueHead(training.Model.Config.Width);
            using var critic = new AdamW(training.Kernels, head.Parameters);
            using var learner = new Learner(training.Model, training.Optimizer, training.Kernels, training.Options) { Teacher = teacher.Model, ValueHead = head, ValueOptimizer = critic };
            var batch = new Batch(1);
            Fill(batch, (tokens, weights, _) => batch.Add(tokens, weights, weights, weights, weights, weights));
            StepReport report = default;
            for (int i = 0; i < 30; i++) report = learner.Step(batch, 1e-4f, 100);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 3; i++) report = learner.Step(batch, 1e-4f, 100);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
            return (training.Weights(), report);
        }
    }

    [Fact]
    public void A_learner_that_only_scores_takes_no_memory_for_gradients()
    {
        using var training = new TinyTraining();
        using var model = new Transformer(training.Model.Config);
        training.Kernels.Add(training.Model.Parameters.Values, model.Parameters.Values, accumulate: false);
        using var learner = new Learner(model, training.Kernels, training.Options);
        using var trainer = new Learner(training.Model, training.Optimizer, training.Kernels, training.Options);
        var batch = new Batch(1);
        Fill(batch, (tokens, weights, _) => batch.Add(tokens, weights));
        float[] expected = trainer.Score(batch).ToArray();
        Assert.Equal(expected, learner.Score(batch).ToArray());
        Assert.Null(model.Parameters.Gradients);
        Assert.Contains("only", Assert.Throws<InvalidOperationException>(() => learner.Step(batch, 1)).Message);
        trainer.Step(batch, 1e-3f);
        Assert.Equal(expected, trainer.LogProbabilities.ToArray());
    }

    [Fact]
    public void An_optimizer_of_what_was_frozen_refuses_to_step()
    {
        using var training = new TinyTraining();
        using var learner = new Learner(training.Model, training.Optimizer, training.Kernels, training.Options);
        var batch = new Batch(8);
        batch.Add([1, 2], ce: [0, 1]);
        training.Model.Parameters.Freeze();
        Assert.Throws<InvalidOperationException>(() => learner.Step(batch, 1));
        training.Model.Parameters.AllocateGradients();
        Assert.Throws<InvalidOperationException>(() => training.Optimizer.Step(1, 1));
        using var muon = new Muon(training.Kernels, training.Model.Parameters, training.Model.Parts);
        training.Model.Parameters.Freeze();
        Assert.Throws<InvalidOperationException>(() => muon.Step(1, 1));
    }

    /// <summary>Random sequences of several micro-batches with random weights, a third of them 0.</summary>
    private static void Fill(Batch batch, Func<int[], float[], int, int> add)
    {
        var random = new RandomStream(4, "channels");
        for (int d = 0; d < Documents; d++)
        {
            int[] tokens = [.. Enumerable.Range(0, random.Next(2, 30)).Select(_ => random.Next(TinyTraining.Vocabulary))];
            add(tokens, [.. tokens.Select(_ => random.Next(3) == 0 ? 0 : (float)random.NextGaussian())], d);
        }

        Assert.Equal(Documents, batch.SegmentCount);
    }
}
