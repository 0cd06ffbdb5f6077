using System.Runtime.InteropServices;
using System.Text;

namespace Reverie.Models;

/// <summary>
/// Plain text to ids: in each piece of the text, the pair of neighbours whose merge was learned first becomes one token,
/// leftmost first, until no pair is left. What a piece became is kept, for words come again.
/// </summary>
internal sealed class BpeEncoder
{
    /// <summary>A piece longer than this many UTF-16 units is cut, so that memory is bounded for any text.</summary>
    public const int MaximumPieceLength = 1 << 18;

    // In UTF-16 units, each of which takes at most BytesPerUnit bytes of UTF-8.
    private const int ShortPiece = 64;
    private const int MaximumCachedPiece = 32;
    private const int CacheBits = 16;
    private const int BytesPerUnit = 3;
    private const int NoMerge = int.MaxValue;

    private readonly int[] _byteIds = new int[256];
    private readonly Dictionary<long, (int Rank, int Result)> _merges;

    // One slot per hash, and entries that never change: threads need no lock, and a lost race costs only a merge done twice.
    private readonly Cached?[] _cache = new Cached?[1 << CacheBits];

    public BpeEncoder(byte[][] tokens, BpeMerge[] merges, Func<int, bool> isSpecial)
    {
        for (int id = tokens.Length - 1; id >= 0; id--)
        {
            if (tokens[id].Length == 1 && !isSpecial(id)) _byteIds[tokens[id][0]] = id;
        }

        _merges = new Dictionary<long, (int, int)>(merges.Length);
        for (int rank = 0; rank < merges.Length; rank++)
            _merges.Add(Key(merges[rank].Left, merges[rank].Right), (rank, merges[rank].Result));
    }

    public void Encode(ReadOnlySpan<char> text, List<int> destination)
    {
        for (int start = 0; start < text.Length;)
        {
            int end = SplitPattern.PieceEnd(text, start);
            while (start < end)
            {
                int cut = SplitPattern.CutPiece(text, start, end, MaximumPieceLength);
                EncodePiece(text[start..cut], destination);
                start = cut;
            }
        }
    }

    private void EncodePiece(ReadOnlySpan<char> piece, List<int> destination)
    {
        if (piece.Length > MaximumCachedPiece)
        {
            Merge(piece, destination);
            return;
        }

        ref Cached? slot = ref _cache[PieceHash.Of(piece) >> (64 - CacheBits)];
        Cached? cached = Volatile.Read(ref slot);
        if (cached is not null && piece.SequenceEqual(cached.Piece))
        {
            destination.AddRange(cached.Ids.AsSpan());
            return;
        }

        int before = destination.Count;
        Merge(piece, destination);
        Volatile.Write(ref slot, new Cached(piece.ToString(), CollectionsMarshal.AsSpan(destination)[before..].ToArray()));
    }

    private void Merge(ReadOnlySpan<char> piece, List<int> destination)
    {
        if (piece.Length <= ShortPiece)
        {
            Span<byte> bytes = stackalloc byte[ShortPiece * BytesPerUnit];
            MergeShort(bytes[..Encoding.UTF8.GetBytes(piece, bytes)], destination);
        }
        else
        {
            byte[] bytes = new byte[Encoding.UTF8.GetByteCount(piece)];
            Encoding.UTF8.GetBytes(piece, bytes);
            MergeLong(bytes, destination);
        }
    }

    /// <summary>Looks at every pair for each merge: quadratic, and the fastest way for a word.</summary>
    private void MergeShort(ReadOnlySpan<byte> bytes, List<int> destination)
    {
        Span<int> ids = stackalloc int[ShortPiece * BytesPerUnit];
        Span<int> ranks = stackalloc int[ShortPiece * BytesPerUnit];
        int count = bytes.Length;
        for (int i = 0; i < count; i++) ids[i] = _byteIds[bytes[i]];
        for (int i = 0; i + 1 < count; i++) ranks[i] = RankOf(ids[i], ids[i + 1]).Rank;
        while (count > 1)
        {
            int best = 0;
            for (int i = 1; i < count - 1; i++)
            {
                if (ranks[i] < ranks[best]) best = i;
            }

            if (ranks[best] == NoMerge) break;
            ids[best] = RankOf(ids[best], ids[best + 1]).Result;
            count--;
            ids[(best + 2)..(count + 1)].CopyTo(ids[(best + 1)..]);
            ranks[(best + 1)..count].CopyTo(ranks[best..]);
            if (best > 0) ranks[best - 1] = RankOf(ids[best - 1], ids[best]).Rank;
            if (best < count - 1) ranks[best] = RankOf(ids[best], ids[best + 1]).Rank;
        }

        destination.AddRange(ids[..count]);
    }

    /// <summary>The same by a heap over a linked list: n log n, for what is no word.</summary>
    private void MergeLong(ReadOnlySpan<byte> bytes, List<int> destination)
    {
        int count = bytes.Length;
        int[] ids = new int[count], next = new int[count], previous = new int[count];
        var heap = new PriorityQueue<(int At, int Left, int Right), long>(count);
        for (int i = 0; i < count; i++) (ids[i], next[i], previous[i]) = (_byteIds[bytes[i]], i + 1, i - 1);
        for (int i = 0; i + 1 < count; i++) Queue(i);
        while (heap.TryDequeue(out (int At, int Left, int Right) pair, out _))
        {
            int right = next[pair.At];
            if (ids[pair.At] != pair.Left || right >= count || ids[right] != pair.Right) continue;
            ids[pair.At] = RankOf(pair.Left, pair.Right).Result;
            ids[right] = -1;
            next[pair.At] = next[right];
            if (next[right] < count) previous[next[right]] = pair.At;
            if (previous[pair.At] >= 0) Queue(previous[pair.At]);
            if (next[pair.At] < count) Queue(pair.At);
        }

        for (int i = 0; i < count; i = next[i]) destination.Add(ids[i]);

        void Queue(int at)
        {
            (int Rank, int Result) merge = RankOf(ids[at], ids[next[at]]);
            if (merge.Rank != NoMerge) heap.Enqueue((at, ids[at], ids[next[at]]), ((long)merge.Rank << 32) | (uint)at);
        }
    }

    private (int Rank, int Result) RankOf(int left, int right) =>
        _merges.TryGetValue(Key(left, right), out (int Rank, int Result) merge) ? merge : (NoMerge, -1);

    private static long Key(int left, int right) => ((long)left << 32) | (uint)right;

    private sealed record Cached(string Piece, int[] Ids);
}
