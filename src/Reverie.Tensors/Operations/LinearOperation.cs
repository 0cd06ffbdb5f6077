namespace Reverie.Tensors.Operations;

/// <summary>dx = dy W, dW += dy^T x, and the residual takes dy as it is.</summary>
internal sealed class LinearOperation : IOperation
{
    public static readonly LinearOperation Instance = new();

    public void Backward(Tape tape, in TapeEntry entry)
    {
        Tensor gradient = entry.Output.Gradient!;
        tape.Kernels.MatMul(gradient, true, entry.Input, false, tape.GradientOf(entry.Weight!, out bool add), add);
        tape.Kernels.MatMul(gradient, false, entry.Weight!, false, tape.GradientOf(entry.Input, out add), add);
        if (entry.Residual is not null) tape.PassGradient(entry.Output, entry.Residual);
    }
}
