namespace Reverie.Training;

/// <summary>
/// The plain policy gradient (Williams, 1992): with N traces the objective <c>1/N sum over i of (R_i - b_i) log p(trace i)</c>, so each token
/// of a trace has <c>Rl = (R_i - b_i) / N</c>. For traces of the current weights.
/// </summary>
public sealed record Reinforce : CreditRule
{
    /// <summary>Each trace against the mean of the others of its task (RLOO, arXiv 2402.14740).</summary>
    public static Reinforce Rloo { get; } = new() { Name = "rloo", Baseline = RewardBaseline.LeaveOneOut };

    /// <inheritdoc/>
    public override string Name { get; init; } = "reinforce";

    /// <summary>b.</summary>
    public RewardBaseline Baseline { get; init; } = RewardBaseline.BatchMean;

    /// <inheritdoc/>
    protected override void Write(IReadOnlyList<TraceGroup> groups)
    {
        double traces = groups.Sum(g => g.Traces.Count), mean = groups.Sum(g => g.Rewards.Sum()) / traces;
        bool differ = groups.Any(g => g.HasSignal || g.Rewards[0] != groups[0].Rewards[0]);
        foreach (TraceGroup group in groups)
        {
            for (int i = 0; i < group.Traces.Count; i++)
            {
                double reward = group.Rewards[i], others = group.Traces.Count - 1;
                double advantage = Baseline switch
                {
                    RewardBaseline.BatchMean => differ ? reward - mean : 0,
                    RewardBaseline.LeaveOneOut => group.HasSignal ? reward - ((group.Rewards.Sum() - reward) / others) : 0,
                    _ => reward,
                };
                foreach (int t in group.Traces[i].ActorTokens) group.Traces[i].Rl[t] = (float)(advantage / traces);
            }
        }
    }
}

/// <summary>What <see cref="Reinforce"/> subtracts from a reward.</summary>
public enum RewardBaseline
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The mean of the batch.</summary>
    BatchMean,

    /// <summary>The mean of the other tries at the same task.</summary>
    LeaveOneOut,
}
