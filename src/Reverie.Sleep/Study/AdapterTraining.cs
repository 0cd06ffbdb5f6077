using Reverie.Models;
using Reverie.Tensors;
using Reverie.Training;

namespace Reverie.Sleep;

/// <summary>What everything that trains, examines or scores adapters of one model does alike.</summary>
internal static class AdapterTraining
{
    // Few tokens at once, so that the base reads little more than what it is compared on.
    private const int MicroBatchTokens = 512, ScoredTokens = 4096;

    /// <summary>Trains the adapter that the model wears.</summary>
    /// <param name="model">The model.</param>
    /// <param name="kernels">The arithmetic.</param>
    /// <param name="source">What is read.</param>
    /// <param name="steps">Optimizer steps.</param>
    /// <param name="learningRate">The constant rate; the last three fifths of the steps decay.</param>
    /// <param name="progress">Is told the share of steps that are done.</param>
    /// <param name="cancellation">Stops after a step.</param>
    /// <returns>Tokens read.</returns>
    public static long Run(Transformer model, IKernels kernels, StudySource source, int steps, float learningRate, Action<double>? progress, CancellationToken cancellation)
    {
        using var optimizer = new AdamW(kernels, model.Adapter!.Parameters, weightDecay: 0);
        using var learner = new Learner(model, optimizer, kernels, new LearnerOptions { MicroBatchTokens = MicroBatchTokens }) { Teacher = model };
        var schedule = new Schedule(learningRate, steps, WarmupSteps: 10, DecayFraction: 0.6, FinalFraction: 0.05);
        var batch = new Batch(2 * source.BatchTokens);
        long tokens = 0;
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            source.Next(batch);
            tokens += learner.Step(batch, schedule.At(step), 1).Tokens;
            if (step % 8 == 0) progress?.Invoke((double)step / steps);
        }

        return tokens;
    }

    /// <summary>Does something while the model wears an adapter, null for none; then it wears what it wore.</summary>
    public static T Wear<T>(this Transformer model, Adapter? adapter, Func<T> work)
    {
        Adapter? own = model.Adapter;
        model.Adapter = adapter;
        try
        {
            return work();
        }
        finally
        {
            model.Adapter = own;
        }
    }

    /// <summary>Documents in batches to be scored, in order; each batch is the same object, filled anew.</summary>
    public static IEnumerable<(Batch Batch, int First, int End)> Batches(IReadOnlyList<StudyDocument> documents)
    {
        var batch = new Batch(ScoredTokens);
        for (int next = 0; next < documents.Count;)
        {
            batch.Clear();
            int first = next;
            while (next < documents.Count && (next == first || batch.TokenCount + documents[next].Tokens.Length <= ScoredTokens)) batch.Add(documents[next].Tokens, documents[next++].Weights);
            yield return (batch, first, next);
        }
    }
}
