using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Reverie.Models;

/// <summary>
/// The merges of a BPE tokenizer. In a row of symbols, the pair of neighbours of lowest rank becomes one token, leftmost
/// first, until no pair is left.
/// </summary>
internal sealed class MergeTable
{
    /// <summary>Ids are less than this, so that a pair and its merge fit into one number.</summary>
    public const int MaximumId = 1 << IdBits;

    /// <summary>There are fewer merges than this.</summary>
    public const int MaximumMerges = 1 << IndexBits;

    private const int IdBits = 20, IndexBits = 24;
    private const int NoMerge = int.MaxValue;
    private const long EmptySlot = -1;
    private const int FirstSymbols = 256;

    /// <summary>Up to so many symbols it is faster to look at every pair for each merge.</summary>
    private const int ShortRow = 1024;

    // Open addressing at a load of at most one half, for half of all look-ups find nothing: the pair above, the merge's index below.
    private readonly long[] _slots;
    private readonly int _shift;
    private readonly int[] _results;

    // Null where the rank of each merge is its index.
    private readonly int[]? _ranks;

    // The pairs that every word starts from, where their tokens stand together: about half of all look-ups.
    private readonly int[] _firstPairs = new int[FirstSymbols * FirstSymbols];
    private readonly int _firstSymbol;

    /// <param name="merges">No pair twice.</param>
    /// <param name="ranks">Of each merge, from 0, where merges share some; null where there is one for each, in their order.</param>
    /// <param name="firstSymbol">The first of 256 tokens that most pairs are of: the bytes, or any.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public MergeTable(ReadOnlySpan<BpeMerge> merges, int[]? ranks, int firstSymbol)
    {
        (_ranks, _firstSymbol) = (ranks, firstSymbol);
        int bits = BitOperations.Log2((uint)Math.Max(1, merges.Length)) + 2;
        _shift = 64 - bits;
        _slots = new long[1 << bits];
        _results = new int[merges.Length];
        Array.Fill(_slots, EmptySlot);
        Array.Fill(_firstPairs, NoMerge);
        for (int i = 0; i < merges.Length; i++)
        {
            (int left, int right, int result) = merges[i];
            long key = Key(left, right);
            int at = Place(key);
            while (_slots[at] != EmptySlot) at = (at + 1) & (_slots.Length - 1);
            _slots[at] = (key << IndexBits) | (uint)i;
            _results[i] = result;
            if (FirstPair(left, right) is >= 0 and int pair) _firstPairs[pair] = i;
        }
    }

    /// <summary>Merges <paramref name="ids"/> in place.</summary>
    /// <returns>How many are left, at the front.</returns>
    public int Merge(Span<int> ids) => ids.Length <= ShortRow ? MergeShort(ids) : MergeLong(ids);

    /// <summary>Quadratic, and the fastest way for a word.</summary>
    private int MergeShort(Span<int> ids)
    {
        int count = ids.Length;
        Span<int> ranks = stackalloc int[count];
        for (int i = 0; i + 1 < count; i++) ranks[i] = RankOf(ids[i], ids[i + 1]);
        while (count > 1)
        {
            int best = FirstLeast(ranks[..(count - 1)]);
            if (ranks[best] == NoMerge) break;
            ids[best] = ResultOf(ids[best], ids[best + 1], ranks[best]);
            count--;
            ids[(best + 2)..(count + 1)].CopyTo(ids[(best + 1)..]);
            ranks[(best + 1)..count].CopyTo(ranks[best..]);
            if (best > 0) ranks[best - 1] = RankOf(ids[best - 1], ids[best]);
            if (best < count - 1) ranks[best] = RankOf(ids[best], ids[best + 1]);
        }

        return count;
    }

    /// <summary>Where the least of <paramref name="ranks"/> stands first.</summary>
    private static int FirstLeast(ReadOnlySpan<int> ranks)
    {
        int best = 0;
        if (ranks.Length < 2 * Vector<int>.Count)
        {
            for (int i = 1; i < ranks.Length; i++)
                if (ranks[i] < ranks[best]) best = i;
            return best;
        }

        ReadOnlySpan<Vector<int>> vectors = MemoryMarshal.Cast<int, Vector<int>>(ranks);
        Vector<int> least = new(ranks[^Vector<int>.Count..]);
        foreach (Vector<int> vector in vectors) least = Vector.Min(least, vector);
        int minimum = least[0];
        for (int i = 1; i < Vector<int>.Count; i++) minimum = Math.Min(minimum, least[i]);
        return ranks.IndexOf(minimum);
    }

    /// <summary>The same by a heap over a linked list: n log n, for what is no word.</summary>
    private int MergeLong(Span<int> row)
    {
        int count = row.Length;
        int[] ids = row.ToArray(), next = new int[count], previous = new int[count];
        var heap = new PriorityQueue<(int At, int Left, int Right), long>(count);
        for (int i = 0; i < count; i++) (next[i], previous[i]) = (i + 1, i - 1);
        for (int i = 0; i + 1 < count; i++) Queue(i);
        while (heap.TryDequeue(out (int At, int Left, int Right) pair, out long order))
        {
            int right = next[pair.At];
            if (ids[pair.At] != pair.Left || right >= count || ids[right] != pair.Right) continue;
            ids[pair.At] = ResultOf(pair.Left, pair.Right, (int)(order >> 32));
            ids[right] = -1;
            next[pair.At] = next[right];
            if (next[right] < count) previous[next[right]] = pair.At;
            if (previous[pair.At] >= 0) Queue(previous[pair.At]);
            if (next[pair.At] < count) Queue(pair.At);
        }

        int left = 0;
        for (int i = 0; i < count; i = next[i]) row[left++] = ids[i];
        return left;

        void Queue(int at)
        {
            int rank = RankOf(ids[at], ids[next[at]]);
            if (rank != NoMerge) heap.Enqueue((at, ids[at], ids[next[at]]), ((long)rank << 32) | (uint)at);
        }
    }

    private int RankOf(int left, int right)
    {
        int index = IndexOf(left, right);
        return _ranks is null || index == NoMerge ? index : _ranks[index];
    }

    private int ResultOf(int left, int right, int rank) => _results[_ranks is null ? rank : IndexOf(left, right)];

    private int IndexOf(int left, int right)
    {
        int pair = FirstPair(left, right);
        if (pair >= 0) return _firstPairs[pair];
        long key = Key(left, right);
        long[] slots = _slots;
        for (int at = Place(key); ; at = (at + 1) & (slots.Length - 1))
        {
            long slot = slots[at];
            if ((slot >>> IndexBits) == key) return (int)slot & (MaximumMerges - 1);
            if (slot == EmptySlot) return NoMerge;
        }
    }

    /// <summary>The place of a pair in <see cref="_firstPairs"/>, or -1.</summary>
    private int FirstPair(int left, int right)
    {
        (uint row, uint column) = ((uint)(left - _firstSymbol), (uint)(right - _firstSymbol));
        return row < FirstSymbols && column < FirstSymbols ? (int)((row * FirstSymbols) + column) : -1;
    }

    private int Place(long key) => (int)((ulong)(key * -0x61C8864680B583EBL) >> _shift);

    private static long Key(int left, int right) => ((long)left << IdBits) | (uint)right;
}
