namespace Reverie.Training;

/// <summary>
/// Direct preference optimisation (arXiv 2305.18290) on the best and the worst try w and l of each group; a preference pair is a group of
/// two. With P pairs and margin m = beta ((log p(w) - log p_ref(w)) - (log p(l) - log p_ref(l))) the loss is
/// <c>-1/P sum of log sigmoid(m)</c>. Its gradient is that of a weighted cross-entropy: <c>Ce = +-beta sigmoid(-m) / P</c>, plus on w and minus on l.
/// Groups without a difference give none.
/// </summary>
public sealed record Dpo : CreditRule
{
    /// <inheritdoc/>
    public override string Name { get; init; } = "dpo";

    /// <inheritdoc/>
    public override CreditNeeds Needs => CreditNeeds.Current | CreditNeeds.Reference;

    /// <summary>How much the log-ratios count; small ones let the model go further from the reference.</summary>
    public double Beta { get; init; } = 0.1;

    /// <inheritdoc/>
    protected override void Write(IReadOnlyList<TraceGroup> groups)
    {
        TraceGroup[] pairs = [.. groups.Where(g => g.HasSignal)];
        foreach (TraceGroup pair in pairs)
        {
            CreditedTrace better = pair.Traces[pair.Best], worse = pair.Traces[pair.Worst];
            double weight = Beta * Sigmoid(-Beta * (LogRatio(better) - LogRatio(worse))) / pairs.Length;
            foreach (int t in better.ActorTokens) better.Ce[t] = (float)weight;
            foreach (int t in worse.ActorTokens) worse.Ce[t] = (float)-weight;
        }
    }

    internal static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double LogRatio(CreditedTrace trace) => trace.ActorTokens.Sum(t => (double)trace.Current[t] - trace.Reference![t]);
}
