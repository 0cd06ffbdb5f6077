using System.Runtime.InteropServices;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Training.Tests;

public sealed class AdapterTrainingTests
{
    [Theory]
    [InlineData("adamw")]
    [InlineData("muon")]
    public void An_adapter_learns_while_its_model_stays_as_it_is(string name)
    {
        using var training = new TinyTraining();
        byte[] before = training.Weights();
        using Adapter adapter = Adapted(training);
        using IOptimizer optimizer = Optimizer(name, training.Kernels, adapter);
        using var learner = new Learner(training.Model, optimizer, training.Kernels, training.Options);
        Batch batch = Counting();
        StepReport first = learner.Step(batch, 1e-2f), last = default;
        Assert.Null(training.Model.Parameters.Gradients);
        Assert.All(training.Model.Parameters.All, p => Assert.True(p.Value.IsFrozen && p.Value.Gradient is null));
        for (int i = 0; i < 80; i++) last = learner.Step(batch, 1e-2f);
        Assert.True(last.Loss < 0.5 * first.Loss, $"The loss went from {first.Loss} to {last.Loss} only.");
        Assert.True(before.AsSpan().SequenceEqual(training.Weights()));
        Assert.Throws<InvalidOperationException>(() => training.Optimizer.Step(1, 1));

        float[] adapted = learner.Score(batch).ToArray();
        using Transformer merged = adapter.Merged(training.Model, training.Kernels);
        using var scorer = new Learner(merged, training.Kernels);
        ReadOnlySpan<float> scores = scorer.Score(batch);
        for (int i = 0; i < adapted.Length; i++) Assert.Equal(adapted[i], scores[i], 1e-4);
    }

    [Theory]
    [InlineData("adamw")]
    [InlineData("muon")]
    public void One_thread_and_two_train_an_adapter_to_the_same_bits(string name)
    {
        Assert.True(Train(1).AsSpan().SequenceEqual(Train(2)));

        byte[] Train(int threads)
        {
            using var training = new TinyTraining(threads);
            using Adapter adapter = Adapted(training);
            using IOptimizer optimizer = Optimizer(name, training.Kernels, adapter);
            using TrainingStage stage = Stage(training, optimizer);
            Assert.True(stage.Run([], null, null, CancellationToken.None));
            return Bytes(adapter);
        }
    }

    [Fact]
    public void A_resumed_adapter_run_equals_the_uninterrupted_one()
    {
        string state = Path.Combine(Path.GetTempPath(), $"reverie-{Guid.NewGuid():N}.safetensors");
        byte[]? whole = null;
        int saves = 0;
        try
        {
            using (var first = new TinyTraining())
            {
                using Adapter adapter = Adapted(first);
                using IOptimizer optimizer = Optimizer("adamw", first.Kernels, adapter);
                using TrainingStage stage = Stage(first, optimizer);
                stage.Run([], () => { if (++saves == 7) RunState.Save(state, first.Model, optimizer, stage.Progress); }, null, CancellationToken.None);
                whole = Bytes(adapter);
            }

            using var second = new TinyTraining(2, seed: 999);
            using Adapter other = Adapted(second);
            using IOptimizer again = Optimizer("adamw", second.Kernels, other);
            using TrainingStage resumed = Stage(second, again);
            resumed.Progress = RunState.Load(state, second.Model, again);
            resumed.Run([], null, null, CancellationToken.None);
            Assert.True(whole.AsSpan().SequenceEqual(Bytes(other)));
        }
        finally
        {
            File.Delete(state);
        }
    }

    [Fact]
    public void A_model_without_its_adapter_is_the_teacher_of_itself_with_it()
    {
        using var training = new TinyTraining();
        using Adapter adapter = Adapted(training);
        using IOptimizer optimizer = Optimizer("adamw", training.Kernels, adapter);
        using var learner = new Learner(training.Model, optimizer, training.Kernels, training.Options) { Teacher = training.Model };
        Batch batch = Counting();
        learner.Score(batch, divergences: true);
        Assert.All(learner.Divergences.ToArray(), x => Assert.InRange(x, 0, 1e-5f));
        for (int i = 0; i < 10; i++) learner.Step(batch, 1e-2f);
        learner.Score(batch, divergences: true);
        Assert.True(learner.Divergences.ToArray().Average() > 0.01);
        Assert.Same(adapter, training.Model.Adapter);
    }

    [Fact]
    public void A_model_under_an_adapter_can_be_trained_again()
    {
        using var training = new TinyTraining();
        using Adapter adapter = Adapted(training);
        Batch batch = Counting();
        using (IOptimizer optimizer = Optimizer("adamw", training.Kernels, adapter))
        {
            using var first = new Learner(training.Model, optimizer, training.Kernels, training.Options);
            for (int i = 0; i < 3; i++) first.Step(batch, 1e-2f);
            training.Model.Adapter = null;
            Assert.Contains("Transformer.Adapter", Assert.Throws<InvalidOperationException>(() => first.Step(batch, 1e-2f)).Message);
            training.Model.Adapter = adapter;
        }

        byte[] before = Bytes(adapter), weights = training.Weights();
        using var whole = new AdamW(training.Kernels, training.Model.Parameters);
        using var second = new Learner(training.Model, whole, training.Kernels, training.Options);
        second.Step(batch, 1e-3f);
        Assert.True(before.AsSpan().SequenceEqual(Bytes(adapter)));
        Assert.False(weights.AsSpan().SequenceEqual(training.Weights()));
        Assert.Null(adapter.Parameters.Gradients);
    }

    private static Adapter Adapted(TinyTraining training) => training.Model.Adapter = new Adapter(training.Model, rank: 4, alpha: 8, seed: 3);

    private static IOptimizer Optimizer(string name, IKernels kernels, Adapter adapter) =>
        name == "muon" ? new Muon(kernels, adapter.Parameters, adapter.Parts) : new AdamW(kernels, adapter.Parameters);

    private static TrainingStage Stage(TinyTraining training, IOptimizer optimizer) =>
        new(TinyTraining.Plan(20), training.Model, optimizer, training.Kernels, TinyTraining.Data(), [], seed: 3, training.Options);

    private static byte[] Bytes(Adapter adapter) => MemoryMarshal.AsBytes(adapter.Parameters.Values.Span).ToArray();

    private static Batch Counting()
    {
        var batch = new Batch(256);
        for (int d = 0; d < 8; d++)
        {
            int[] tokens = [.. Enumerable.Range(0, 20).Select(i => (i * 3 + d) % TinyTraining.Vocabulary)];
            batch.Add(tokens, ce: [.. tokens.Select(_ => 1f)]);
        }

        return batch;
    }
}
