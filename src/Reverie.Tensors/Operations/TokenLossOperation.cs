namespace Reverie.Tensors.Operations;

/// <summary>
/// Head, softmax and loss in one, by blocks of tokens. A loss is where the backward pass starts, so its gradients are known
/// as soon as a block's logits are: they are written at once, and the logits' memory serves the next block.
/// </summary>
internal static class TokenLossOperation
{
    /// <summary>Logits held at once; small enough to stay in the cache between the three products that use them.</summary>
    private const int BlockElements = 1 << 20;

    /// <summary>Tokens that share the way of a head through memory, where it is too large for the cache anyway.</summary>
    private const int BlockRows = 128;

    public static void Run(Tape tape, Tensor hidden, Tensor head, int[] targets, TokenWeights? weights, int offset, float scale, float[] logProbabilities, float[]? entropies, Teacher? teacher)
    {
        if (!tape.Recording) weights = null;
        bool passes = weights is not null && !hidden.IsFrozen, add = false;
        int block = Math.Min(Math.Max(BlockRows, BlockElements / head.Rows / 16 * 16), Math.Max(hidden.Rows, 1));
        Tensor logits = tape.Arena.Allocate(block, head.Rows);
        Tensor? teacherLogits = teacher is null ? null : tape.Arena.Allocate(block, head.Rows);
        Tensor? hiddenGradient = passes ? tape.GradientOf(hidden, out add) : null;
        for (int start = 0; start < hidden.Rows; start += block)
        {
            int rows = Math.Min(block, hidden.Rows - start), at = offset + start;
            Tensor part = tape.Arena.View(hidden, start, rows), scores = tape.Arena.View(logits, 0, rows);
            tape.Kernels.MatMul(part, false, head, true, scores, accumulate: false);
            Tensor? compared = null;
            if (teacher is Teacher other && (weights is null || weights.Kl.AsSpan(at, rows).ContainsAnyExcept(0f)))
            {
                compared = tape.Arena.View(teacherLogits!, 0, rows);
                tape.Kernels.MatMul(tape.Arena.View(other.Hidden, start, rows), false, other.Head, true, compared, accumulate: false);
            }
            else
            {
                teacher?.Divergences.AsSpan(at, rows).Clear();
            }

            tape.Kernels.SoftmaxLoss(scores, targets.AsSpan(at, rows), weights, at, scale, logProbabilities.AsSpan(at, rows),
                entropies is null ? [] : entropies.AsSpan(at, rows), compared, teacher?.Reverse ?? false, compared is null ? [] : teacher!.Value.Divergences.AsSpan(at, rows));
            if (weights is null) continue;
            if (!head.IsFrozen) tape.Kernels.MatMul(scores, true, part, false, tape.GradientOf(head, out bool addHead), addHead);
            if (passes) tape.Kernels.MatMul(scores, false, head, false, tape.Arena.View(hiddenGradient!, start, rows), add);
        }
    }
}
