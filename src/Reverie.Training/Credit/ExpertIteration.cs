namespace Reverie.Training;

/// <summary>
/// Imitate one's own successes (expert iteration, arXiv 1705.08439; STaR, 2203.14465; rejection-sampling fine-tuning, 2308.01825): of each
/// task keep the best traces that reach the threshold, each text once, and <c>Ce = 1 / T</c> on their T tokens.
/// </summary>
public sealed record ExpertIteration : CreditRule
{
    /// <inheritdoc/>
    public override string Name { get; init; } = "expert-iteration";

    /// <summary>The least reward that is imitated.</summary>
    public double Threshold { get; init; } = 1;

    /// <summary>Most traces of one task.</summary>
    public int Keep { get; init; } = 4;

    /// <inheritdoc/>
    protected override void Write(IReadOnlyList<TraceGroup> groups)
    {
        CreditedTrace[] kept = [.. groups.SelectMany(Best)];
        float each = 1f / kept.Sum(t => t.ActorTokens.Length);
        foreach (CreditedTrace trace in kept)
            foreach (int t in trace.ActorTokens) trace.Ce[t] = each;
    }

    private IEnumerable<CreditedTrace> Best(TraceGroup group) =>
        group.Traces.Zip(group.Rewards).Where(t => t.Second >= Threshold).OrderByDescending(t => t.Second).Select(t => t.First)
            .DistinctBy(t => string.Join(' ', t.ActorTokens.Select(i => t.Trace.Tokens[i]))).Take(Keep);
}
