using System.Globalization;
using System.Text.Json;
using Reverie.Models;
using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>A task set played several times over by a model, episode by episode: pass@k, pass^k, majority, calibration.</summary>
public static class ExamSamples
{
    /// <summary>Plays the first tasks of a split, always the same ones.</summary>
    /// <param name="tasks">The task set.</param>
    /// <param name="split">Which of its tasks.</param>
    /// <param name="questions">How many.</param>
    /// <param name="samples">Episodes of each.</param>
    /// <param name="sampling">How tokens are drawn; greedily only one sample makes sense.</param>
    /// <param name="generator">The engine.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="seed">Which tasks, and the samples' draws.</param>
    /// <exception cref="OperationCanceledException">The token was set.</exception>
    public static TaskResult Run(ITaskSet tasks, Split split, int questions, int samples, SamplingOptions sampling, Generator generator, Tokenizer tokenizer,
        CancellationToken cancellation, ulong seed = 2)
    {
        TaskItem[] items = [.. tasks.Tasks(split, seed).Take(questions)];
        var actor = new ModelActor(generator, tokenizer, sampling);
        Episode[] episodes = [.. items.SelectMany((item, i) => Enumerable.Range(0, samples).Select(s =>
            new Episode(tasks.Name, $"{split}-{seed}-{i}", item, actor, seed + (ulong)((i * samples) + s))))];
        IReadOnlyList<Trace> traces = Episode.Run(episodes, tokenizer, null, [generator], cancellation);
        return Grade(tasks.Name, items, [.. traces.Chunk(samples)]) with
        {
            Settings = new Dictionary<string, string>
            {
                ["output_type"] = "episode",
                ["split"] = split.ToString(),
                ["repeats"] = samples.ToString(CultureInfo.InvariantCulture),
                ["temperature"] = sampling.Temperature.ToString(CultureInfo.InvariantCulture),
                ["seed"] = seed.ToString(CultureInfo.InvariantCulture),
            },
        };
    }

    /// <summary>Grades traces: the mean score, and what several samples of a task show.</summary>
    /// <param name="name">The task set.</param>
    /// <param name="items">The tasks.</param>
    /// <param name="traces">For each task its samples, as many for each.</param>
    public static TaskResult Grade(string name, IReadOnlyList<TaskItem> items, IReadOnlyList<Trace[]> traces)
    {
        SampledItem[] sampled = [.. traces.Select(samples => new SampledItem(
            [.. samples.Select(Score)], [.. samples.Select(Answer)], [.. samples.Select(t => Math.Log(Confidence(t)))]))];
        var metrics = new List<Metric> { Metric.Mean("score", [.. sampled.Select(s => s.Scores.Average())]) };
        if (traces.Count > 0 && traces[0].Length > 1) metrics.AddRange(SampledItem.Metrics(sampled));
        return new TaskResult
        {
            Name = name,
            Metrics = metrics,
            Samples = [.. items.Select((item, i) => Sample(i, item, traces[i], sampled[i]))],
            Answers = [.. traces.SelectMany(samples => samples.Select(t => new ConfidentAnswer(Confidence(t), Score(t) >= 1, Reply.Abstains(Reply.Answer(t.ReplyText)))))],
            Documents = items.Count,
            Asked = items.Count,
        };
    }

    /// <summary>The score between 0 and 1; a reply that was cut off has none.</summary>
    internal static double Score(Trace trace) => trace.Stop == TraceStop.Truncated ? 0 : Math.Clamp(trace.Reward, 0, 1);

    /// <summary>exp of the mean log p of the tokens that the model chose.</summary>
    internal static double Confidence(Trace trace) =>
        Calibration.OfAnswer([.. trace.Turns.SelectMany(t => Enumerable.Range(t.Start, t.Length).Select(i => trace.LogProbabilities[i]))]);

    private static string? Answer(Trace trace)
    {
        string answer = trace.Stop == TraceStop.Truncated ? "" : Reply.FinalSentence(Reply.Answer(trace.ReplyText));
        return answer.Length > 0 ? answer : null;
    }

    private static TaskSample Sample(int index, TaskItem item, Trace[] traces, SampledItem sampled)
    {
        string prompt = string.Join('\n', item.Prompt.Select(m => $"{m.Role}: {m.Content}"));
        return new TaskSample
        {
            DocumentId = index,
            Document = JsonSerializer.Serialize(new { prompt }),
            Target = item is Question question ? question.Gold : "",
            Arguments = [[prompt]],
            Responses = [[.. traces.Select(t => t.ReplyText)]],
            Filtered = [.. sampled.Answers.Select(a => a ?? Gsm8kAnswer.Invalid)],
            Scores = new Dictionary<string, double> { ["score"] = sampled.Scores.Average() },
        };
    }
}
