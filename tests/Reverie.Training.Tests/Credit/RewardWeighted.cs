namespace Reverie.Training.Tests;

/// <summary>
/// Reward-weighted regression (Peters and Schaal, 2007): imitate every try, a better one more. Of its group's share a trace gets the
/// part w_i = exp(R_i / beta) / sum over j of exp(R_j / beta), spread over its tokens: <c>Ce = w_i G / (N |o_i|)</c>.
/// </summary>
public sealed record RewardWeighted : GroupCredit
{
    /// <inheritdoc/>
    public override string Name { get; init; } = "reward-weighted";

    /// <summary>beta: the smaller, the more the best try counts.</summary>
    public double Temperature { get; init; } = 0.5;

    /// <inheritdoc/>
    protected override void Write(TraceGroup group, double share)
    {
        double best = group.Rewards.Max(), sum = group.Rewards.Sum(r => Math.Exp((r - best) / Temperature));
        foreach ((CreditedTrace trace, double reward) in group.Traces.Zip(group.Rewards))
        {
            double part = Math.Exp((reward - best) / Temperature) / sum;
            foreach (int t in trace.ActorTokens) trace.Ce[t] = (float)(part * group.Traces.Count * share / trace.ActorTokens.Length);
        }
    }
}
