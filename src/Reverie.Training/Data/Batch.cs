using System.Numerics;
using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>
/// A training batch: documents one after another until the token budget is full. It is flat: no rows, no padding.
/// Allocated once for the budget and filled again and again by <see cref="MixtureReader"/> or <see cref="EvaluationReader"/>
/// without garbage, or by <see cref="Add"/> with tokens and weights from anywhere. Entries beyond <see cref="TokenCount"/> and
/// <see cref="SegmentCount"/> are left over from earlier fills.
/// </summary>
public sealed class Batch
{
    private int[] _piece;
    private bool[] _fromAssistant;

    // Channels that some fill has used; one that this fill does not use is null in Weights.
    private float[]? _rl, _kl, _valueTargets, _valueWeights;

    /// <summary>Allocates a batch of at most <paramref name="capacity"/> tokens.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1.</exception>
    public Batch(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Tokens = new int[capacity];
        Targets = new int[capacity];
        Weights = new TokenWeights { Ce = new float[capacity] };
        Segments = new Segment[capacity];
        _piece = new int[capacity + 1];
        _fromAssistant = new bool[capacity];
    }

    /// <summary>The token budget.</summary>
    public int Capacity => Tokens.Length;

    /// <summary>Input token ids, (TokenCount).</summary>
    public int[] Tokens { get; private set; }

    /// <summary>The token that follows each input token in its document, (TokenCount).</summary>
    public int[] Targets { get; private set; }

    /// <summary>What is wanted of each target. The numbers may be changed in place between steps.</summary>
    public TokenWeights Weights { get; }

    /// <summary>Weight of each target in the cross-entropy, (TokenCount); 0 masks it.</summary>
    public float[] CeWeights => Weights.Ce;

    /// <summary>The documents, (SegmentCount): contiguous, in order, covering tokens 0 to TokenCount - 1.</summary>
    public Segment[] Segments { get; private set; }

    /// <summary>Number of tokens in use.</summary>
    public int TokenCount { get; private set; }

    /// <summary>Number of segments in use.</summary>
    public int SegmentCount { get; private set; }

    /// <summary>Number of targets with a weight other than 0. A batch with none teaches nothing: skip and count it.</summary>
    public int SupervisedTokens { get; private set; }

    /// <summary>
    /// UTF-8 bytes that the supervised targets stand for; special tokens stand for none. The summed loss in nats,
    /// divided by ln 2 and by this, is the bits per byte. Zero where the data set knows no byte counts.
    /// </summary>
    public long Bytes { get; private set; }

    /// <summary>Empties the batch.</summary>
    public void Clear()
    {
        (TokenCount, SegmentCount, SupervisedTokens, Bytes) = (0, 0, 0, 0);
        (Weights.Rl, Weights.Kl, Weights.ValueTargets, Weights.ValueWeights) = (null, null, null, null);
    }

    /// <summary>
    /// Adds a sequence as one segment: each token but the last is an input, each but the first a target. The batch grows where
    /// it must. All weights are by token of the sequence and belong to the prediction of that token, so those of the first are
    /// not read; a channel that is left out is 0. Nothing is added where an exception is thrown.
    /// </summary>
    /// <param name="tokens">Two or more token ids.</param>
    /// <param name="ce">Weights of imitation.</param>
    /// <param name="rl">Weights of reinforcement.</param>
    /// <param name="kl">Weights of the divergence from the teacher.</param>
    /// <param name="valueTargets">What the value should be before the token is chosen.</param>
    /// <param name="valueWeights">Weights of the value's loss.</param>
    /// <returns>The index s of the segment's first input: results for token i of the sequence stand at s + i - 1.</returns>
    /// <exception cref="ReverieException">Fewer than two tokens, another number of weights than tokens, or one that is not finite.</exception>
    public int Add(ReadOnlySpan<int> tokens, ReadOnlySpan<float> ce = default, ReadOnlySpan<float> rl = default, ReadOnlySpan<float> kl = default,
        ReadOnlySpan<float> valueTargets = default, ReadOnlySpan<float> valueWeights = default)
    {
        int start = TokenCount, length = tokens.Length - 1;
        if (length < 1) throw new ReverieException($"A sequence of {tokens.Length} tokens predicts nothing; leave out sequences below two tokens.");
        if (!valueWeights.IsEmpty && valueTargets.IsEmpty) throw new ReverieException("Weights of values need targets: give both.");
        Check(ce, tokens.Length, "imitation");
        Check(rl, tokens.Length, "reinforcement");
        Check(kl, tokens.Length, "divergence");
        Check(valueTargets, tokens.Length, "value targets");
        Check(valueWeights, tokens.Length, "values");
        if (length > Capacity - start) Grow(start + length);

        tokens[..^1].CopyTo(Tokens.AsSpan(start));
        tokens[1..].CopyTo(Targets.AsSpan(start));
        Span<float> weights = CeWeights.AsSpan(start, length);
        if (ce.IsEmpty) weights.Clear();
        else ce[1..].CopyTo(weights);
        Weights.Rl = Fill(ref _rl, Weights.Rl, rl, length);
        Weights.Kl = Fill(ref _kl, Weights.Kl, kl, length);
        Weights.ValueTargets = Fill(ref _valueTargets, Weights.ValueTargets, valueTargets, length);
        Weights.ValueWeights = Fill(ref _valueWeights, Weights.ValueWeights, valueWeights, length);
        for (int i = start; i < start + length; i++)
            if (IsSupervised(i)) SupervisedTokens++;
        Segments[SegmentCount++] = new Segment(start, length);
        TokenCount += length;
        return start;
    }

