using Reverie.Worlds;

namespace Reverie.Training;

/// <summary>
/// Credit to single turns (VinePPO, arXiv 2410.01679): V_k is the reward that continuations from a fork before turn k end with in the mean,
/// V_n the reward that the trace of n turns did get, and turn k is worth A_k = V_(k+1) - V_k. With T tokens in the batch each token of turn k
/// has <c>Rl = A_k / T</c>, with the clip of PPO where the weights have moved. <see cref="StepContinuations"/> measures V.
/// </summary>
public sealed record StepRewards : CreditRule
{
    /// <inheritdoc/>
    public override string Name { get; init; } = "step-rewards";

    /// <inheritdoc/>
    public override CreditNeeds Needs => CreditNeeds.Current | CreditNeeds.Forks;

    /// <summary>How far the ratio may leave 1.</summary>
    public double Clip { get; init; } = 0.2;

    /// <inheritdoc/>
    protected override void Write(IReadOnlyList<TraceGroup> groups)
    {
        double tokens = groups.Sum(g => g.ActorTokens);
        foreach ((CreditedTrace trace, double reward) in groups.SelectMany(g => g.Traces.Zip(g.Rewards)))
        {
            IReadOnlyList<TraceSpan> steps = trace.Trace.Steps;
            int turn = 0;
            foreach (int t in trace.ActorTokens)
            {
                while (t >= steps[turn].Start + steps[turn].Length) turn++;
                double advantage = (turn + 1 < steps.Count ? trace.StepValues![turn + 1] : reward) - trace.StepValues![turn];
                trace.Rl[t] = (float)(advantage * PolicyRatio.Clipped((double)trace.Current[t] - trace.Old[t], advantage, Clip, Clip) / tokens);
            }
        }
    }
}
