using Reverie.Models;
using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>Sets a task set to a model, greedily, and grades the replies.</summary>
public static class Exam
{
    private const int Concurrent = 64, MaximumReplyTokens = 240, KeptTranscripts = 6;

    /// <summary>Runs the first <paramref name="questions"/> tasks of a split, always the same ones.</summary>
    public static ExamResult Run(ITaskSet tasks, Split split, int questions, Generator generator, Tokenizer tokenizer, CancellationToken cancellation, ulong seed = 2)
    {
        TaskItem[] items = [.. tasks.Tasks(split, seed).Take(questions)];
        var sampling = new SamplingOptions { Temperature = 0, MaxTokens = MaximumReplyTokens };
        GenerationRequest[] requests = [.. items.Select(item =>
            new GenerationRequest(ChatTemplate.Render(tokenizer, item.Prompt, addGenerationPrompt: true).Tokens, sampling) { Cancellation = cancellation })];
        IReadOnlyList<Generation> replies = generator.RunToEnd(requests, Concurrent);
        cancellation.ThrowIfCancellationRequested();
        var transcripts = new List<ExamTranscript>();
        for (int i = 0; i < items.Length; i++)
        {
            string prompt = string.Join('\n', items[i].Prompt.Select(m => $"{m.Role}: {m.Content}"));
            transcripts.Add(new ExamTranscript(prompt, replies[i].Text, items[i].Gold, items[i].Score(replies[i].Text)));
        }

        double mean = transcripts.Average(t => t.Score);
        double variance = transcripts.Sum(t => (t.Score - mean) * (t.Score - mean)) / Math.Max(1, transcripts.Count - 1);
        return new ExamResult(tasks.Name, items.Length, mean, Math.Sqrt(variance / transcripts.Count), [.. transcripts.OrderBy(t => t.Score).Take(KeptTranscripts)]);
    }
}
