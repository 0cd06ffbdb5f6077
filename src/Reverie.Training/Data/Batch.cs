using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>
/// A training batch: documents one after another until the token budget is full. It is flat: no rows, no padding.
/// Allocated once for the budget and filled again and again by <see cref="MixtureReader"/> or <see cref="EvaluationReader"/>
/// without garbage. Entries beyond <see cref="TokenCount"/> and <see cref="SegmentCount"/> are left over from earlier fills.
/// </summary>
public sealed class Batch
{
    private readonly int[] _piece;
    private readonly bool[] _fromAssistant;

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
    public int[] Tokens { get; }

    /// <summary>The token that follows each input token in its document, (TokenCount).</summary>
    public int[] Targets { get; }

    /// <summary>What is wanted of each target.</summary>
    public TokenWeights Weights { get; }

    /// <summary>Weight of each target in the cross-entropy, (TokenCount); 0 masks it.</summary>
    public float[] CeWeights => Weights.Ce;

    /// <summary>The documents, (SegmentCount): contiguous, in order, covering tokens 0 to TokenCount - 1.</summary>
    public Segment[] Segments { get; }

    /// <summary>Number of tokens in use.</summary>
    public int TokenCount { get; private set; }

    /// <summary>Number of segments in use.</summary>
    public int SegmentCount { get; private set; }

    /// <summary>Number of targets whose weight is not 0. A batch with none teaches nothing: skip and count it.</summary>
    public int SupervisedTokens { get; private set; }

    /// <summary>
    /// UTF-8 bytes that the supervised targets stand for; special tokens stand for none. The summed loss in nats,
    /// divided by ln 2 and by this, is the bits per byte. Zero where the data set knows no byte counts.
    /// </summary>
    public long Bytes { get; private set; }

    /// <summary>Empties the batch.</summary>
    public void Clear() => (TokenCount, SegmentCount, SupervisedTokens, Bytes) = (0, 0, 0, 0);

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
}
