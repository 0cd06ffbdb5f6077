using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>
/// Every document of a held-out set once, up to a number of tokens, always the same ones in the same order: a fixed
/// permutation, so that a part stands for the whole.
/// </summary>
public sealed class EvaluationReader
{
    private readonly Piece[] _pieces;
    private readonly int _sequenceLength;
    private readonly LossWeights _loss;
    private int _position;

    /// <summary>Opens a data set for evaluation.</summary>
    /// <param name="data">The held-out documents.</param>
    /// <param name="sequenceLength">The longest segment; longer documents are cut.</param>
    /// <param name="maximumTokens">Stops before this many input tokens are exceeded.</param>
    /// <param name="loss">How much each kind of token counts; by default all the same.</param>
    /// <exception cref="ReverieException">The set has no prediction within the limit.</exception>
    public EvaluationReader(TokenDataset data, int sequenceLength, long maximumTokens = long.MaxValue, LossWeights? loss = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sequenceLength, 1);
        Data = data;
        _sequenceLength = sequenceLength;
        _loss = loss ?? LossWeights.All;
        Piece[] pieces = Piece.Cut(data, sequenceLength);
        new RandomStream(0, "evaluation").Shuffle<Piece>(pieces);
        int count = 0;
        while (count < pieces.Length && Tokens + pieces[count].Length(data, sequenceLength) <= maximumTokens)
            Tokens += pieces[count++].Length(data, sequenceLength);
        if (count == 0)
            throw new ReverieException($"The held-out data {data.Name} hold nothing to predict within {maximumTokens} tokens; give more text or raise the limit.");
        _pieces = pieces[..count];
    }

    /// <summary>The held-out documents.</summary>
    public TokenDataset Data { get; }

    /// <summary>Input tokens of one pass.</summary>
    public long Tokens { get; }

    /// <summary>Fills the next batch of this pass; false at its end, and the next call starts a new pass.</summary>
    /// <exception cref="ReverieException">The batch is smaller than a segment may be.</exception>
    public bool Next(Batch batch)
    {
        if (batch.Capacity < _sequenceLength)
            throw new ReverieException($"A batch of {batch.Capacity} tokens cannot hold a sequence of {_sequenceLength}; enlarge the batch or shorten the sequences.");
        batch.Clear();
        if (_position == _pieces.Length)
        {
            _position = 0;
            return false;
        }

        while (_position < _pieces.Length)
        {
            Piece piece = _pieces[_position];
            if (!batch.TryAdd(Data, piece.Document, piece.Start, piece.Length(Data, _sequenceLength), _loss)) break;
            _position++;
        }

        return true;
    }
}
