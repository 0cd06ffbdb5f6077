using System.Globalization;
using System.Text.Json;
using Reverie.Models;
using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>A task set that a model has played, each task once or several times over: the traces, and what they show.</summary>
/// <param name="Name">The task set.</param>
/// <param name="Items">Its tasks.</param>
/// <param name="Traces">For each task its samples, as many for each.</param>
public sealed record ExamRun(string Name, IReadOnlyList<TaskItem> Items, IReadOnlyList<IReadOnlyList<Trace>> Traces)
{
    private const int KeptTranscripts = 6;

    /// <summary>Settings that decide the figures, for the results file.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Plays the first tasks of a split, always the same ones.</summary>
    /// <param name="tasks">The task set.</param>
    /// <param name="split">Which of its tasks.</param>
    /// <param name="questions">How many.</param>
    /// <param name="actor">Who plays.</param>
    /// <param name="engines">The engines of the models among the actors.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="samples">Episodes of each task; more than one makes sense only where the actor draws.</param>
    /// <param name="seed">Which tasks, and the draws.</param>
    /// <param name="budget">Limits of an episode.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">The token was set.</exception>
    public static ExamRun Play(ITaskSet tasks, Split split, int questions, IActor actor, IReadOnlyList<Generator> engines, Tokenizer tokenizer, int samples = 1, ulong seed = 2,
        Budget? budget = null, CancellationToken cancellation = default)
    {
        TaskItem[] items = [.. tasks.Tasks(split, seed).Take(questions)];
        Episode[] episodes = [.. items.SelectMany((item, i) => Enumerable.Range(0, samples).Select(sample =>
            new Episode(tasks.Name, $"{split}-{seed}-{i}", item, actor, seed + (ulong)((i * samples) + sample))))];
        return new ExamRun(tasks.Name, items, [.. Episode.Run(episodes, tokenizer, budget, engines, cancellation).Chunk(samples)])
        {
            Settings = new Dictionary<string, string>
            {
                ["output_type"] = "episode",
                ["split"] = split.ToString(),
                ["repeats"] = samples.ToString(CultureInfo.InvariantCulture),
                ["seed"] = seed.ToString(CultureInfo.InvariantCulture),
            },
        };
    }

    /// <summary>The score of a trace between 0 and 1; a reply that was cut off has none.</summary>
    public static double Score(Trace trace) => trace.Stop == TraceStop.Truncated ? 0 : Math.Clamp(trace.Reward, 0, 1);

    /// <summary>exp of the mean log p of the tokens that the model chose.</summary>
    public static double Confidence(Trace trace) =>
        Calibration.OfAnswer([.. trace.Turns.SelectMany(t => Enumerable.Range(t.Start, t.Length).Select(i => trace.LogProbabilities[i]))]);

    /// <summary>The exam's grade and some transcripts, from the first sample of each task.</summary>
    public ExamResult Result() => ExamResult.Of(Name, Items, [.. Traces.Select(t => t[0])], KeptTranscripts);

    /// <summary>The mean score, what several samples of a task show, and all answers with their confidence.</summary>
    public TaskResult Task()
    {
        SampledItem[] sampled = [.. Traces.Select(samples => new SampledItem(
            [.. samples.Select(Score)], [.. samples.Select(Answer)], [.. samples.Select(t => Math.Log(Confidence(t)))]))];
        var metrics = new List<Metric> { Metric.Mean("score", [.. sampled.Select(s => s.Scores.Average())]) };
        if (Traces.Count > 0 && Traces[0].Count > 1) metrics.AddRange(SampledItem.Metrics(sampled));
        return new TaskResult
        {
            Name = Name,
            Metrics = metrics,
            Samples = [.. Items.Select((item, i) => Sample(i, item, Traces[i], sampled[i]))],
            Answers = [.. Traces.SelectMany(samples => samples.Select(t => new ConfidentAnswer(Confidence(t), Score(t) >= 1, Reply.Abstains(Reply.Answer(t.ReplyText)))))],
            Documents = Items.Count,
            Asked = Items.Count,
            Settings = Settings,
        };
    }

    private static string? Answer(Trace trace)
    {
        string answer = trace.Stop == TraceStop.Truncated ? "" : Reply.FinalSentence(Reply.Answer(trace.ReplyText));
        return answer.Length > 0 ? answer : null;
    }

    private static TaskSample Sample(int index, TaskItem item, IReadOnlyList<Trace> traces, SampledItem sampled)
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
