using Reverie.Worlds;

namespace Reverie.Training;

/// <summary>What a batch of rollouts says about the model and about how much there is to learn. Failed traces are counted and left out of all else.</summary>
public sealed record RolloutStatistics
{
    /// <summary>Number of groups, of which at least one trace did not fail.</summary>
    public int Groups { get; init; }

    /// <summary>Number of traces, failed ones included.</summary>
    public int Traces { get; init; }

    /// <summary>Mean over groups of the share of traces with full marks.</summary>
    public double PassAt1 { get; init; }

    /// <summary>
    /// Chance that at least one of k tries gets full marks, mean over groups: <c>1 - C(n - c, k) / C(n, k)</c> for c of n (arXiv 2107.03374).
    /// k doubles from 2 up to the size of the smallest group, which is always among them.
    /// </summary>
    public IReadOnlyDictionary<int, double> PassAtK { get; init; } = new Dictionary<int, double>();

    /// <summary>Mean reward over traces.</summary>
    public double MeanReward { get; init; }

    /// <summary>By name, the mean over the traces that were judged under that name of the sum of those judgements.</summary>
    public IReadOnlyDictionary<string, double> Scores { get; init; } = new Dictionary<string, double>();

    /// <summary>Mean of -log p in nats over the drawn tokens: an unbiased estimate of the policy's entropy at temperature 1.</summary>
    public double Entropy { get; init; }

    /// <summary>
    /// Estimate of KL(policy || reference) in nats by token: the mean of r - 1 - log r with r = p_ref / p, which has little variance and is
    /// never negative (Schulman, "Approximating KL divergence", 2020). Null where no trace has <see cref="CreditedTrace.Reference"/>.
    /// </summary>
    public double? Kl { get; init; }

    /// <summary>Mean number of tokens that the actor wrote.</summary>
    public double MeanLength { get; init; }

    /// <summary>Largest number of tokens that the actor wrote.</summary>
    public int MaxLength { get; init; }

    /// <summary>Mean number of the actor's turns.</summary>
    public double MeanTurns { get; init; }

    /// <summary>Share of groups whose rewards differ: only these teach a rule that compares.</summary>
    public double SignalShare { get; init; }

    /// <summary>
    /// Expected <see cref="SignalShare"/> if each group drew again: the mean of 1 - p^G - (1 - p)^G for pass rate p and size G. With a group
    /// at 0 or G passes it is 0, so it is a lower estimate.
    /// </summary>
    public double ExpectedSignal { get; init; }

    /// <summary>
    /// Mean over groups of the binary entropy of the pass rate, H(p) = -p log2 p - (1 - p) log2(1 - p): the most that one pass or fail can tell,
    /// in bits for each rollout.
    /// </summary>
    public double BitsPerRollout { get; init; }

    /// <summary>Traces that were cut off.</summary>
    public int Truncated { get; init; }

    /// <summary>Traces that used up their turns.</summary>
    public int OutOfTurns { get; init; }

    /// <summary>Traces that failed.</summary>
    public int Failed { get; init; }

    /// <summary>Other traces that nothing can be learned from: no token of the actor, or a number that is not finite.</summary>
    public int Unsound { get; init; }

    /// <summary>Computes them.</summary>
    /// <param name="groups">The rollouts of one batch.</param>
    /// <param name="fullMarks">The reward from which a trace has passed.</param>
    public static RolloutStatistics Of(IReadOnlyList<TraceGroup> groups, double fullMarks = 1)
    {
        CreditedTrace[] all = [.. groups.SelectMany(g => g.Traces)];
        CreditedTrace[] played = [.. all.Where(HasPlayed)];
        (int Size, int Passed)[] results = [.. groups.Select(g => g.Traces.Where(HasPlayed).ToArray()).Where(g => g.Length > 0)
            .Select(g => (g.Length, g.Count(t => t.Trace.Reward >= fullMarks)))];
        CreditedTrace[] drawn = [.. played.Where(t => t.IsSound)], compared = [.. drawn.Where(t => t.Reference is not null)];
        return new RolloutStatistics
        {
            Groups = results.Length,
            Traces = all.Length,
            PassAt1 = Mean(results, r => Rate(r)),
            PassAtK = Ks(results.Length == 0 ? 0 : results.Min(r => r.Size)).ToDictionary(k => k, k => Mean(results, r => RepeatedSampling.PassAtK(r.Size, r.Passed, k))),
            MeanReward = Mean(played, t => t.Trace.Reward),
            Scores = played.SelectMany(t => t.Trace.Scores.Where(s => double.IsFinite(s.Value)).GroupBy(s => s.Name).Select(s => (s.Key, Sum: s.Sum(x => x.Value))))
                .GroupBy(s => s.Key).OrderBy(s => s.Key, StringComparer.Ordinal).ToDictionary(s => s.Key, s => s.Average(x => x.Sum)),
            Entropy = TokenMean(drawn, (trace, t) => -trace.Old[t]),
            Kl = compared.Length == 0 ? null : TokenMean(compared, (trace, t) => K3((double)trace.Reference![t] - trace.Current[t])),
            MeanLength = Mean(played, t => t.ActorTokens.Length),
            MaxLength = played.Select(t => t.ActorTokens.Length).DefaultIfEmpty().Max(),
            MeanTurns = Mean(played, t => t.Trace.TurnCount),
            SignalShare = Mean(groups.Select(g => g.Traces.Where(HasPlayed).ToArray()).Where(g => g.Length > 0).ToArray(), g => g.Any(t => t.Trace.Reward != g[0].Trace.Reward) ? 1 : 0),
            ExpectedSignal = Mean(results, r => 1 - Math.Pow(Rate(r), r.Size) - Math.Pow(1 - Rate(r), r.Size)),
            BitsPerRollout = Mean(results, r => BinaryEntropy(Rate(r))),
            Truncated = all.Count(t => t.Trace.Stop == TraceStop.Truncated),
            OutOfTurns = all.Count(t => t.Trace.Stop == TraceStop.OutOfTurns),
            Failed = all.Count(t => t.Trace.Stop == TraceStop.Failed),
            Unsound = all.Count(t => t.Trace.Stop != TraceStop.Failed && !t.IsSound),
        };
    }

    /// <summary>-p log2 p - (1 - p) log2(1 - p), in bits.</summary>
    public static double BinaryEntropy(double p) => p is <= 0 or >= 1 ? 0 : -(p * Math.Log2(p)) - ((1 - p) * Math.Log2(1 - p));

    private static bool HasPlayed(CreditedTrace trace) => trace.Trace.Stop != TraceStop.Failed && double.IsFinite(trace.Trace.Reward);

    private static double Rate((int Size, int Passed) group) => (double)group.Passed / group.Size;

    private static double K3(double logRatio) => PolicyRatio.Exp(logRatio) - 1 - logRatio;

    private static IEnumerable<int> Ks(int smallest)
    {
        for (int k = 2; k < smallest; k *= 2) yield return k;
        if (smallest > 1) yield return smallest;
    }

    private static double Mean<T>(IReadOnlyCollection<T> items, Func<T, double> value) => items.Count == 0 ? 0 : items.Average(value);

    private static double TokenMean(CreditedTrace[] traces, Func<CreditedTrace, int, double> value)
    {
        double tokens = traces.Sum(t => (double)t.ActorTokens.Length);
        return tokens == 0 ? 0 : traces.Sum(trace => trace.ActorTokens.Sum(t => value(trace, t))) / tokens;
    }
}
