namespace Reverie.Tensors.Operations;

/// <summary>A head with one output and its loss. Like the token loss it writes its gradients at once.</summary>
internal static class ValueLossOperation
{
    public static void Run(Tape tape, Tensor hidden, Tensor head, TokenWeights? weights, int offset, float scale, ValueLoss loss, float hiddenScale, float[] values)
    {
        Tensor output = tape.Arena.Allocate(hidden.Rows, 1);
        tape.Kernels.MatMul(hidden, false, head, true, output, accumulate: false);
        Span<float> slopes = output.Span;
        slopes.CopyTo(values.AsSpan(offset));
        if (!tape.Recording || weights?.ValueWeights is not float[] valueWeights) return;
        float[] targets = weights.ValueTargets!;
        for (int i = 0; i < slopes.Length; i++)
        {
            float weight = valueWeights[offset + i], value = loss == ValueLoss.CrossEntropy ? 1 / (1 + MathF.Exp(-slopes[i])) : slopes[i];
            slopes[i] = weight == 0 ? 0 : weight * scale * (value - targets[offset + i]);
        }

        if (!head.IsFrozen) tape.Kernels.MatMul(output, true, hidden, false, tape.GradientOf(head, out bool add), add);
        if (hiddenScale == 0 || hidden.IsFrozen) return;
        tape.Kernels.Scale(output, hiddenScale);
        tape.Kernels.MatMul(output, false, head, false, tape.GradientOf(hidden, out bool addHidden), addHidden);
    }
}
