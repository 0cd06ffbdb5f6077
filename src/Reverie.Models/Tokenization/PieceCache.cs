using System.Runtime.InteropServices;

namespace Reverie.Models;

/// <summary>
/// What pieces of text became, for words come again. One slot per hash, and entries that never change: threads need no lock,
/// and a lost race costs only work done twice.
/// </summary>
internal sealed class PieceCache
{
    /// <summary>Longer pieces, in UTF-16 units, are not kept.</summary>
    public const int LongestPiece = 32;

    private const int Bits = 17;

    // An entry: the length of the piece, its characters two by two, the ids.
    private readonly int[]?[] _slots = new int[1 << Bits][];

    /// <summary>Appends what <paramref name="piece"/> became; false where it is not known.</summary>
    /// <param name="piece">Not longer than <see cref="LongestPiece"/>.</param>
    /// <param name="destination">The ids.</param>
    /// <param name="slot">For <see cref="Keep"/>.</param>
    public bool TryGet(ReadOnlySpan<char> piece, List<int> destination, out int slot)
    {
        slot = (int)(PieceHash.Of(piece) >> (64 - Bits));
        int[]? entry = Volatile.Read(ref _slots[slot]);
        if (entry is null || entry[0] != piece.Length || !Characters(entry, piece.Length).SequenceEqual(piece)) return false;
        int start = IdsStart(piece.Length);
        if (entry.Length == start + 1) destination.Add(entry[start]);
        else destination.AddRange(entry.AsSpan(start));
        return true;
    }

    /// <summary>Keeps what <paramref name="piece"/> became.</summary>
    public void Keep(ReadOnlySpan<char> piece, ReadOnlySpan<int> ids, int slot)
    {
        int start = IdsStart(piece.Length);
        int[] entry = new int[start + ids.Length];
        entry[0] = piece.Length;
        piece.CopyTo(Characters(entry, piece.Length));
        ids.CopyTo(entry.AsSpan(start));
        Volatile.Write(ref _slots[slot], entry);
    }

    private static int IdsStart(int length) => 1 + ((length + 1) >> 1);

    private static Span<char> Characters(int[] entry, int length) => MemoryMarshal.Cast<int, char>(entry.AsSpan(1))[..length];
}
