namespace Reverie.Tensors;

/// <summary>
/// The arithmetic under the ops: one method per fused kernel, on tensors whose shapes the ops have checked. The CPU is
/// the first implementation; a GPU would be the second. Every kernel gives the same bits at any number of threads:
/// work is split over disjoint outputs, and each sum has one fixed order.
/// </summary>
public interface IKernels : IDisposable
{
    /// <summary>Threads that take part, the caller among them.</summary>
    int Threads { get; }

    /// <summary>
    /// c = op(a) op(b), or c += with <paramref name="accumulate"/>. Each element is one chain of fused multiply-adds over
    /// the inner index in order, so a row of the result never depends on the other rows.
    /// </summary>
    /// <param name="a">(M, K), or (K, M) when <paramref name="transposeA"/>.</param>
    /// <param name="transposeA">Use the transpose of a.</param>
    /// <param name="b">(K, N), or (N, K) when <paramref name="transposeB"/>.</param>
    /// <param name="transposeB">Use the transpose of b.</param>
    /// <param name="c">(M, N).</param>
    /// <param name="accumulate">Add to c instead of overwriting it.</param>
    void MatMul(Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor c, bool accumulate);

    /// <summary>
    /// Lays a weight out for products with few rows (decoding); <see cref="MatMul"/> with its transpose reads that layout, with
    /// the same result, as long as it is there. Call again after the weight changed, <see cref="Unpack"/> before it is trained further.
    /// </summary>
    void Prepack(Tensor weight);

    /// <summary>Forgets what <see cref="Prepack"/> made.</summary>
    void Unpack(Tensor weight);

    /// <summary>
    /// y += scale (x down) up for runs of rows, each with factors of its own: the bits of <see cref="MatMul"/>, <see cref="Scale"/> and
    /// <see cref="MatMul"/> on each run by itself.
    /// </summary>
    /// <param name="x">(N, K).</param>
    /// <param name="rows">Disjoint runs of the N rows; rows in none of them are left as they are.</param>
    /// <param name="y">(N, M).</param>
    void AddLowRanks(Tensor x, ReadOnlySpan<LowRankRows> rows, Tensor y);

    /// <summary>output[i] = table[tokens[i]]. Output (N, D), table (V, D).</summary>
    void Embed(Tensor table, ReadOnlySpan<int> tokens, Tensor output);

    /// <summary>tableGradient[tokens[i]] += outputGradient[i], in the order of i.</summary>
    void EmbedBackward(Tensor outputGradient, ReadOnlySpan<int> tokens, Tensor tableGradient);

    /// <summary>y = x / rms(x) * gain by row (arXiv 1910.07467). x, y (N, D), gain (1, D), inverseRms (N, 1) is kept for the backward pass.</summary>
    void RmsNorm(Tensor x, Tensor gain, float epsilon, Tensor y, Tensor inverseRms);

    /// <summary>Backward of <see cref="RmsNorm"/>: writes (or adds to) xGradient, adds to gainGradient where it is given.</summary>
    void RmsNormBackward(Tensor x, Tensor gain, Tensor inverseRms, Tensor yGradient, Tensor xGradient, bool accumulate, Tensor? gainGradient);

    /// <summary>y = silu(gate) * up (arXiv 2002.05202). gateUp (N, 2F) holds the gate in the first F columns, y (N, F).</summary>
    void SwiGlu(Tensor gateUp, Tensor y);

    /// <summary>Backward of <see cref="SwiGlu"/>: overwrites gateUpGradient.</summary>
    void SwiGluBackward(Tensor gateUp, Tensor yGradient, Tensor gateUpGradient);

    /// <summary>target += source, or target = source when not <paramref name="accumulate"/>.</summary>
    void Add(Tensor source, Tensor target, bool accumulate);

