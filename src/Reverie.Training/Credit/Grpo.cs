namespace Reverie.Training;

/// <summary>
/// Group relative policy optimisation (arXiv 2402.03300) and its descendants, each a choice of four options that exist once. With N
/// traces, advantage A_i, length factor c_i, ratio rho and reference probability p_ref the objective to be raised is
/// <c>sum over i and t of c_i (f(rho_it, A_i) - beta k3_it)</c>, k3 = p_ref / p - log(p_ref / p) - 1, and the weight on -log p that has its gradient
/// <c>Rl = c_i (g(rho_it, A_i) A_i + beta (p_ref / p - 1))</c>. Where the traces come from the current weights rho = 1 and only A and c matter.
/// </summary>
public sealed record Grpo : CreditRule
{
    /// <summary>As published, without the comparison with a reference: (R - mean) / deviation, mean over each trace, clip 0.2.</summary>
    public static Grpo Default { get; } = new();

    /// <summary>Dr. GRPO (arXiv 2503.20783): R - mean, over N L_max, so that neither length nor difficulty of a task biases the step.</summary>
    public static Grpo DrGrpo { get; } = new() { Name = "dr-grpo", Advantage = GroupAdvantage.Mean, Length = LengthNormalization.Constant };

    /// <summary>DAPO (arXiv 2503.14476): mean over all tokens, clip 0.2 / 0.28, groups without signal left out, soft penalty for length.</summary>
    public static Grpo Dapo { get; } = new() { Name = "dapo", Length = LengthNormalization.TokenMean, ClipHigh = 0.28, DynamicSampling = true, OverLong = OverLong.Penalty };

    /// <summary>CISPO (MiniMax-M1, arXiv 2506.13585): the ratio is a bounded factor and no token loses its gradient.</summary>
    public static Grpo Cispo { get; } = new() { Name = "cispo", Length = LengthNormalization.TokenMean, Ratio = GroupRatio.Bounded, ClipHigh = 4, DynamicSampling = true };

    /// <summary>GSPO (arXiv 2507.18071): one ratio for a sequence, the geometric mean of its tokens', clip 3e-4 / 4e-4.</summary>
    public static Grpo Gspo { get; } = new() { Name = "gspo", Ratio = GroupRatio.Sequence, ClipLow = 3e-4, ClipHigh = 4e-4 };

    /// <summary>MaxRL (arXiv 2602.02710): (R - mean) / mean, which climbs the likelihood of success and favours hard tasks.</summary>
    public static Grpo MaxRl { get; } = new() { Name = "maxrl", Advantage = GroupAdvantage.OverMean, Length = LengthNormalization.Constant };

    /// <inheritdoc/>
    public override string Name { get; init; } = "grpo";

    /// <inheritdoc/>
    public override CreditNeeds Needs => (Ratio == GroupRatio.None && KlBeta == 0 ? CreditNeeds.None : CreditNeeds.Current) | (KlBeta == 0 ? CreditNeeds.None : CreditNeeds.Reference);

    /// <summary>A_i.</summary>
    public GroupAdvantage Advantage { get; init; }

    /// <summary>c_i.</summary>
    public LengthNormalization Length { get; init; }

    /// <summary>f and g.</summary>
    public GroupRatio Ratio { get; init; }

    /// <summary>How far below 1 a ratio may fall.</summary>
    public double ClipLow { get; init; } = 0.2;

    /// <summary>How far above 1 a ratio may rise.</summary>
    public double ClipHigh { get; init; } = 0.2;

    /// <summary>Groups in which all got the same do not count in N, as if others had been sampled for them.</summary>
    public bool DynamicSampling { get; init; }

    /// <summary>beta, the weight of the divergence from the reference.</summary>
    public double KlBeta { get; init; }

    /// <inheritdoc/>
    protected override void Write(IReadOnlyList<TraceGroup> groups)
    {
        if (DynamicSampling) groups = [.. groups.Where(g => g.HasSignal)];
        double traces = groups.Sum(g => g.Traces.Count), tokens = groups.Sum(g => g.ActorTokens);
        double deviation = Math.Sqrt(groups.Sum(g => g.Traces.Count * g.Deviation * g.Deviation) / traces);
        foreach (TraceGroup group in groups)
        {
            (double mean, double spread) = (group.Mean, group.Deviation);
            for (int i = 0; i < group.Traces.Count; i++)
            {
                CreditedTrace trace = group.Traces[i];
                double over = !group.HasSignal ? 0 : Advantage switch
                {
                    GroupAdvantage.MeanDeviation => 1 / spread,
                    GroupAdvantage.Batch => 1 / deviation,
                    GroupAdvantage.OverMean => mean > 0 ? 1 / mean : 0,
                    _ => 1,
                };
                double share = Length switch
                {
                    LengthNormalization.Constant => 1 / (traces * MaxTokens),
                    LengthNormalization.TokenMean => 1 / tokens,
                    _ => 1 / (traces * trace.ActorTokens.Length),
                };
                Write(trace, (group.Rewards[i] - mean) * over, share);
            }
        }
    }

    private void Write(CreditedTrace trace, double advantage, double share)
    {
        double sequence = Ratio == GroupRatio.Sequence ? trace.ActorTokens.Average(t => (double)trace.Current[t] - trace.Old[t]) : 0;
        foreach (int t in trace.ActorTokens)
        {
            double token = (double)trace.Current[t] - trace.Old[t];
            double weight = advantage * Ratio switch
            {
                GroupRatio.Clip => PolicyRatio.Clipped(token, advantage, ClipLow, ClipHigh),
                GroupRatio.Sequence => PolicyRatio.Clipped(sequence, advantage, ClipLow, ClipHigh),
                GroupRatio.Bounded => Math.Min(PolicyRatio.Exp(token), 1 + ClipHigh),
                _ => 1,
            };
            if (KlBeta != 0) weight += KlBeta * (PolicyRatio.Exp((double)trace.Reference![t] - trace.Current[t]) - 1);
            trace.Rl[t] = (float)(share * weight);
        }
    }
}
