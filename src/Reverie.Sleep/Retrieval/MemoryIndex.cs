using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;
using Reverie.Tensors;

namespace Reverie.Sleep;

/// <summary>
/// Statements, found by their words and, where there is a generator of embeddings, by their meaning. In memory only. Not for several threads at once.
/// </summary>
/// <remarks>
/// Words are ranked by BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009) with Lucene's weight of a word,
/// which is never negative. Rankings are joined by reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009). A statement that was said several times
/// in the same words is one, and the newest of them is told. What fits equally well comes newest first.
/// </remarks>
/// <param name="embeddings">Turns texts into vectors; null for words alone. The index does not own it.</param>
public sealed class MemoryIndex(IEmbeddingGenerator<string, Embedding<float>>? embeddings = null)
{
    // k1 and b of BM25 as they are usually set, k of the fusion as its paper sets it.
    private const double Saturation = 1.2, LengthShare = 0.75, FusionOffset = 60;

    // Half, less a little, so that rounding does not decide.
    private const double LeastShare = 0.4999999;

    private const int MostQueryTerms = 64, LongestQuery = 4000, EmbeddingBatch = 256, FusedRanks = 50;

    private readonly List<Statement?> _statements = [];
    private readonly Stack<int> _free = [];
    private readonly Dictionary<string, int> _byKey = [];
    // With the length of the statement, which would otherwise be a look into memory far away.
    private readonly Dictionary<string, List<(int Statement, int Count, int Length)>> _postings = [];
    private readonly Dictionary<string, HashSet<int>> _byMessage = [];
    private readonly HashSet<int> _withoutVector = [];
    private (double Score, int Matched)[] _scores = [];
    private long _terms;

    /// <summary>Statements; what was said several times counts once.</summary>
    public int Count => _byKey.Count;

    /// <summary>Ids of the messages that said them.</summary>
    public IReadOnlyCollection<string> Messages => _byMessage.Keys;

    /// <summary>The least cosine of a statement that is found by meaning alone, -1 to 1. What is right depends on the generator.</summary>
    public double LeastCosine { get; init; } = 0.6;

    /// <summary>Adds a statement. One that has no word but stop words and words of oneself is left out: nothing could ask for it.</summary>
    /// <param name="text">One sentence.</param>
    /// <param name="written">When it was said.</param>
    /// <param name="message">Id of the message that said it, by which it is removed.</param>
    /// <param name="conversation">Id of the conversation.</param>
    /// <param name="sequence">Order among what was written at the same time.</param>
    public void Add(string text, DateTimeOffset written, string message, string conversation = "", long sequence = 0)
    {
        string key = MemoryWords.Key(text);
        if (!_byKey.TryGetValue(key, out int id))
        {
            (string Term, int Count)[] terms = [.. MemoryWords.Terms(text).CountBy(t => t).Select(t => (t.Key, t.Value))];
            if (terms.All(t => t.Term == MemoryWords.Self)) return;
            var statement = new Statement(key, terms);
            id = _free.Count > 0 ? _free.Pop() : _statements.Count;
            if (id == _statements.Count) _statements.Add(statement);
            else _statements[id] = statement;
            _byKey.Add(key, id);
            if (embeddings is not null) _withoutVector.Add(id);
            _terms += statement.Length;
            foreach ((string term, int count) in terms) (CollectionsMarshal.GetValueRefOrAddDefault(_postings, term, out _) ??= []).Add((id, count, statement.Length));
        }

        _statements[id]!.Said.Add(new RecalledMemory(text, message, conversation, written, sequence, 0));
        (CollectionsMarshal.GetValueRefOrAddDefault(_byMessage, message, out _) ??= []).Add(id);
    }

