using System.Globalization;
using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>From log-likelihoods to figures.</summary>
internal static class QueryScores
{
    /// <summary>Grades options.</summary>
    /// <param name="result">What is known of the task already.</param>
    /// <param name="scoring">The rule.</param>
    /// <param name="prompts">The questions.</param>
    /// <param name="scores">For each question the scores of its options.</param>
    /// <param name="baseline">Accuracy of guessing, or null.</param>
    /// <param name="seed">Of bootstraps.</param>
    public static TaskResult Grade(TaskResult result, QueryScoring scoring, IReadOnlyList<QueryPrompt> prompts, LogLikelihood[][] scores, double? baseline, ulong seed)
    {
        var samples = new TaskSample[prompts.Count];
        var answers = new List<ConfidentAnswer>();
        for (int i = 0; i < samples.Length; i++)
        {
            QueryItem item = prompts[i].Item;
            Dictionary<string, double> graded = Grade(scoring, item, scores[i], out int chosen);
            samples[i] = Sample(i, prompts[i], scores[i], graded);
            if (item.Options > 1) answers.Add(new ConfidentAnswer(Calibration.OfChoice([.. scores[i].Select(s => s.LogProbability)], chosen), chosen == item.Gold));
        }

        List<Metric> metrics = [.. samples.SelectMany(s => s.Scores.Keys).Distinct().Where(name => name != "perplexity").Select(name => Metric.Mean(name, [.. samples.Select(s => s.Scores[name])]))];
        if (scoring == QueryScoring.Core)
        {
            double guess = baseline ?? prompts.Average(p => p.Item.Options > 1 ? 1.0 / p.Item.Options : 0);
            metrics.Add(new Metric("acc_centered", (metrics[0].Value - guess) / (1 - guess), metrics[0].StandardError / (1 - guess)));
        }

        if (scoring == QueryScoring.LastWord)
        {
            double[] words = [.. scores.Select(s => s[0].LogProbability)];
            BootstrapEstimate perplexity = Statistics.Bootstrap(words, w => Math.Exp(-w.Average()), seed, 100);
            metrics.Add(new Metric("perplexity", perplexity.Value, perplexity.StandardError, HigherIsBetter: false));
        }

        return result with { Metrics = metrics, Samples = samples, Answers = answers };
    }

    /// <summary>Bits per byte and byte perplexity of whole texts.</summary>
    public static TaskResult Text(TaskResult result, IReadOnlyList<QueryPrompt> prompts, IReadOnlyList<LogLikelihood> scores)
    {
        double bits = LogLikelihood.BitsPerByte(scores);
        TaskSample[] samples = [.. prompts.Select((p, i) => Sample(i, p, [scores[i]], new Dictionary<string, double> { ["bits_per_byte"] = LogLikelihood.BitsPerByte([scores[i]]) }))];
        return result with
        {
            Metrics = [new Metric("bits_per_byte", bits, double.NaN, false), new Metric("byte_perplexity", Math.Pow(2, bits), double.NaN, false)],
            Samples = samples,
        };
    }

    private static Dictionary<string, double> Grade(QueryScoring scoring, QueryItem item, LogLikelihood[] scores, out int chosen)
    {
        chosen = 0;
        if (item.Options == 1)
        {
            var single = new Dictionary<string, double> { ["acc"] = scores[0].IsGreedy ? 1 : 0 };
            if (scoring == QueryScoring.LastWord) single["perplexity"] = scores[0].LogProbability;
            return single;
        }

        chosen = RepeatedSampling.Best([.. scores.Select(s => scoring == QueryScoring.Core ? -s.MeanLoss : s.LogProbability)]);
        var graded = new Dictionary<string, double> { ["acc"] = chosen == item.Gold ? 1 : 0 };
        if (scoring == QueryScoring.Harness)
        {
            double[] byCharacter = [.. scores.Select((s, i) => s.LogProbability / PythonText.Length(item.Continuation(i)))];
            graded["acc_norm"] = RepeatedSampling.Best(byCharacter) == item.Gold ? 1 : 0;
        }

        return graded;
    }

    private static TaskSample Sample(int index, QueryPrompt prompt, LogLikelihood[] scores, Dictionary<string, double> graded)
    {
        return new TaskSample
        {
            DocumentId = index,
            Document = prompt.Item.Document,
            Target = prompt.Item.Options == 1 ? prompt.Item.Continuation(0) : prompt.Item.Gold.ToString(CultureInfo.InvariantCulture),
            Arguments = [.. Enumerable.Range(0, prompt.Item.Options).Select(o => new[] { prompt.Context(o), prompt.Continuation(o) })],
            Responses = [.. scores.Select(s => new[] { PythonText.Number(s.LogProbability), s.IsGreedy ? "True" : "False" })],
            Scores = graded,
        };
    }
}
