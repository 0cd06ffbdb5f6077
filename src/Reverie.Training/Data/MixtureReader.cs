using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>
/// Endless batches from several data sets in given shares of tokens. There is no chance in the choice of the source: the one
/// furthest behind its share goes next, so that every batch holds the mixture closely. Inside a source the
/// pieces (documents, and parts of long ones) come in a seeded permutation, a new one every epoch: nothing repeats before
/// everything was read. A reader set to another's <see cref="State"/> gives exactly the batches that the other would have given.
/// </summary>
public sealed class MixtureReader : IBatchSource
{
    private readonly Source[] _sources;
    private readonly LossWeights _loss;

    /// <summary>Opens a mixture.</summary>
    /// <param name="sources">The data sets and their weights.</param>
    /// <param name="sequenceLength">The longest segment; longer documents are cut.</param>
    /// <param name="seed">Fixes the order.</param>
    /// <param name="loss">How much each kind of token counts; by default all the same. Pieces in which nothing counts are left out.</param>
    /// <exception cref="ReverieException">No source, a weight that is no number from 0 up, all weights 0, two sources of one name, or a source without a prediction.</exception>
    public MixtureReader(IReadOnlyList<MixtureSource> sources, int sequenceLength, ulong seed, LossWeights? loss = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sequenceLength, 1);
        foreach (MixtureSource source in sources)
        {
            if (!double.IsFinite(source.Weight) || source.Weight < 0)
                throw new ReverieException($"The weight of {source.Data.Name} is {source.Weight}; give a number from 0 up.");
        }

        MixtureSource[] used = [.. sources.Where(s => s.Weight > 0)];
        if (used.Length == 0) throw new ReverieException("The mixture is empty: give at least one source a weight above 0.");
        if (used.GroupBy(s => s.Data.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ReverieException($"The mixture names {twice.Key} twice; name each source once and add up its weights.");
        double sum = used.Sum(s => s.Weight);
        SequenceLength = sequenceLength;
        Seed = seed;
        _loss = loss ?? LossWeights.All;
        _sources = [.. used.Select(s => new Source(s.Data, s.Weight / sum, sequenceLength, seed, _loss))];
    }

    /// <summary>The longest segment.</summary>
    public int SequenceLength { get; }

    /// <summary>The seed of the order.</summary>
    public ulong Seed { get; }

    /// <summary>Names of the sources, without those of weight 0, in order.</summary>
    public IReadOnlyList<string> SourceNames => [.. _sources.Select(s => s.Data.Name)];

    /// <inheritdoc/>
    public double? Denominator => null;

    /// <inheritdoc/>
    public bool IsResumable => true;

    /// <inheritdoc/>
    public RolloutReport? Rollouts => null;

    /// <summary>
    /// Where the reader stands: after the last batch given. Setting it continues from there.
    /// </summary>
    /// <exception cref="ReverieException">Set to the state of another mixture, or of data that have changed since.</exception>
    public MixtureState State
    {
        get => new(Seed, SequenceLength, [.. _sources.Select(s => new MixtureSourceState(s.Data.Name, s.Data.Hash, s.Epoch, s.Position, s.Tokens))]);
        set
        {
            if (value.Sources is null || value.Seed != Seed || value.SequenceLength != SequenceLength || value.Sources.Count != _sources.Length)
                throw new ReverieException("The saved position belongs to another mixture, seed or sequence length; resume with the settings of the run, or start a new one.");
            for (int i = 0; i < _sources.Length; i++)
            {
                MixtureSourceState state = value.Sources[i];
                TokenDataset data = _sources[i].Data;
                if (state.Name != data.Name || state.Hash != data.Hash)
                    throw new ReverieException($"The data {state.Name} of the saved run are not the data {data.Name} found now; restore them, or start a new run.");
                if (!_sources[i].Accepts(state))
                    throw new ReverieException($"The saved position in {state.Name} lies outside the data; start a new run.");
            }

            for (int i = 0; i < _sources.Length; i++) _sources[i].Restore(value.Sources[i]);
        }
    }

    /// <summary>
    /// Fills <paramref name="batch"/> with as many segments as fit. The first one that does not fit opens the next batch.
    /// </summary>
    /// <exception cref="ReverieException">The batch is smaller than a segment may be.</exception>
    public void Next(Batch batch)
    {
        if (batch.Capacity < SequenceLength)
            throw new ReverieException($"A batch of {batch.Capacity} tokens cannot hold a sequence of {SequenceLength}; enlarge the batch or shorten the sequences.");
        batch.Clear();
        Source source;
        do source = FurthestBehind();
        while (source.TryDraw(batch, _loss));
    }

    /// <inheritdoc/>
    public void Stepped(Learner learner) { }

    /// <summary>Nothing is held: the data sets are the caller's.</summary>
    public void Dispose() { }

    private Source FurthestBehind()
    {
        long total = 0;
        foreach (Source source in _sources) total += source.Tokens;
        Source best = _sources[0];
        double largest = double.NegativeInfinity;
        foreach (Source source in _sources)
        {
            double deficit = source.Share * total - source.Tokens;
            // Among equals, as at the very start, the larger share goes first.
            if (deficit > largest || (deficit == largest && source.Share > best.Share)) (best, largest) = (source, deficit);
        }

        return best;
    }

    private sealed class Source
    {
        private readonly Piece[] _pieces;
        private readonly int[] _order;
        private readonly int _sequenceLength;
        private readonly ulong _seed;

        public Source(TokenDataset data, double share, int sequenceLength, ulong seed, LossWeights loss)
        {
            Data = data;
            Share = share;
            _sequenceLength = sequenceLength;
            _seed = seed;
            _pieces = Piece.Cut(data, sequenceLength);
            if (_pieces.Length == 0)
                throw new ReverieException($"The data {data.Name} hold no document of two tokens or more; leave them out or give more text.");
            if (loss.Text == 0 && _pieces.Where(p => data.HasAssistant(p.Document, p.Start + 1, p.Length(data, sequenceLength))).ToArray() is { Length: > 0 } supervised) _pieces = supervised;
            _order = new int[_pieces.Length];
            Permute();
        }

        public TokenDataset Data { get; }

        public double Share { get; }

        public int Epoch { get; private set; }

        public int Position { get; private set; }

        public long Tokens { get; private set; }

        public bool Accepts(MixtureSourceState state) =>
            state.Epoch >= 0 && state.Position >= 0 && state.Position < _pieces.Length && state.Tokens >= 0;

        public void Restore(MixtureSourceState state)
        {
            (Epoch, Position, Tokens) = (state.Epoch, state.Position, state.Tokens);
            Permute();
        }

        public bool TryDraw(Batch batch, LossWeights loss)
        {
            Piece piece = _pieces[_order[Position]];
            int length = piece.Length(Data, _sequenceLength);
            if (!batch.TryAdd(Data, piece.Document, piece.Start, length, loss)) return false;
            Tokens += length;
            if (++Position == _pieces.Length)
            {
                Position = 0;
                Epoch++;
                Permute();
            }

            return true;
        }

        private void Permute()
        {
            for (int i = 0; i < _order.Length; i++) _order[i] = i;
            new RandomStream(_seed, $"{Data.Name}, epoch {Epoch}").Shuffle<int>(_order);
        }
    }
}
