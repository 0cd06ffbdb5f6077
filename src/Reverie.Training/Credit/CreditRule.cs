namespace Reverie.Training;

/// <summary>
/// What all rules share: they see only sound traces (none that failed, none with a number that is not finite), with rewards in which
/// traces that were too long are dealt with. A rule says in <see cref="Write(IReadOnlyList{TraceGroup})"/> what its formula is.
/// </summary>
public abstract record CreditRule : ICredit
{
    /// <inheritdoc/>
    public abstract string Name { get; init; }

    /// <inheritdoc/>
    public virtual CreditNeeds Needs => CreditNeeds.None;

    /// <summary>What becomes of traces that were cut off.</summary>
    public OverLong OverLong { get; init; } = OverLong.NoReward;

    /// <summary>Tokens that an actor may write in an episode: the L_max of formulas.</summary>
    public int MaxTokens { get; init; } = 256;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Something that <see cref="Needs"/> names is missing.</exception>
    public void Assign(IReadOnlyList<TraceGroup> batch)
    {
        foreach (CreditedTrace trace in batch.SelectMany(g => g.Traces)) trace.Clear();
        TraceGroup[] sound = [.. batch.Select(Sound).Where(g => g.Traces.Count > 0)];
        foreach (CreditedTrace trace in sound.SelectMany(g => g.Traces)) Check(trace);
        if (sound.Length > 0) Write(sound);
    }

    /// <summary>Writes the weights of traces that have none yet.</summary>
    /// <param name="groups">At least one, none of them empty.</param>
    protected abstract void Write(IReadOnlyList<TraceGroup> groups);

    private TraceGroup Sound(TraceGroup group)
    {
        var traces = new List<CreditedTrace>();
        var rewards = new List<double>();
        for (int i = 0; i < group.Traces.Count; i++)
        {
            CreditedTrace trace = group.Traces[i];
            if (!trace.IsSound || !double.IsFinite(group.Rewards[i]) || OverLong.Judge(trace, group.Rewards[i], MaxTokens) is not double reward) continue;
            traces.Add(trace);
            rewards.Add(reward);
        }

        return new TraceGroup(traces, rewards);
    }

    private void Check(CreditedTrace trace)
    {
        CreditNeeds missing = Needs & ((trace.Reference is null ? CreditNeeds.Reference : 0) | (trace.Teacher is null ? CreditNeeds.Teacher : 0)
            | (trace.Values is null ? CreditNeeds.Values : 0) | (trace.StepValues is null ? CreditNeeds.Forks : 0));
        if (missing != 0) throw new InvalidOperationException($"The credit rule {Name} reads what is not there: {missing}.");
    }
}

/// <summary>A rule that looks at one group at a time.</summary>
public abstract record GroupCredit : CreditRule
{
    /// <inheritdoc/>
    protected sealed override void Write(IReadOnlyList<TraceGroup> groups)
    {
        double share = 1.0 / groups.Sum(g => g.Traces.Count);
        foreach (TraceGroup group in groups) Write(group, share);
    }

    /// <summary>Writes the weights of one group.</summary>
    /// <param name="group">Its traces, at least one.</param>
    /// <param name="share">One over the number of traces in the whole batch.</param>
    protected abstract void Write(TraceGroup group, double share);
}
