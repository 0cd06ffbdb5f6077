namespace Reverie.Training;

/// <summary>
/// Learning from a teacher on one's own samples (arXiv 2306.13649; MiniLLM, 2306.08543): the teacher grades every token, which is the
/// gradient of KL(p || p_teacher) by token. <c>Rl = rho (log p_teacher - log p) / T</c> over T tokens, rho = p / p_old. The reward is not read.
/// </summary>
public sealed record OnPolicyDistillation : CreditRule
{
    /// <summary>Creates the rule. Traces that were cut off teach as well as others.</summary>
    public OnPolicyDistillation() => OverLong = OverLong.Keep;

    /// <inheritdoc/>
    public override string Name { get; init; } = "on-policy-distill";

    /// <inheritdoc/>
    public override CreditNeeds Needs => CreditNeeds.Current | CreditNeeds.Teacher;

    /// <inheritdoc/>
    protected override void Write(IReadOnlyList<TraceGroup> groups)
    {
        double tokens = groups.Sum(g => g.ActorTokens);
        foreach (CreditedTrace trace in groups.SelectMany(g => g.Traces))
            foreach (int t in trace.ActorTokens)
                trace.Rl[t] = (float)(PolicyRatio.Exp((double)trace.Current[t] - trace.Old[t]) * ((double)trace.Teacher![t] - trace.Current[t]) / tokens);
    }
}
