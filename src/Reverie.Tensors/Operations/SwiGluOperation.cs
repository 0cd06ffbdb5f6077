namespace Reverie.Tensors.Operations;

internal sealed class SwiGluOperation : IOperation
{
    public static readonly SwiGluOperation Instance = new();

    public void Backward(Tape tape, in TapeEntry entry)
    {
        Tensor gradient = tape.GradientOf(entry.Input, out bool add);
        if (add) throw new InvalidOperationException("SwiGlu must be the only reader of its input.");
        tape.Kernels.SwiGluBackward(entry.Input, entry.Output.Gradient!, gradient);
    }
}
