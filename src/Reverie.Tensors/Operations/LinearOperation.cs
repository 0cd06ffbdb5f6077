namespace Reverie.Tensors.Operations;

/// <summary>dx = dy W, dW += dy^T x, and the residual takes dy as it is.</summary>
internal sealed class LinearOperation : IOperation
{
    public static readonly LinearOperation Instance = new();

    public void Backward(Tape tape, in TapeEntry entry)
    {
        Tensor gradient = entry.Output.Gradient!;
        if (!entry.Weight!.IsFrozen) tape.Kernels.MatMul(gradient, true, entry.Input, false, tape.GradientOf(entry.Weight, out bool addWeight), addWeight);
        if (!entry.Input.IsFrozen) tape.Kernels.MatMul(gradient, false, entry.Weight, false, tape.GradientOf(entry.Input, out bool add), add);
        if (entry.Residual is { IsFrozen: false }) tape.PassGradient(entry.Output, entry.Residual);
    }
}
