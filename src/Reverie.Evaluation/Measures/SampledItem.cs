using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>All samples that a model gave for one task.</summary>
/// <param name="Scores">Score of each sample, between 0 and 1; 1 is right.</param>
/// <param name="Answers">What each sample answers in the end; null where it answers nothing.</param>
/// <param name="LogProbabilities">Mean log p of each sample's tokens, in nats.</param>
public sealed record SampledItem(IReadOnlyList<double> Scores, IReadOnlyList<string?> Answers, IReadOnlyList<double> LogProbabilities)
{
    /// <summary>
    /// The figures of many tasks: pass@k and pass^k for k = 1, 2, 4 and so on up to the number of samples, the score of the majority's
    /// answer (maj@N) and of the likeliest sample (best@N).
    /// </summary>
    /// <param name="items">Tasks with the same number of samples each.</param>
    /// <param name="filter">Which filter the answers went through.</param>
    public static IReadOnlyList<Metric> Metrics(IReadOnlyList<SampledItem> items, string filter = "none")
    {
        if (items.Count == 0) return [];
        int samples = items[0].Scores.Count;
        int[] correct = [.. items.Select(i => i.Scores.Count(s => s >= 1))];
        List<int> sizes = [];
        for (int k = 1; k < samples; k *= 2) sizes.Add(k);
        sizes.Add(samples);
        return
        [
            .. sizes.Select(k => Metric.Mean($"pass@{k}", [.. correct.Select(c => RepeatedSampling.PassAtK(samples, c, k))], filter)),
            .. sizes.Where(k => k > 1).Select(k => Metric.Mean($"pass^{k}", [.. correct.Select(c => RepeatedSampling.PassHatK(samples, c, k))], filter)),
            Metric.Mean($"maj@{samples}", [.. items.Select(i => ScoreOf(i, RepeatedSampling.Majority(i.Answers)))], filter),
            Metric.Mean($"best@{samples}", [.. items.Select(i => ScoreOf(i, RepeatedSampling.Best(i.LogProbabilities)))], filter),
        ];
    }

    private static double ScoreOf(SampledItem item, int index) => index < 0 ? 0 : item.Scores[index];
}
