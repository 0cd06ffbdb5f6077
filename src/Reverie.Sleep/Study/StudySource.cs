using Reverie.Tensors;
using Reverie.Training;

namespace Reverie.Sleep;

/// <summary>
/// Batches of study material in given shares of tokens: new, earlier, replay. Each source goes through its documents in a seeded order, a new
/// one every round. Replay weighs as divergence from the base (arXiv 1503.02531), everything else as imitation.
/// </summary>
public sealed class StudySource
{
    private readonly Pool[] _pools;
    private readonly int _tokens;
    private readonly float _replayWeight;

    /// <summary>Opens the material.</summary>
    /// <param name="shares">Documents and their share of the tokens; empty ones are left out.</param>
    /// <param name="batchTokens">Tokens of a batch.</param>
    /// <param name="replayWeight">Weight of a token of replay; others weigh 1.</param>
    /// <param name="seed">Fixes the order.</param>
    public StudySource(IReadOnlyList<(IReadOnlyList<StudyDocument> Documents, double Share)> shares, int batchTokens, float replayWeight, ulong seed)
    {
        (_tokens, _replayWeight) = (batchTokens, replayWeight);
        var used = shares.Where(s => s.Documents.Count > 0 && s.Share > 0).ToArray();
        if (used.Length == 0) throw new ReverieException("There is nothing to study.");
        double sum = used.Sum(s => s.Share);
        _pools = [.. used.Select((s, i) => new Pool(s.Documents, s.Share / sum, new RandomStream(seed, $"study/order/{i}")))];
    }

    /// <summary>Tokens of a batch; one more document may stand in it.</summary>
    public int BatchTokens => _tokens;

    /// <summary>Fills the next batch. Its weights are final: the learner divides them by 1.</summary>
    public void Next(Batch batch)
    {
        batch.Clear();
        var drawn = new List<StudyDocument>();
        for (int tokens = 0; tokens < _tokens;)
        {
            Pool pool = _pools.MinBy(p => p.Tokens / p.Share)!;
            StudyDocument document = pool.Draw();
            drawn.Add(document);
            tokens += document.Tokens.Length;
        }

        // The weights do not follow how many tokens are answers, so that a batch's step does not depend on how long its answers happen to be.
        float each = 1 / Math.Max(1, drawn.Sum(d => d.Weights.Sum()));
        // What is compared with the base stands together: the base need not read the rest.
        foreach (StudyDocument document in drawn.OrderBy(d => d.IsReplay))
        {
            float by = document.IsReplay ? each * _replayWeight : each;
            float[] weights = [.. document.Weights.Select(w => w * by)];
            if (document.IsReplay) batch.Add(document.Tokens, kl: weights);
            else batch.Add(document.Tokens, ce: weights);
        }
    }

    private sealed class Pool(IReadOnlyList<StudyDocument> documents, double share, RandomStream random)
    {
        private readonly int[] _order = [.. Enumerable.Range(0, documents.Count)];
        private int _next;

        public double Share => share;

        public long Tokens { get; private set; }

        public StudyDocument Draw()
        {
            if (_next == 0) random.Shuffle(_order.AsSpan());
            StudyDocument document = documents[_order[_next]];
            _next = (_next + 1) % _order.Length;
            Tokens += document.Tokens.Length;
            return document;
        }
    }
}
