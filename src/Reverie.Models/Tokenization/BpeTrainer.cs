using System.Text;

namespace Reverie.Models;

/// <summary>
/// Learns merges from a table of words (Sennrich et al., 2016, arXiv:1508.07909): the pair of neighbouring tokens that occurs
/// most often becomes a token, again and again. Pair counts are kept up to date word by word and the most frequent pair comes
/// from a heap. Ties go to the pair with the smaller left id, then the smaller right id.
/// </summary>
internal sealed class BpeTrainer
{
    private const int Removed = -1;

    // Every word as a linked list over one array of positions.
    private readonly int[] _token;
    private readonly int[] _next;
    private readonly int[] _previous;
    private readonly int[] _word;
    private readonly long[] _wordCount;

    private readonly Dictionary<(int Left, int Right), Pair> _pairs = [];
    private readonly PriorityQueue<Pair, (long Count, int Left, int Right)> _heap = new(new MostFrequentFirst());
    private readonly HashSet<Pair> _changed = [];

    private BpeTrainer(Dictionary<string, long> words)
    {
        int length = words.Keys.Sum(Encoding.UTF8.GetByteCount);
        _token = new int[length];
        _next = new int[length];
        _previous = new int[length];
        _word = new int[length];
        _wordCount = new long[words.Count];
        int position = 0, word = 0;
        byte[] bytes = [];
        foreach ((string text, long count) in words)
        {
            int needed = Encoding.UTF8.GetMaxByteCount(text.Length);
            if (bytes.Length < needed) bytes = new byte[needed];
            int written = Encoding.UTF8.GetBytes(text, bytes);
            for (int i = 0; i < written; i++, position++)
            {
                _token[position] = bytes[i];
                _word[position] = word;
                _next[position] = i + 1 < written ? position + 1 : -1;
                _previous[position] = i > 0 ? position - 1 : -1;
            }

            _wordCount[word++] = count;
        }
    }

    /// <summary>Learns until there are <paramref name="vocabularySize"/> tokens, the 256 bytes counted, or no pair is frequent enough.</summary>
    /// <returns>The tokens' bytes by id, and the merges in the order in which they apply.</returns>
    public static (List<byte[]> Tokens, List<BpeMerge> Merges) Learn(
        Dictionary<string, long> words, int vocabularySize, long minimumCount, CancellationToken cancel) =>
        new BpeTrainer(words).Learn(vocabularySize, minimumCount, cancel);

    private (List<byte[]> Tokens, List<BpeMerge> Merges) Learn(int vocabularySize, long minimumCount, CancellationToken cancel)
    {
        List<byte[]> tokens = [.. Enumerable.Range(0, 256).Select(b => new[] { (byte)b })];
        Dictionary<string, int> idOf = [];
        for (int id = 0; id < tokens.Count; id++) idOf.Add(ByteAlphabet.Spell(tokens[id]), id);
        List<BpeMerge> merges = [];
        HashSet<(int, int)> learned = [];
        for (int i = 0; i < _token.Length; i++) Add(i, +1);
        QueueChanged();
        while (tokens.Count < vocabularySize && _heap.TryDequeue(out Pair? pair, out (long Count, int, int) key))
        {
            if (pair.Count != key.Count)
            {
                // Counts fall silently; a pair that has risen stands in the heap a second time.
                if (pair.Count < key.Count) _heap.Enqueue(pair, pair.Key);
                continue;
            }

            if (pair.Count < Math.Max(1, minimumCount)) break;
            cancel.ThrowIfCancellationRequested();

            // Two merges can spell the same token: it keeps one id.
            byte[] bytes = [.. tokens[pair.Left], .. tokens[pair.Right]];
            string spelling = ByteAlphabet.Spell(bytes);
            if (!idOf.TryGetValue(spelling, out int result))
            {
                result = tokens.Count;
                tokens.Add(bytes);
                idOf.Add(spelling, result);
            }

            if (learned.Add((pair.Left, pair.Right))) merges.Add(new BpeMerge(pair.Left, pair.Right, result));
            Merge(pair, result);
        }

        return (tokens, merges);
    }

    private void Merge(Pair pair, int result)
    {
        _pairs.Remove((pair.Left, pair.Right));
        pair.Count = 0;
        List<int> positions = pair.Positions;

        // Within a word the leftmost pair goes first: "aaa" is "aa a".
        for (int i = 1; i < positions.Count; i++)
        {
            if (positions[i] > positions[i - 1]) continue;
            positions.Sort();
            break;
        }

        foreach (int position in positions)
        {
            int next = _next[position];
            if (_token[position] != pair.Left || next < 0 || _token[next] != pair.Right) continue;
            int before = _previous[position], after = _next[next];
            if (before >= 0) Add(before, -1);
            if (after >= 0) Add(next, -1);
            _token[position] = result;
            _token[next] = Removed;
            _next[position] = after;
            if (after >= 0) _previous[after] = position;
            if (before >= 0) Add(before, +1);
            if (after >= 0) Add(position, +1);
        }

        QueueChanged();
    }

    /// <summary>Counts the pair that starts at <paramref name="position"/> in (+1) or out (-1).</summary>
    private void Add(int position, int sign)
    {
        int next = _next[position];
        if (next < 0) return;
        (int Left, int Right) key = (_token[position], _token[next]);
        if (!_pairs.TryGetValue(key, out Pair? pair))
        {
            // The pair that is being merged is out of the table: its count no longer matters.
            if (sign < 0) return;
            _pairs.Add(key, pair = new Pair(key.Left, key.Right));
        }

        pair.Count += sign * _wordCount[_word[position]];
        if (sign < 0) return;
        pair.Positions.Add(position);
        _changed.Add(pair);
    }

    private void QueueChanged()
    {
        foreach (Pair pair in _changed) _heap.Enqueue(pair, pair.Key);
        _changed.Clear();
    }

    private sealed class Pair(int left, int right)
    {
        public readonly int Left = left;
        public readonly int Right = right;
        public readonly List<int> Positions = [];
        public long Count;

        public (long, int, int) Key => (Count, Left, Right);
    }

    private sealed class MostFrequentFirst : IComparer<(long Count, int Left, int Right)>
    {
        public int Compare((long Count, int Left, int Right) x, (long Count, int Left, int Right) y)
        {
            int order = y.Count.CompareTo(x.Count);
            if (order == 0) order = x.Left.CompareTo(y.Left);
            return order != 0 ? order : x.Right.CompareTo(y.Right);
        }
    }
}