    /// <summary>Removes what a message said; nothing of it stays, not even its words. Does nothing where it said nothing.</summary>
    public void Remove(string message)
    {
        if (!_byMessage.Remove(message, out HashSet<int>? ids)) return;
        foreach (int id in ids)
        {
            Statement statement = _statements[id]!;
            statement.Said.RemoveWhere(s => s.Message == message);
            if (statement.Said.Count > 0) continue;
            foreach ((string term, int count) in statement.Terms)
            {
                List<(int, int, int)> postings = _postings[term];
                // Their order does not matter.
                postings[postings.IndexOf((id, count, statement.Length))] = postings[^1];
                postings.RemoveAt(postings.Count - 1);
                if (postings.Count == 0) _postings.Remove(term);
            }

            _terms -= statement.Length;
            _byKey.Remove(statement.Key);
            _withoutVector.Remove(id);
            _statements[id] = null;
            _free.Push(id);
        }
    }

    /// <summary>The statements that fit a question best by their words, best first.</summary>
    /// <param name="query">A question, or whatever was said. Of a long one the end counts.</param>
    /// <param name="k">How many at most.</param>
    /// <param name="before">Only what was said before; null for all.</param>
    /// <param name="except">Ids of messages that are left out; null for none.</param>
    public IReadOnlyList<RecalledMemory> Find(string query, int k, DateTimeOffset? before = null, IReadOnlySet<string>? except = null) =>
        [.. ByWords(End(query), k, before, except).Select(b => b.Memory)];

    /// <summary>The statements that fit a question best by words and meaning, best first. Embeds first what is new; without a generator it is <see cref="Find"/>.</summary>
    /// <param name="query">As for <see cref="Find"/>.</param>
    /// <param name="k">As for <see cref="Find"/>.</param>
    /// <param name="before">As for <see cref="Find"/>.</param>
    /// <param name="except">As for <see cref="Find"/>.</param>
    /// <param name="cancellation">Gives up; what was embedded stays so.</param>
    public async Task<IReadOnlyList<RecalledMemory>> FindAsync(string query, int k, DateTimeOffset? before = null, IReadOnlySet<string>? except = null, CancellationToken cancellation = default)
    {
        query = End(query);
        if (embeddings is null || Count == 0 || !MemoryWords.Terms(query).Any()) return Find(query, k, before, except);
        foreach (int[] batch in _withoutVector.ToArray().Chunk(EmbeddingBatch))
        {
            GeneratedEmbeddings<Embedding<float>> made = await embeddings.GenerateAsync(batch.Select(i => _statements[i]!.Said.Max!.Text), cancellationToken: cancellation).ConfigureAwait(false);
            foreach ((int id, Embedding<float> embedding) in batch.Zip(made))
            {
                _statements[id]!.Embedding = Unit(embedding.Vector.Span);
                _withoutVector.Remove(id);
            }
        }

        float[] vector = Unit((await embeddings.GenerateAsync([query], cancellationToken: cancellation).ConfigureAwait(false))[0].Vector.Span);
        var fused = new Dictionary<int, double>();
        int depth = Math.Max(FusedRanks, k);
        foreach (IEnumerable<(int Id, RecalledMemory Memory)> ranking in new[] { ByWords(query, depth, before, except), Best(ByMeaning(vector), depth, before, except) })
        {
            int rank = 0;
            foreach ((int id, RecalledMemory _) in ranking) fused[id] = fused.GetValueOrDefault(id) + (1 / (FusionOffset + ++rank));
        }

        return [.. Best(fused.Select(f => (f.Key, f.Value)), k, before, except).Select(b => b.Memory)];
    }

    private static string End(string query) => query.Length > LongestQuery ? query[^LongestQuery..] : query;

    /// <summary>The k best by their words, best first, without those that fit less than half as well as the best: they would only distract.</summary>
    private IEnumerable<(int Id, RecalledMemory Memory)> ByWords(string query, int k, DateTimeOffset? before, IReadOnlySet<string>? except)
    {
        (int Id, RecalledMemory Memory)[] best = [.. Best(Scores(query), k, before, except)];
        return best.TakeWhile(b => b.Memory.Score >= LeastShare * best[0].Memory.Score);
    }

