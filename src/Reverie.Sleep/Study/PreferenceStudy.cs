using Reverie.Models;
using Reverie.Tensors;
using Reverie.Training;
using Reverie.Worlds;

namespace Reverie.Sleep;

/// <summary>Learns from answers that were put right: pairs of a better and a worse reply, by direct preference optimisation (<see cref="Dpo"/>).</summary>
internal sealed class PreferenceStudy(Transformer model, Tokenizer tokenizer, IKernels kernels)
{
    private const int Steps = 20;

    /// <summary>Trains the model's adapter; the reference is the model as it comes.</summary>
    public void Train(IReadOnlyList<Lesson> lessons, float learningRate)
    {
        var credit = new Dpo();
        TraceGroup[] pairs = [.. lessons.Select(Pair)];
        CreditedTrace[] traces = [.. pairs.SelectMany(p => p.Traces)];
        using var optimizer = new AdamW(kernels, model.Adapter!.Parameters, weightDecay: 0);
        using var learner = new Learner(model, optimizer, kernels);
        var batch = new TraceBatch(longest: model.Config.ContextLength);
        batch.FillForScoring(traces);
        learner.Score(batch.Batch);
        batch.Read(learner.LogProbabilities, (trace, own) => trace.Reference = own);
        for (int step = 0; step < Steps; step++)
        {
            batch.FillForScoring(traces);
            learner.Score(batch.Batch);
            batch.Read(learner.LogProbabilities, (trace, own) => trace.Current = own);
            credit.Assign(pairs);
            batch.Fill(pairs);
            if (batch.Count > 0) learner.Step(batch.Batch, learningRate, 1);
        }
    }

    private TraceGroup Pair(Lesson lesson) => new([Credited(lesson, lesson.Wanted), Credited(lesson, lesson.Said!)], [1, 0]);

    private CreditedTrace Credited(Lesson lesson, string reply) => new(Episode.Play(new Question(lesson.Prompt, reply, _ => 1), new Script(reply), tokenizer));
}
