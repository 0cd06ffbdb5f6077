using Reverie.Worlds;

namespace Reverie.Training;

/// <summary>The traces of one task: same prompt, several tries. What a rule compares.</summary>
public sealed class TraceGroup
{
    /// <summary>Groups traces.</summary>
    /// <param name="traces">At least one.</param>
    /// <param name="rewards">One for each; by default those of the traces.</param>
    public TraceGroup(IReadOnlyList<CreditedTrace> traces, IReadOnlyList<double>? rewards = null)
    {
        Traces = traces;
        Rewards = rewards ?? [.. traces.Select(t => t.Trace.Reward)];
        if (Rewards.Count != traces.Count) throw new ArgumentException($"{traces.Count} traces came with {Rewards.Count} rewards.", nameof(rewards));
    }

    /// <summary>The traces of one task.</summary>
    public TraceGroup(IEnumerable<Trace> traces) : this([.. traces.Select(t => new CreditedTrace(t))]) { }

    /// <summary>The tries.</summary>
    public IReadOnlyList<CreditedTrace> Traces { get; }

    /// <summary>What each try is worth.</summary>
    public IReadOnlyList<double> Rewards { get; }

    /// <summary>Mean reward.</summary>
    public double Mean => Rewards.Average();

    /// <summary>Standard deviation of the rewards, of the group as a whole (divided by its size).</summary>
    public double Deviation
    {
        get
        {
            double mean = Mean;
            return Math.Sqrt(Rewards.Average(r => (r - mean) * (r - mean)));
        }
    }

    /// <summary>Whether the tries differ. Where all got the same there is nothing to compare.</summary>
    public bool HasSignal => Rewards.Any(r => r != Rewards[0]);

    /// <summary>Index of the best try, the first of equals.</summary>
    public int Best => Enumerable.Range(0, Rewards.Count).MaxBy(i => Rewards[i]);

    /// <summary>Index of the worst try, the first of equals.</summary>
    public int Worst => Enumerable.Range(0, Rewards.Count).MinBy(i => Rewards[i]);

    /// <summary>Tokens that the actor wrote, over all tries.</summary>
    public int ActorTokens => Traces.Sum(t => t.ActorTokens.Length);
}
