using Reverie.Training;

namespace Reverie.Cli.Display;

/// <summary>The live numbers of RL in words, the most telling first.</summary>
internal static class RolloutFigures
{
    public static IEnumerable<string> Of(RolloutReport report)
    {
        RolloutStatistics s = report.Statistics;
        yield return $"pass@1 {Figures.Percent(s.PassAt1)}";
        if (s.PassAtK.Count > 0 && s.PassAtK.MaxBy(p => p.Key) is var best) yield return $"pass@{best.Key} {Figures.Percent(best.Value)}";
        foreach ((string name, double value) in s.Scores) yield return $"{name} {value:F2}";
        yield return $"signal in {Figures.Percent(s.SignalShare)} of groups";
        yield return $"{s.BitsPerRollout:F2} bits a rollout";
        yield return $"entropy {s.Entropy:F2}";
        if (s.Kl is { } kl) yield return $"KL {kl:F4}";
        yield return $"{s.MeanLength:F0} tokens";
        if (s.Truncated > 0) yield return $"{s.Truncated} cut off";
        if (s.Failed > 0) yield return $"{s.Failed} failed";
        yield return $"{Figures.Whole(report.Tokens / Math.Max(report.Seconds, 1e-9))} tokens/s";
        if (report.MaximumLogProbabilityDifference is var difference && double.IsFinite(difference)) yield return $"max |log p - log p sampled| {difference:0.#e0}";
    }
}
