using Reverie.Models;
using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>Sets a task set to a model, greedily, and grades the episodes.</summary>
public static class Exam
{
    /// <summary>Runs the first <paramref name="questions"/> tasks of a split, always the same ones.</summary>
    public static ExamResult Run(ITaskSet tasks, Split split, int questions, Generator generator, Tokenizer tokenizer, CancellationToken cancellation, ulong seed = 2, SamplingOptions? sampling = null) =>
        ExamRun.Play(tasks, split, questions, new ModelActor(generator, tokenizer, sampling ?? SamplingOptions.Greedy), [generator], tokenizer, 1, seed, null, cancellation).Result();
}
