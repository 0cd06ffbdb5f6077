namespace Reverie.Training;

/// <summary>
/// Distillation (arXiv 1503.02531): on T tokens, of given texts or of the model's own samples, the mean divergence from the teacher's whole
/// distribution, <c>Kl = 1 / T</c>. Which divergence is the learner's option. The reward is not read.
/// </summary>
public sealed record Distillation : CreditRule
{
    /// <summary>Creates the rule. Traces that were cut off teach as well as others.</summary>
    public Distillation() => OverLong = OverLong.Keep;

    /// <inheritdoc/>
    public override string Name { get; init; } = "distill";

    /// <inheritdoc/>
    public override CreditNeeds Needs => CreditNeeds.TeacherDistribution;

    /// <inheritdoc/>
    protected override void Write(IReadOnlyList<TraceGroup> groups)
    {
        float each = 1f / groups.Sum(g => g.ActorTokens);
        foreach (CreditedTrace trace in groups.SelectMany(g => g.Traces))
            foreach (int t in trace.ActorTokens) trace.Kl[t] = each;
    }
}
