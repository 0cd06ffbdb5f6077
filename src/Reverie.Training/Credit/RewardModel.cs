namespace Reverie.Training;

/// <summary>
/// A reward model after Bradley and Terry (1952; arXiv 2203.02155): the value before the actor's last token is the score r of a trace, and
/// over P pairs of the best and the worst try w and l of a group the loss is <c>1/P sum of -log sigmoid(r_w - r_l) + c (r_w + r_l)^2</c>, whose
/// second part keeps scores near 0. A squared error with target r - g has the gradient g, so <c>ValueWeight = 1 / P</c> and
/// <c>ValueTarget = r - g</c> with g_w = -sigmoid(r_l - r_w) + 2c (r_w + r_l) and g_l = sigmoid(r_l - r_w) + 2c (r_w + r_l).
/// The value head must learn by <see cref="Tensors.ValueLoss.SquaredError"/>.
/// </summary>
public sealed record RewardModel : CreditRule
{
    /// <inheritdoc/>
    public override string Name { get; init; } = "reward-model";

    /// <inheritdoc/>
    public override CreditNeeds Needs => CreditNeeds.Values;

    /// <summary>c, the weight of the pull towards 0.</summary>
    public double Centering { get; init; } = 0.01;

    /// <inheritdoc/>
    protected override void Write(IReadOnlyList<TraceGroup> groups)
    {
        TraceGroup[] pairs = [.. groups.Where(g => g.HasSignal)];
        foreach (TraceGroup pair in pairs)
        {
            CreditedTrace better = pair.Traces[pair.Best], worse = pair.Traces[pair.Worst];
            double high = better.Values![better.ActorTokens[^1]], low = worse.Values![worse.ActorTokens[^1]];
            double push = Dpo.Sigmoid(low - high), pull = 2 * Centering * (high + low);
            Write(better, high - (pull - push), pairs.Length);
            Write(worse, low - (pull + push), pairs.Length);
        }
    }

    private static void Write(CreditedTrace trace, double target, int pairs)
    {
        int last = trace.ActorTokens[^1];
        (trace.ValueTargets[last], trace.ValueWeights[last]) = ((float)target, 1f / pairs);
    }
}