    /// <summary>
    /// Causal attention inside each segment: queries and keys are normed per head (arXiv 2302.05442) when gains are given,
    /// rotated by position (half-split RoPE), scaled by 1/sqrt(HeadDimension), masked, softmaxed and applied to the values.
    /// </summary>
    /// <param name="projection">(N, ProjectionColumns): queries, keys, values.</param>
    /// <param name="queryGain">(1, HeadDimension), or null for no norm.</param>
    /// <param name="keyGain">(1, HeadDimension), or null for no norm.</param>
    /// <param name="shape">The layer's constants.</param>
    /// <param name="segments">Documents of the batch, disjoint; the output of rows in none of them is zero.</param>
    /// <param name="output">(N, OutputColumns).</param>
    /// <param name="logSumExp">(N, Heads): log of the softmax's denominator, kept for the backward pass.</param>
    void Attention(Tensor projection, Tensor? queryGain, Tensor? keyGain, AttentionShape shape, ReadOnlySpan<Segment> segments, Tensor output, Tensor logSumExp);

    /// <summary>Backward of <see cref="Attention"/>: overwrites projectionGradient (zero outside the segments), adds to the gains' gradients.</summary>
    void AttentionBackward(Tensor projection, Tensor? queryGain, Tensor? keyGain, AttentionShape shape, ReadOnlySpan<Segment> segments,
        Tensor output, Tensor logSumExp, Tensor outputGradient, Tensor projectionGradient, Tensor? queryGainGradient, Tensor? keyGainGradient);

    /// <summary>
    /// Attention of new tokens over cached and new ones: stores the segments' keys and values in the pages of
    /// <paramref name="layer"/>, then attends. Gives the bits that <see cref="Attention"/> gives for the whole sequence.
    /// </summary>
    void CachedAttention(Tensor projection, Tensor? queryGain, Tensor? keyGain, AttentionShape shape, ReadOnlySpan<Segment> segments,
        PagedKeyValues cache, int layer, Tensor output);

    /// <summary>
    /// The softmax end of the token loss, in place: reads logits (N, V); writes each target's log-probability to
    /// <paramref name="logProbabilities"/> and, where given, the distribution's entropy in nats to <paramref name="entropies"/>.
    /// With <paramref name="weights"/> the logits become their own gradient,
    /// <c>((Ce + Rl) (p - onehot(target)) + Kl d) * scale</c> with p = softmax and d = p - q for KL(q || p), or
    /// p (log p - log q - KL) for KL(p || q), where q is the teacher's softmax.
    /// </summary>
    /// <param name="logits">(N, V).</param>
    /// <param name="targets">N token ids.</param>
    /// <param name="weights">Null to leave the logits alone.</param>
    /// <param name="offset">Index in <paramref name="weights"/> of the first row.</param>
    /// <param name="scale">Factor on the gradient: one over the weight of the whole batch.</param>
    /// <param name="logProbabilities">N results.</param>
    /// <param name="entropies">N results, or empty.</param>
    /// <param name="teacher">The teacher's logits (N, V), or null for no comparison.</param>
    /// <param name="reverse">KL(p || q) instead of KL(q || p).</param>
    /// <param name="divergences">N results with a teacher: the divergence in nats; 0 where there are weights and Kl is 0.</param>
    void SoftmaxLoss(Tensor logits, ReadOnlySpan<int> targets, TokenWeights? weights, int offset, float scale, Span<float> logProbabilities, Span<float> entropies,
        Tensor? teacher = null, bool reverse = false, Span<float> divergences = default);

    /// <summary>Sum of squares of all elements, in double, in one fixed order.</summary>
    double SumOfSquares(Tensor x);

    /// <summary>x *= factor.</summary>
    void Scale(Tensor x, float factor);

    /// <summary>x = 0.</summary>
    void Clear(Tensor x);

    /// <summary>One fused AdamW step over a whole buffer; all four of the same length.</summary>
    void AdamW(Tensor value, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWSettings settings);
}
