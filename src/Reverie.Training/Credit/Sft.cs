namespace Reverie.Training;

/// <summary>
/// Imitation: -1/T sum of log p over the T tokens that the actors of the batch wrote (supervised fine-tuning; Ouyang et al., arXiv
/// 2203.02155). <c>Ce = 1 / T</c>, whatever the reward.
/// </summary>
public sealed record Sft : CreditRule
{
    /// <summary>Creates the rule. Traces that were cut off are left out.</summary>
    public Sft() => OverLong = OverLong.LeaveOut;

    /// <inheritdoc/>
    public override string Name { get; init; } = "sft";

    /// <inheritdoc/>
    protected override void Write(IReadOnlyList<TraceGroup> groups)
    {
        float each = 1f / groups.Sum(g => g.ActorTokens);
        foreach (CreditedTrace trace in groups.SelectMany(g => g.Traces))
            foreach (int t in trace.ActorTokens) trace.Ce[t] = each;
    }
}
