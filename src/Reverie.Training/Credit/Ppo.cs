using Reverie.Worlds;

namespace Reverie.Training;

/// <summary>
/// Proximal policy optimisation (arXiv 1707.06347) with a value head and generalised advantages (arXiv 1506.02438). The actor's tokens are
/// the steps: delta_t = r_t + gamma V_(t+1) - V_t, A_t = delta_t + gamma lambda A_(t+1), and with T tokens in the batch the objective is
/// <c>1/T sum of min(rho A, clip(rho) A) - c/T sum of (V - (A_t + V_t))^2 / 2</c>. So <c>Rl = rho A / T</c> inside the clip and 0 beyond,
/// ValueTarget = A_t + V_t, ValueWeight = c / T. A reward comes at the last token of the turn that it is about, else of the trace.
/// </summary>
public sealed record Ppo : CreditRule
{
    /// <inheritdoc/>
    public override string Name { get; init; } = "ppo";

    /// <inheritdoc/>
    public override CreditNeeds Needs => CreditNeeds.Current | CreditNeeds.Values | (KlBeta == 0 ? CreditNeeds.None : CreditNeeds.Reference);

    /// <summary>Discount by token.</summary>
    public double Gamma { get; init; } = 1;

    /// <summary>0 trusts the values, 1 the rewards.</summary>
    public double Lambda { get; init; } = 0.95;

    /// <summary>How far the ratio may leave 1.</summary>
    public double Clip { get; init; } = 0.2;

    /// <summary>c, the weight of the value's loss.</summary>
    public double ValueWeight { get; init; } = 1;

    /// <summary>Whether the advantages of the policy are brought to mean 0 and deviation 1 over the batch.</summary>
    public bool Normalize { get; init; } = true;

    /// <summary>beta: each token's reward is lowered by beta (log p_old - log p_ref) (arXiv 2203.02155).</summary>
    public double KlBeta { get; init; }

    /// <inheritdoc/>
    protected override void Write(IReadOnlyList<TraceGroup> groups)
    {
        (CreditedTrace Trace, double[] Advantages)[] all = [.. groups.SelectMany(g => g.Traces.Zip(g.Rewards, (trace, reward) => (trace, Advantages(trace, reward))))];
        double tokens = groups.Sum(g => g.ActorTokens), mean = 0, deviation = 1;
        if (Normalize)
        {
            mean = all.Sum(a => a.Advantages.Sum()) / tokens;
            deviation = Math.Sqrt(all.Sum(a => a.Advantages.Sum(x => (x - mean) * (x - mean))) / tokens);
            if (deviation < 1e-8) deviation = double.PositiveInfinity;
        }

        foreach ((CreditedTrace trace, double[] advantages) in all)
        {
            for (int i = 0; i < advantages.Length; i++)
            {
                int t = trace.ActorTokens[i];
                double advantage = (advantages[i] - mean) / deviation;
                trace.Rl[t] = (float)(advantage * PolicyRatio.Clipped((double)trace.Current[t] - trace.Old[t], advantage, Clip, Clip) / tokens);
                trace.ValueTargets[t] = (float)(advantages[i] + trace.Values![t]);
                trace.ValueWeights[t] = (float)(ValueWeight / tokens);
            }
        }
    }

    private double[] Advantages(CreditedTrace trace, double reward)
    {
        double[] rewards = Rewards(trace, reward), advantages = new double[rewards.Length];
        double next = 0, ahead = 0;
        for (int i = rewards.Length - 1; i >= 0; i--)
        {
            double value = trace.Values![trace.ActorTokens[i]];
            ahead = advantages[i] = rewards[i] + (Gamma * next) - value + (Gamma * Lambda * ahead);
            next = value;
        }

        return advantages;
    }

    /// <summary>The reward by token of the actor; their sum, without the divergence, is the trace's.</summary>
    private double[] Rewards(CreditedTrace trace, double reward)
    {
        double[] rewards = new double[trace.ActorTokens.Length];
        IReadOnlyList<TraceSpan> steps = trace.Trace.Steps;
        foreach (Score score in trace.Trace.Scores.Where(s => s.Name == Score.Reward && s.Step >= 0 && s.Step < steps.Count))
        {
            TraceSpan step = steps[score.Step];
            int last = Array.FindLastIndex(trace.ActorTokens, t => t >= step.Start && t < step.Start + step.Length);
            if (last >= 0) rewards[last] += score.Value;
        }

        rewards[^1] += reward - rewards.Sum();
        if (KlBeta == 0) return rewards;
        for (int i = 0; i < rewards.Length; i++) rewards[i] -= KlBeta * ((double)trace.Old[trace.ActorTokens[i]] - trace.Reference![trace.ActorTokens[i]]);
        return rewards;
    }
}
