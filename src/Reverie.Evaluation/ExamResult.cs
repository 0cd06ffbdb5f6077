using Reverie.Models;
using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>The outcome of an exam.</summary>
/// <param name="Name">The exam.</param>
/// <param name="Questions">How many questions.</param>
/// <param name="Score">Mean score between 0 and 1.</param>
/// <param name="StandardError">Standard error of the mean.</param>
/// <param name="Transcripts">Some of the answers, wrong ones first.</param>
public sealed record ExamResult(string Name, int Questions, double Score, double StandardError, IReadOnlyList<ExamTranscript> Transcripts)
{
    /// <summary>
    /// Share of the tasks that nobody can answer (<see cref="TaskItem.IsUnanswerable"/>) that were answered nevertheless; NaN where there were none.
    /// </summary>
    public double WrongAndConfident { get; init; } = double.NaN;

    /// <summary>Grades the episodes of an exam.</summary>
    /// <param name="name">The exam.</param>
    /// <param name="items">Its tasks.</param>
    /// <param name="traces">What the model did in each.</param>
    /// <param name="transcripts">How many of them are kept to be read.</param>
    public static ExamResult Of(string name, IReadOnlyList<TaskItem> items, IReadOnlyList<Trace> traces, int transcripts)
    {
        double[] scores = [.. traces.Select(t => t.Stop == TraceStop.Truncated ? 0 : Math.Clamp(t.Reward, 0, 1))];
        double mean = scores.Average(), variance = scores.Sum(s => (s - mean) * (s - mean)) / Math.Max(1, scores.Length - 1);
        int[] order = [.. Enumerable.Range(0, scores.Length).OrderBy(i => scores[i])];
        int[] unknown = [.. Enumerable.Range(0, scores.Length).Where(i => items[i].IsUnanswerable)];
        return new ExamResult(name, scores.Length, mean, Math.Sqrt(variance / scores.Length),
            [.. order.Take(transcripts - 2).Concat(order.TakeLast(2)).Distinct().Select(i => ExamTranscript.Of(items[i], traces[i], scores[i]))])
        {
            WrongAndConfident = unknown.Length == 0 ? double.NaN : unknown.Count(i => scores[i] < 1) / (double)unknown.Length,
        };
    }
}

/// <summary>One answered question of an exam.</summary>
/// <param name="Prompt">The conversation before the answer, a line a turn.</param>
/// <param name="Reply">What the model said.</param>
/// <param name="Gold">What an expert says.</param>
/// <param name="Score">Between 0 and 1.</param>
public sealed record ExamTranscript(string Prompt, string Reply, string Gold, double Score)
{
    internal static ExamTranscript Of(TaskItem item, Trace trace, double score)
    {
        string prompt = Lines(trace.Messages.Take(trace.PromptMessages));
        Message[] rest = [.. trace.Messages.Skip(trace.PromptMessages)];
        string gold = item is Question question ? question.Gold : Lines(Episode.Play(item, item.Expert).Messages.Skip(trace.PromptMessages));
        return new ExamTranscript(prompt, rest.Length == 1 ? rest[0].Content : Lines(rest), gold, score);
    }

    private static string Lines(IEnumerable<Message> messages) => string.Join('\n', messages.Select(m => $"{m.Role}: {m.Content}"));
}
