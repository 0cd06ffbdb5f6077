using System.Numerics;
using System.Runtime.CompilerServices;

namespace Reverie.Models;

/// <summary>
/// The merges of a BPE tokenizer. In a row of symbols, the pair of neighbours of lowest rank becomes one token, leftmost
/// first, until no pair is left.
/// </summary>
internal sealed class MergeTable
{
    /// <summary>Up to so many symbols it is faster to look at every pair for each merge.</summary>
    public const int ShortRow = 192;

    private const long NoMerge = long.MaxValue;
    private const long EmptyKey = -1;

    // Open addressing at a load of at most one half: half of all look-ups find nothing.
    private readonly Slot[] _slots;
    private readonly int _shift;

    /// <param name="merges">No pair twice.</param>
    /// <param name="ranks">Of each merge, from 0; merges may share one.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public MergeTable(ReadOnlySpan<BpeMerge> merges, ReadOnlySpan<int> ranks)
    {
        int bits = BitOperations.Log2((uint)Math.Max(1, merges.Length)) + 2;
        _shift = 64 - bits;
        _slots = new Slot[1 << bits];
        Array.Fill(_slots, new Slot(EmptyKey, NoMerge));
        for (int i = 0; i < merges.Length; i++)
        {
            long key = Key(merges[i].Left, merges[i].Right);
            int at = Place(key);
            while (_slots[at].Key != EmptyKey) at = (at + 1) & (_slots.Length - 1);
            _slots[at] = new Slot(key, ((long)ranks[i] << 32) | (uint)merges[i].Result);
        }
    }

    /// <summary>Merges <paramref name="ids"/> in place.</summary>
    /// <returns>How many are left, at the front.</returns>
    public int Merge(Span<int> ids) => ids.Length <= ShortRow ? MergeShort(ids) : MergeLong(ids);

    /// <summary>Quadratic, and the fastest way for a word.</summary>
    private int MergeShort(Span<int> ids)
    {
        int count = ids.Length;
        Span<long> pairs = stackalloc long[count];
        for (int i = 0; i + 1 < count; i++) pairs[i] = Find(ids[i], ids[i + 1]);
        while (count > 1)
        {
            int best = 0;
            long bestRank = pairs[0] >> 32;
            for (int i = 1; i < count - 1; i++)
            {
                long rank = pairs[i] >> 32;
                if (rank < bestRank) (best, bestRank) = (i, rank);
            }

            if (pairs[best] == NoMerge) break;
            ids[best] = (int)pairs[best];
            count--;
            ids[(best + 2)..(count + 1)].CopyTo(ids[(best + 1)..]);
            pairs[(best + 1)..count].CopyTo(pairs[best..]);
            if (best > 0) pairs[best - 1] = Find(ids[best - 1], ids[best]);
            if (best < count - 1) pairs[best] = Find(ids[best], ids[best + 1]);
        }

        return count;
    }

    /// <summary>The same by a heap over a linked list: n log n, for what is no word.</summary>
    private int MergeLong(Span<int> row)
    {
        int count = row.Length;
        int[] ids = row.ToArray(), next = new int[count], previous = new int[count];
        var heap = new PriorityQueue<(int At, int Left, int Right, int Result), long>(count);
        for (int i = 0; i < count; i++) (next[i], previous[i]) = (i + 1, i - 1);
        for (int i = 0; i + 1 < count; i++) Queue(i);
        while (heap.TryDequeue(out (int At, int Left, int Right, int Result) pair, out _))
        {
            int right = next[pair.At];
            if (ids[pair.At] != pair.Left || right >= count || ids[right] != pair.Right) continue;
            ids[pair.At] = pair.Result;
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
            long merge = Find(ids[at], ids[next[at]]);
            if (merge != NoMerge) heap.Enqueue((at, ids[at], ids[next[at]], (int)merge), (merge >> 32 << 32) | (uint)at);
        }
    }

    private long Find(int left, int right)
    {
        long key = Key(left, right);
        Slot[] slots = _slots;
        for (int at = Place(key); ; at = (at + 1) & (slots.Length - 1))
        {
            ref readonly Slot slot = ref slots[at];
            if (slot.Key == key || slot.Key == EmptyKey) return slot.Merge;
        }
    }

    private int Place(long key) => (int)((ulong)(key * -0x61C8864680B583EBL) >> _shift);

    private static long Key(int left, int right) => ((long)left << 32) | (uint)right;

    /// <summary>A pair, and its merge: the rank above, the token below.</summary>
    private readonly record struct Slot(long Key, long Merge);
}
