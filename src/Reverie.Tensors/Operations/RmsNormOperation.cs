namespace Reverie.Tensors.Operations;

internal sealed class RmsNormOperation : IOperation
{
    public static readonly RmsNormOperation Instance = new();

    public void Backward(Tape tape, in TapeEntry entry)
    {
        Tensor gradient = tape.GradientOf(entry.Input, out bool add);
        tape.Kernels.RmsNormBackward(entry.Input, entry.Weight!, entry.Saved!, entry.Output.Gradient!, gradient, add, entry.Weight!.IsFrozen ? null : tape.GradientOf(entry.Weight, out _));
    }
}
