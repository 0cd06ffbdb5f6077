namespace Reverie.Training;

/// <summary>
/// What becomes one segment: a document, or the part of a long one that starts at token <paramref name="Start"/>.
/// </summary>
/// <param name="Document">Index in the data set.</param>
/// <param name="Start">Its first input token.</param>
internal readonly record struct Piece(int Document, int Start)
{
    /// <summary>
    /// Cuts every document into pieces of at most <paramref name="sequenceLength"/> input tokens. A piece starts at the
    /// last target of the piece before it, so that every target is predicted exactly once.
    /// </summary>
    public static Piece[] Cut(TokenDataset data, int sequenceLength)
    {
        long count = 0;
        for (int i = 0; i < data.Count; i++) count += (Math.Max(0L, data.Length(i) - 1) + sequenceLength - 1) / sequenceLength;
        var pieces = new Piece[checked((int)count)];
        int next = 0;
        for (int i = 0; i < data.Count; i++)
        {
            for (long start = 0; start < data.Length(i) - 1; start += sequenceLength) pieces[next++] = new Piece(i, (int)start);
        }

        return pieces;
    }

    /// <summary>Number of input tokens.</summary>
    public int Length(TokenDataset data, int sequenceLength) => Math.Min(sequenceLength, data.Length(Document) - 1 - Start);
}
