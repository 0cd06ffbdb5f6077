using Reverie.Models;
using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>Sets a task set to a model, greedily, and grades the episodes.</summary>
public static class Exam
{
    private const int KeptTranscripts = 6;

    /// <summary>Runs the first <paramref name="questions"/> tasks of a split, always the same ones.</summary>
    public static ExamResult Run(ITaskSet tasks, Split split, int questions, Generator generator, Tokenizer tokenizer, CancellationToken cancellation, ulong seed = 2)
    {
        TaskItem[] items = [.. tasks.Tasks(split, seed).Take(questions)];
        var actor = new ModelActor(generator, tokenizer, SamplingOptions.Greedy);
        IReadOnlyList<Trace> traces = Episode.Run([.. items.Select((item, i) => new Episode(tasks.Name, $"{split}-{seed}-{i}", item, actor, seed + (ulong)i))], tokenizer, null, [generator], cancellation);
        return ExamResult.Of(tasks.Name, items, traces, KeptTranscripts);
    }
}