    /// <summary>Whether target <paramref name="index"/> has a weight other than 0 in any channel.</summary>
    public bool IsSupervised(int index) =>
        CeWeights[index] != 0 || (Weights.Rl is { } rl && rl[index] != 0) || (Weights.Kl is { } kl && kl[index] != 0) || (Weights.ValueWeights is { } values && values[index] != 0);

    /// <summary>
    /// Adds as one segment the tokens [start, start + length) of a document, each with the token after it as target.
    /// </summary>
    /// <param name="data">Where the document is.</param>
    /// <param name="document">Its index.</param>
    /// <param name="start">The first input token inside the document.</param>
    /// <param name="length">Number of input tokens; the document has at least start + length + 1.</param>
    /// <param name="loss">How much each kind of target counts.</param>
    /// <returns>False, and nothing added, where it does not fit.</returns>
    public bool TryAdd(TokenDataset data, int document, int start, int length, LossWeights loss)
    {
        if (length > Capacity - TokenCount) return false;
        Span<int> piece = _piece.AsSpan(0, length + 1);
        data.ReadTokens(document, start, piece);
        piece[..length].CopyTo(Tokens.AsSpan(TokenCount));
        piece[1..].CopyTo(Targets.AsSpan(TokenCount));
        Weights.Rl = Fill(ref _rl, Weights.Rl, default, length);
        Weights.Kl = Fill(ref _kl, Weights.Kl, default, length);
        Weights.ValueTargets = Fill(ref _valueTargets, Weights.ValueTargets, default, length);
        Weights.ValueWeights = Fill(ref _valueWeights, Weights.ValueWeights, default, length);
        Span<float> weights = CeWeights.AsSpan(TokenCount, length);
        if (loss == LossWeights.All)
        {
            weights.Fill(1f);
        }
        else
        {
            Span<bool> fromAssistant = _fromAssistant.AsSpan(0, length);
            data.ReadFromAssistant(document, start + 1, fromAssistant);
            float other = fromAssistant.Contains(true) ? loss.Others : loss.Text;
            for (int i = 0; i < length; i++) weights[i] = fromAssistant[i] ? 1f : other;
        }

        ReadOnlySpan<int> targets = piece[1..];
        ReadOnlySpan<int> tokenBytes = data.TokenBytes;
        for (int i = 0; i < length; i++)
        {
            if (weights[i] == 0f) continue;
            SupervisedTokens++;
            if ((uint)targets[i] < (uint)tokenBytes.Length) Bytes += tokenBytes[targets[i]];
        }

        Segments[SegmentCount++] = new Segment(TokenCount, length);
        TokenCount += length;
        return true;
    }

    /// <summary>Adds the segments of another batch, to be imitated and to be compared with the teacher, both by its weights of imitation.</summary>
    /// <param name="other">Where they are; not this batch.</param>
    /// <param name="imitation">Factor that makes them weights of imitation.</param>
    /// <param name="divergence">Factor that makes them weights of the divergence.</param>
    public void Append(Batch other, float imitation, float divergence)
    {
        for (int s = 0; s < other.SegmentCount; s++)
        {
            (int start, int length) = (other.Segments[s].Start, other.Segments[s].Length);
            int[] tokens = [.. other.Tokens.AsSpan(start, length), other.Targets[start + length - 1]];
            float[] weights = [0, .. other.CeWeights.AsSpan(start, length)];
            Add(tokens, [.. weights.Select(w => w * imitation)], kl: [.. weights.Select(w => w * divergence)]);
        }

        Bytes += other.Bytes;
    }

    private static void Check(ReadOnlySpan<float> values, int count, string channel)
    {
        if (values.IsEmpty) return;
        if (values.Length != count) throw new ReverieException($"{count} tokens came with {values.Length} numbers for {channel}; give one for each token, or none.");
        int bad = values[1..].IndexOfAnyExceptInRange(float.MinValue, float.MaxValue) + 1;
        if (bad > 0) throw new ReverieException($"The number for {channel} at token {bad} is {values[bad]}; leave the sequence out.");
    }

    /// <summary>Copies a channel of a new segment; one that is new to this fill is zero for the segments before.</summary>
    private float[]? Fill(ref float[]? kept, float[]? active, ReadOnlySpan<float> values, int length)
    {
        if (values.IsEmpty && active is null) return null;
        if (kept is null || kept.Length < Capacity) Array.Resize(ref kept, Capacity);
        if (active is null) kept.AsSpan(0, TokenCount).Clear();
        if (values.IsEmpty) kept.AsSpan(TokenCount, length).Clear();
        else values[1..].CopyTo(kept.AsSpan(TokenCount));
        return kept;
    }

    private void Grow(int needed)
    {
        int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)needed);
        (int[] tokens, int[] targets, Segment[] segments, float[] ce) = (Tokens, Targets, Segments, CeWeights);
        Array.Resize(ref tokens, capacity);
        Array.Resize(ref targets, capacity);
        Array.Resize(ref segments, capacity);
        Array.Resize(ref ce, capacity);
        (Tokens, Targets, Segments, Weights.Ce) = (tokens, targets, segments, ce);
        (_piece, _fromAssistant) = (new int[capacity + 1], new bool[capacity]);
    }
}
