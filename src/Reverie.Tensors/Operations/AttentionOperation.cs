namespace Reverie.Tensors.Operations;

internal sealed class AttentionOperation : IOperation
{
    public static readonly AttentionOperation Instance = new();

    public void Backward(Tape tape, in TapeEntry entry)
    {
        Tensor gradient = tape.GradientOf(entry.Input, out bool add);
        if (add) throw new InvalidOperationException("CausalAttention must be the only reader of its projection.");
        tape.Kernels.AttentionBackward(entry.Input, entry.Weight, entry.SecondWeight, entry.Shape!, ((Segment[])entry.Indices!).AsSpan(0, entry.Count),
            entry.Output, entry.Saved!, entry.Output.Gradient!, gradient,
            entry.Weight is null or { IsFrozen: true } ? null : tape.GradientOf(entry.Weight, out _),
            entry.SecondWeight is null or { IsFrozen: true } ? null : tape.GradientOf(entry.SecondWeight, out _));
    }
}
