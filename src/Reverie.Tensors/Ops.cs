using Reverie.Tensors.Operations;

namespace Reverie.Tensors;

/// <summary>
/// The differentiable ops: coarse and fused, each a forward call here and a backward half in <c>Operations</c>. All check
/// their shapes and write to the tape's arena.
/// </summary>
public static class Ops
{
    /// <summary>Rows of a table: table (V, D) at N tokens -> (N, D).</summary>
    /// <exception cref="ArgumentOutOfRangeException">A token is not in the table.</exception>
    public static Tensor Embedding(Tape tape, Tensor table, int[] tokens, int count)
    {
        foreach (int token in tokens.AsSpan(0, count)) ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)token, (uint)table.Rows, nameof(tokens));
        Tensor output = tape.Arena.Allocate(count, table.Columns);
        tape.Kernels.Embed(table, tokens.AsSpan(0, count), output);
        tape.Record(new TapeEntry { Operation = EmbeddingOperation.Instance, Output = output, Input = table, Indices = tokens, Count = count });
        return output;
    }

    /// <summary>x weight^T, plus <paramref name="residual"/> where given: (N, K) x (M, K) -> (N, M).</summary>
    public static Tensor Linear(Tape tape, Tensor x, Tensor weight, Tensor? residual = null)
    {
        Check(x.Columns == weight.Columns, "Linear", x, weight);
        Tensor output = tape.Arena.Allocate(x.Rows, weight.Rows);
        if (residual is not null)
        {
            Check(residual.Rows == output.Rows && residual.Columns == output.Columns, "Linear's residual", residual, output);
            tape.Kernels.Add(residual, output, accumulate: false);
        }

        tape.Kernels.MatMul(x, false, weight, true, output, accumulate: residual is not null);
        tape.Record(new TapeEntry { Operation = LinearOperation.Instance, Output = output, Input = x, Weight = weight, Residual = residual });
        return output;
    }

    /// <summary>y += x weight^T in place, without gradients: the bits of <see cref="Linear"/> with y as the residual, and no copy of it.</summary>
    public static void AddLinear(Tape tape, Tensor y, Tensor x, Tensor weight)
    {
        if (tape.Recording) throw new InvalidOperationException("AddLinear has no backward pass; use Linear with a residual for training.");
        Check(x.Columns == weight.Columns, "AddLinear", x, weight);
        Check(y.Rows == x.Rows && y.Columns == weight.Rows, "AddLinear", y, weight);
        tape.Kernels.MatMul(x, false, weight, true, y, accumulate: true);
    }

    /// <summary>
    /// y += scale (x down^T) up^T, the low-rank addition of LoRA (arXiv 2106.09685), in place: (N, M) += (N, K) x (r, K) x (M, r).
    /// y is what another op has just made of x and nobody has read yet.
    /// </summary>
    public static void AddLowRank(Tape tape, Tensor y, Tensor x, Tensor down, Tensor up, float scale)
    {
        Check(x.Columns == down.Columns, "AddLowRank", x, down);
        Check(y.Rows == x.Rows && y.Columns == up.Rows && up.Columns == down.Rows, "AddLowRank", y, up);
        Tensor inner = tape.Arena.Allocate(x.Rows, down.Rows);
        tape.Kernels.MatMul(x, false, down, true, inner, accumulate: false);
        tape.Kernels.Scale(inner, scale);
        tape.Kernels.MatMul(inner, false, up, true, y, accumulate: true);

        // y stands as the residual too, so that it is frozen only where what made it was.
        tape.Record(new TapeEntry { Operation = LowRankOperation.Instance, Output = y, Input = x, Weight = up, SecondWeight = down, Saved = inner, Residual = y, Scale = scale });
    }

    /// <summary>
    /// The same, without gradients, for a batch whose rows have different additions, or none: y += scale (x down) up in place, with both
    /// factors transposed. See <see cref="IKernels.AddLowRanks"/>.
    /// </summary>
    public static void AddLowRanks(Tape tape, Tensor y, Tensor x, ReadOnlySpan<LowRankRows> rows)
    {
        if (tape.Recording) throw new InvalidOperationException("AddLowRanks has no backward pass; use AddLowRank for training.");
        Check(x.Rows == y.Rows, "AddLowRanks", x, y);
        foreach (LowRankRows run in rows)
        {
            Check(run.Down.Rows == x.Columns && run.Down.Columns == run.Up.Rows, "AddLowRanks", x, run.Down);
            Check(run.Up.Columns == y.Columns && run.Start >= 0 && run.Count >= 0 && run.Start <= y.Rows - run.Count, "AddLowRanks", y, run.Up);
        }

        if (rows.Length > 0) tape.Kernels.AddLowRanks(x, rows, y);
    }

    /// <summary>Root-mean-square norm by row with a gain (arXiv 1910.07467): (N, D), (1, D) -> (N, D).</summary>
    public static Tensor RmsNorm(Tape tape, Tensor x, Tensor gain, float epsilon = 1e-6f)
    {
        Check(x.Columns == gain.Columns, "RmsNorm", x, gain);
        Tensor output = tape.Arena.Allocate(x.Rows, x.Columns);
        Tensor inverseRms = tape.Arena.Allocate(x.Rows, 1);
        tape.Kernels.RmsNorm(x, gain, epsilon, output, inverseRms);
        tape.Record(new TapeEntry { Operation = RmsNormOperation.Instance, Output = output, Input = x, Weight = gain, Saved = inverseRms });
        return output;
    }

    /// <summary>silu(gate) * up (arXiv 2002.05202): (N, 2F), gate first -> (N, F).</summary>
    public static Tensor SwiGlu(Tape tape, Tensor gateUp)
    {
        Tensor output = tape.Arena.Allocate(gateUp.Rows, gateUp.Columns / 2);
        tape.Kernels.SwiGlu(gateUp, output);
        tape.Record(new TapeEntry { Operation = SwiGluOperation.Instance, Output = output, Input = gateUp });
        return output;
    }

    /// <summary>
    /// Causal attention inside each segment, with per-head norms of queries and keys, RoPE, grouped heads and window:
    /// (N, ProjectionColumns) -> (N, OutputColumns). See <see cref="IKernels.Attention"/>.
    /// </summary>
    public static Tensor CausalAttention(Tape tape, Tensor projection, Tensor? queryGain, Tensor? keyGain, AttentionShape shape, Segment[] segments, int segmentCount)
    {
        if (projection.Columns != shape.ProjectionColumns) throw new ArgumentException($"CausalAttention: {projection} does not have {shape.ProjectionColumns} columns.", nameof(projection));
        Tensor output = tape.Arena.Allocate(projection.Rows, shape.OutputColumns);
        Tensor logSumExp = tape.Arena.Allocate(projection.Rows, shape.Heads);
        tape.Kernels.Attention(projection, queryGain, keyGain, shape, segments.AsSpan(0, segmentCount), output, logSumExp);
        tape.Record(new TapeEntry
        {
            Operation = AttentionOperation.Instance,
            Output = output,
            Input = projection,
            Weight = queryGain,
            SecondWeight = keyGain,
            Saved = logSumExp,
            Shape = shape,
            Indices = segments,
            Count = segmentCount,
        });
        return output;
    }

    /// <summary>Attention over a paged cache, for inference: stores the new keys and values, then attends. See <see cref="IKernels.CachedAttention"/>.</summary>
    public static Tensor CachedAttention(Tape tape, Tensor projection, Tensor? queryGain, Tensor? keyGain, AttentionShape shape,
        ReadOnlySpan<Segment> segments, PagedKeyValues cache, int layer)
    {
        if (tape.Recording) throw new InvalidOperationException("CachedAttention has no backward pass; use CausalAttention for training.");
        Tensor output = tape.Arena.Allocate(projection.Rows, shape.OutputColumns);
        tape.Kernels.CachedAttention(projection, queryGain, keyGain, shape, segments, cache, layer, output);
        return output;
    }

    /// <summary>
    /// The objective: log-probabilities of the targets under softmax(hidden head^T), and (on a recording tape) the gradients of
    /// <c>scale * sum of the token losses</c> of <see cref="TokenWeights"/> in hidden and head. The vocabulary is visited in
    /// blocks of tokens, so that all (N, V) logits never stand in memory at once.
    /// </summary>
    /// <param name="tape">The tape; not recording: no gradients.</param>
    /// <param name="hidden">(N, D).</param>
    /// <param name="head">(V, D).</param>
    /// <param name="targets">At least <paramref name="offset"/> + N token ids.</param>
    /// <param name="weights">What is wanted of each token; null to score only.</param>
    /// <param name="offset">Index of the first row of hidden in targets, weights and results.</param>
    /// <param name="scale">Usually one over the sum of the batch's weights.</param>
    /// <param name="logProbabilities">Receives log p(target) in nats from <paramref name="offset"/> on.</param>
    /// <param name="entropies">Receives the entropy of each distribution in nats from <paramref name="offset"/> on; null where nobody asks.</param>
    /// <param name="teacher">What the model is compared with; needed where <paramref name="weights"/> have <see cref="TokenWeights.Kl"/>.</param>
    public static void TokenLoss(Tape tape, Tensor hidden, Tensor head, int[] targets, TokenWeights? weights, int offset, float scale, float[] logProbabilities, float[]? entropies = null, Teacher? teacher = null)
    {
        Check(hidden.Columns == head.Columns, "TokenLoss", hidden, head);
        foreach (int target in targets.AsSpan(offset, hidden.Rows)) ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)target, (uint)head.Rows, nameof(targets));
        if (teacher is Teacher other)
        {
            Check(other.Hidden.Rows == hidden.Rows && other.Head.Rows == head.Rows, "TokenLoss's teacher", other.Hidden, other.Head);
            Check(other.Hidden.Columns == other.Head.Columns, "TokenLoss's teacher", other.Hidden, other.Head);
            if (weights is not null && weights.Kl is null) throw new ArgumentException("TokenLoss: a teacher without TokenWeights.Kl has nothing to teach.", nameof(weights));
        }
        else if (weights?.Kl is { } kl && kl.AsSpan(offset, hidden.Rows).ContainsAnyExcept(0f))
        {
            throw new ArgumentException("TokenLoss: TokenWeights.Kl needs a teacher.", nameof(weights));
        }

        TokenLossOperation.Run(tape, hidden, head, targets, weights, offset, scale, logProbabilities, entropies, teacher);
    }

    /// <summary>
    /// Values hidden head^T, one for each token, and (on a recording tape) the gradients of <c>scale * sum of ValueWeight * loss</c>.
    /// A squared error with the target v - g and weight 1 gives the value v the gradient g, so that any loss of values can be
    /// built on it.
    /// </summary>
    /// <param name="tape">The tape; not recording: no gradients.</param>
    /// <param name="hidden">(N, D).</param>
    /// <param name="head">(1, D).</param>
    /// <param name="weights">Targets and weights of the values; null, or without <see cref="TokenWeights.ValueWeights"/>, to predict only.</param>
    /// <param name="offset">Index of the first row of hidden in weights and results.</param>
    /// <param name="scale">Factor on the loss.</param>
    /// <param name="loss">Which loss.</param>
    /// <param name="hiddenScale">Factor on the gradient that reaches hidden; 0 trains the head alone.</param>
    /// <param name="values">Receives the values from <paramref name="offset"/> on; logits under <see cref="ValueLoss.CrossEntropy"/>.</param>
    public static void ValueLoss(Tape tape, Tensor hidden, Tensor head, TokenWeights? weights, int offset, float scale, ValueLoss loss, float hiddenScale, float[] values)
    {
        Check(head.Rows == 1 && hidden.Columns == head.Columns, "ValueLoss", hidden, head);
        if (weights?.ValueWeights is not null && weights.ValueTargets is null) throw new ArgumentException("ValueLoss: TokenWeights.ValueWeights need ValueTargets.", nameof(weights));
        ValueLossOperation.Run(tape, hidden, head, weights, offset, scale, loss, hiddenScale, values);
    }

    private static void Check(bool fits, string op, Tensor a, Tensor b)
    {
        if (!fits) throw new ArgumentException($"{op}: shapes {a} and {b} do not fit.");
    }
}
