namespace Reverie.Tensors.Operations;

/// <summary>
/// Head, softmax and loss in one, by blocks of tokens. A loss is where the backward pass starts, so its gradients are known
/// as soon as a block's logits are: they are written at once, and the logits' memory serves the next block.
/// </summary>
internal static class TokenLossOperation
{
    /// <summary>Logits held at once; small enough to stay in the cache between the three products that use them.</summary>
    private const int BlockElements = 1 << 20;

    public static void Run(Tape tape, Tensor hidden, Tensor head, int[] targets, TokenWeights? weights, int offset, float scale, float[] logProbabilities, float[]? entropies)
    {
        bool learn = tape.Recording && weights is not null;
        int block = Math.Min(Math.Max(16, BlockElements / head.Rows / 16 * 16), Math.Max(hidden.Rows, 1));
        Tensor logits = tape.Arena.Allocate(block, head.Rows);
        Tensor? hiddenGradient = learn ? tape.GradientOf(hidden, out _) : null;
        for (int start = 0; start < hidden.Rows; start += block)
        {
            int rows = Math.Min(block, hidden.Rows - start), at = offset + start;
            Tensor part = tape.Arena.View(hidden, start, rows), scores = tape.Arena.View(logits, 0, rows);
            tape.Kernels.MatMul(part, false, head, true, scores, accumulate: false);
            tape.Kernels.SoftmaxLoss(scores, targets.AsSpan(at, rows), learn ? weights : null, at, scale,
                logProbabilities.AsSpan(at, rows), entropies is null ? [] : entropies.AsSpan(at, rows));
            if (!learn) continue;
            tape.Kernels.MatMul(scores, true, part, false, tape.GradientOf(head, out bool add), add);
            tape.Kernels.MatMul(scores, false, head, false, tape.Arena.View(hiddenGradient!, start, rows), accumulate: false);
        }
    }
}
