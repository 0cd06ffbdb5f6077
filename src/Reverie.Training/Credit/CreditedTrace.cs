using Reverie.Worlds;

namespace Reverie.Training;

/// <summary>
/// A trace and what a credit rule wants of each of its tokens. All arrays are by token of the trace: the number at t belongs to the
/// prediction of token t from those before it. The loss is the sum over t of <c>-(Ce + Rl) log p + Kl divergence + ValueWeight valueLoss</c>,
/// exactly as written: nothing divides it afterwards, so a rule writes its 1/N into the weights.
/// </summary>
public sealed class CreditedTrace
{
    /// <summary>Takes a trace without credit.</summary>
    public CreditedTrace(Trace trace)
    {
        Trace = trace;
        Old = [.. trace.LogProbabilities];
        Current = Old;
        ActorTokens = [.. trace.Turns.SelectMany(turn => Enumerable.Range(turn.Start, turn.Length)).Where(t => t > 0)];
        Ce = new float[Old.Length];
        Rl = new float[Old.Length];
        Kl = new float[Old.Length];
        ValueTargets = new float[Old.Length];
        ValueWeights = new float[Old.Length];
    }

    /// <summary>The trace.</summary>
    public Trace Trace { get; }

    /// <summary>Indices of the tokens that the actor chose: only these may be given weights.</summary>
    public int[] ActorTokens { get; }

    /// <summary>Weights of imitation; negative ones push away.</summary>
    public float[] Ce { get; }

    /// <summary>Weights of reinforcement: advantages, of either sign.</summary>
    public float[] Rl { get; }

    /// <summary>Weights of the divergence from the teacher's distribution.</summary>
    public float[] Kl { get; }

    /// <summary>What the value head should have predicted before the token was chosen.</summary>
    public float[] ValueTargets { get; }

    /// <summary>Weights of the value's loss.</summary>
    public float[] ValueWeights { get; }

    /// <summary>log p in nats under the model that drew the tokens; 0 where no model drew.</summary>
    public float[] Old { get; }

    /// <summary>
    /// log p in nats under the model that is trained. It is <see cref="Old"/> until somebody scores the trace again: a trace drawn from
    /// the current weights has the trainer's own numbers, to the bit, and needs no second pass.
    /// </summary>
    public float[] Current { get; set => field = Checked(value)!; }

    /// <summary>log p in nats under the model that training started from; null where no rule asked.</summary>
    public float[]? Reference { get; set => field = Checked(value); }

    /// <summary>log p in nats under the teacher; null where no rule asked.</summary>
    public float[]? Teacher { get; set => field = Checked(value); }

    /// <summary>Predicted returns before each token, as numbers and not as logits; null where no rule asked.</summary>
    public float[]? Values { get; set => field = Checked(value); }

    /// <summary>
    /// For each of the actor's turns, the reward that the whole episode ends with in the mean when it is played on from a fork before that
    /// turn. Null where no rule asked; <see cref="StepContinuations"/> measures them.
    /// </summary>
    public double[]? StepValues { get; set; }

    /// <summary>Whether any token has a weight.</summary>
    public bool IsCredited =>
        Ce.AsSpan().ContainsAnyExcept(0f) || Rl.AsSpan().ContainsAnyExcept(0f) || Kl.AsSpan().ContainsAnyExcept(0f) || ValueWeights.AsSpan().ContainsAnyExcept(0f);

    /// <summary>Whether there is something to learn from: it did not fail, the actor wrote tokens, and every number is finite.</summary>
    public bool IsSound => Trace.Stop != TraceStop.Failed && ActorTokens.Length > 0 && double.IsFinite(Trace.Reward)
        && IsFinite(Old) && IsFinite(Current) && IsFinite(Reference) && IsFinite(Teacher) && IsFinite(Values) && (StepValues is null || StepValues.All(double.IsFinite));

    /// <summary>Takes all weights away.</summary>
    public void Clear()
    {
        foreach (float[] channel in new[] { Ce, Rl, Kl, ValueTargets, ValueWeights }) Array.Clear(channel);
    }

    internal static bool IsFinite(ReadOnlySpan<float> values) => !values.ContainsAnyExceptInRange(float.MinValue, float.MaxValue);

    private float[]? Checked(float[]? values) => values is null || values.Length == Old.Length ? values
        : throw new ArgumentException($"A trace of {Old.Length} tokens was given {values.Length} numbers.", nameof(values));
}