    /// <summary>
    /// BM25 of all statements that have enough of a question's words. Enough is a third of them, three at most: a word that came up by chance is no answer
    /// to a question about something else.
    /// </summary>
    private List<(int Id, double Score)> Scores(string query)
    {
        string[] terms = [.. MemoryWords.Terms(query).Distinct().TakeLast(MostQueryTerms)];
        var touched = new List<int>();
        if (_scores.Length < _statements.Count) _scores = new (double, int)[2 * _statements.Count];
        double meanLength = (double)_terms / Math.Max(1, Count);
        foreach (string term in terms)
        {
            if (!_postings.TryGetValue(term, out List<(int Statement, int Count, int Length)>? postings)) continue;
            double weight = Math.Log(1 + ((Count - postings.Count + 0.5) / (postings.Count + 0.5)));
            foreach ((int id, int count, int words) in postings)
            {
                double length = 1 - LengthShare + (LengthShare * words / meanLength);
                ref (double Score, int Matched) entry = ref _scores[id];
                if (entry == default) touched.Add(id);
                if (term != MemoryWords.Self) entry.Matched++;
                entry.Score += weight * count * (Saturation + 1) / (count + (Saturation * length));
            }
        }

        int enough = Math.Clamp((terms.Count(t => t != MemoryWords.Self) + 2) / 3, 1, 3);
        var found = new List<(int Id, double Score)>(touched.Count);
        foreach (int id in touched)
        {
            if (_scores[id].Matched >= enough) found.Add((id, _scores[id].Score));
            _scores[id] = default;
        }

        return found;
    }

    private IEnumerable<(int Id, double Score)> ByMeaning(float[] query) => _byKey.Values.Select(id => (id, Dot(query, _statements[id]!.Embedding!))).Where(s => s.Item2 >= LeastCosine);

    /// <summary>The k best with what was said last of each, best first, in n log k steps.</summary>
    private IEnumerable<(int Id, RecalledMemory Memory)> Best(IEnumerable<(int Id, double Score)> scores, int k, DateTimeOffset? before, IReadOnlySet<string>? except)
    {
        if (k <= 0) return [];
        var order = Comparer<RecalledMemory>.Create((a, b) => a.Score != b.Score ? a.Score.CompareTo(b.Score) : a.CompareTo(b));
        var best = new PriorityQueue<int, RecalledMemory>(order);
        foreach ((int id, double score) in scores)
        {
            bool isFull = best.Count == k;
            if (isFull && best.TryPeek(out _, out RecalledMemory? worst) && score < worst.Score) continue;
            if (_statements[id]!.Said.Reverse().FirstOrDefault(s => (before is null || s.Written < before) && except?.Contains(s.Message) != true) is not { } said) continue;
            if (isFull) best.EnqueueDequeue(id, said with { Score = score });
            else best.Enqueue(id, said with { Score = score });
        }

        return best.UnorderedItems.OrderByDescending(b => b.Priority, order).Select(b => (b.Element, b.Priority));
    }

    /// <summary>A vector of length 1; zeros stay zeros.</summary>
    private static float[] Unit(ReadOnlySpan<float> vector)
    {
        float[] unit = vector.ToArray();
        double length = Math.Sqrt(Dot(unit, unit));
        for (int i = 0; i < unit.Length && length > 0; i++) unit[i] = (float)(unit[i] / length);
        return unit;
    }

    private static double Dot(float[] a, float[] b)
    {
        if (a.Length != b.Length) throw new ReverieException($"The generator of embeddings gave vectors of {a.Length} and of {b.Length} numbers. All must have the same size.");
        Vector<float> sums = Vector<float>.Zero;
        int i = 0;
        for (; i <= a.Length - Vector<float>.Count; i += Vector<float>.Count) sums += new Vector<float>(a, i) * new Vector<float>(b, i);
        double sum = Vector.Sum(sums);
        for (; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>A statement and the messages that said it.</summary>
    private sealed class Statement(string key, (string Term, int Count)[] terms)
    {
        public string Key => key;

        public (string Term, int Count)[] Terms => terms;

        /// <summary>Words that are no stop words.</summary>
        public int Length { get; } = terms.Sum(t => t.Count);

        /// <summary>Oldest first; never empty.</summary>
        public SortedSet<RecalledMemory> Said { get; } = [];

        /// <summary>Of length 1; null until it is embedded.</summary>
        public float[]? Embedding { get; set; }
    }
}
