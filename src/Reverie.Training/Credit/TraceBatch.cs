namespace Reverie.Training;

/// <summary>
/// Traces in a <see cref="Batch"/>, one segment each. The learner's results are read back by trace; used once for scoring, it gives
/// rules what they need, and used once for training, it carries what they wrote.
/// </summary>
public sealed class TraceBatch
{
    private readonly List<(CreditedTrace Trace, int Start)> _packed = [];
    private readonly int _longest;

    /// <summary>Creates an empty batch.</summary>
    /// <param name="capacity">Tokens to begin with; the batch grows where it must.</param>
    /// <param name="longest">Tokens that a trace may have; longer ones are refused.</param>
    public TraceBatch(int capacity = 4096, int longest = int.MaxValue) : this(new Batch(capacity), longest) { }

    /// <summary>Fills a batch of the caller's.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="longest">Tokens that a trace may have; longer ones are refused.</param>
    public TraceBatch(Batch batch, int longest = int.MaxValue) => (Batch, _longest) = (batch, longest);

    /// <summary>What the learner takes. Step it with the denominator 1: the weights are final.</summary>
    public Batch Batch { get; }

    /// <summary>Number of traces in the batch.</summary>
    public int Count => _packed.Count;

    /// <summary>Traces that the last fill passed over because no token had a weight.</summary>
    public int WithoutWeight { get; private set; }

    /// <summary>Traces that the last fill refused because they were too long.</summary>
    public int TooLong { get; private set; }

    /// <summary>Traces that the last fill refused because a weight was not finite, or because there were not two tokens.</summary>
    public int Malformed { get; private set; }

    /// <summary>Fills the batch with the traces that have a weight, for a training step. Weights of tokens that the actor did not write are not read.</summary>
    public void Fill(IEnumerable<TraceGroup> groups)
    {
        Clear();
        foreach (CreditedTrace trace in groups.SelectMany(g => g.Traces))
        {
            float[] ce = OfActor(trace, trace.Ce), rl = OfActor(trace, trace.Rl), kl = OfActor(trace, trace.Kl), values = OfActor(trace, trace.ValueWeights);
            if (ce.Length + rl.Length + kl.Length + values.Length == 0) WithoutWeight++;
            else if (!CreditedTrace.IsFinite(ce) || !CreditedTrace.IsFinite(rl) || !CreditedTrace.IsFinite(kl) || !CreditedTrace.IsFinite(values) || !CreditedTrace.IsFinite(trace.ValueTargets)) Malformed++;
            else Add(trace, ce, rl, kl, values);
        }
    }

    /// <summary>Fills the batch with traces that are to be scored; their weights are not read.</summary>
    public void FillForScoring(IEnumerable<CreditedTrace> traces)
    {
        Clear();
        foreach (CreditedTrace trace in traces) Add(trace, [], [], [], []);
    }

    /// <summary>Gives each trace its part of the learner's results for the batch: one number a token, 0 for the first.</summary>
    /// <param name="results">By position of the batch, e.g. <see cref="Learner.LogProbabilities"/>.</param>
    /// <param name="take">Gets the trace and its numbers.</param>
    public void Read(ReadOnlySpan<float> results, Action<CreditedTrace, float[]> take)
    {
        foreach ((CreditedTrace trace, int start) in _packed)
        {
            float[] own = new float[trace.Old.Length];
            results.Slice(start, own.Length - 1).CopyTo(own.AsSpan(1));
            take(trace, own);
        }
    }

    private void Clear()
    {
        Batch.Clear();
        _packed.Clear();
        (WithoutWeight, TooLong, Malformed) = (0, 0, 0);
    }

    private void Add(CreditedTrace trace, float[] ce, float[] rl, float[] kl, float[] values)
    {
        if (trace.Old.Length < 2) Malformed++;
        else if (trace.Old.Length > _longest) TooLong++;
        else _packed.Add((trace, Batch.Add([.. trace.Trace.Tokens], ce, rl, kl, values.Length > 0 ? trace.ValueTargets : default, values)));
    }

    /// <summary>The weights of the actor's tokens; empty where all are 0, so that a channel nobody uses costs nothing.</summary>
    private static float[] OfActor(CreditedTrace trace, float[] channel)
    {
        if (!channel.AsSpan().ContainsAnyExcept(0f)) return [];
        float[] own = new float[channel.Length];
        foreach (int t in trace.ActorTokens) own[t] = channel[t];
        return own.AsSpan().ContainsAnyExcept(0f) ? own : [];
    }
}
