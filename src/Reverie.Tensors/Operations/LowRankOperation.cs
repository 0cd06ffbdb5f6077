namespace Reverie.Tensors.Operations;

/// <summary>With h = scale x A^T and y += h B^T: dB += dy^T h, dh = scale dy B, dA += dh^T x, dx = dh A; dy stays what it is for whatever made y.</summary>
internal sealed class LowRankOperation : IOperation
{
    public static readonly LowRankOperation Instance = new();

    public void Backward(Tape tape, in TapeEntry entry)
    {
        Tensor gradient = entry.Output.Gradient!, up = entry.Weight!, down = entry.SecondWeight!, inner = entry.Saved!;
        if (!up.IsFrozen) tape.Kernels.MatMul(gradient, true, inner, false, tape.GradientOf(up, out bool addUp), addUp);
        Tensor innerGradient = tape.GradientOf(inner, out bool add);
        tape.Kernels.MatMul(gradient, false, up, false, innerGradient, add);
        tape.Kernels.Scale(innerGradient, entry.Scale);
        if (!down.IsFrozen) tape.Kernels.MatMul(innerGradient, true, entry.Input, false, tape.GradientOf(down, out bool addDown), addDown);
        if (!entry.Input.IsFrozen) tape.Kernels.MatMul(innerGradient, false, down, false, tape.GradientOf(entry.Input, out bool addInput), addInput);
    }
}
