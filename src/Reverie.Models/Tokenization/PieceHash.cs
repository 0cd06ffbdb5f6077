using System.Numerics;
using System.Runtime.InteropServices;

namespace Reverie.Models;

/// <summary>A fast hash of a piece of text, the same in every process. Its highest bits depend on every character: use those.</summary>
internal static class PieceHash
{
    public static ulong Of(ReadOnlySpan<char> piece)
    {
        ulong hash = (ulong)piece.Length;
        foreach (ulong four in MemoryMarshal.Cast<char, ulong>(piece)) hash = Mix(hash, four);
        foreach (char c in piece[(piece.Length & ~3)..]) hash = Mix(hash, c);
        return hash;
    }

    private static ulong Mix(ulong hash, ulong next) => (BitOperations.RotateLeft(hash, 23) ^ next) * 0x9E3779B97F4A7C15UL;
}
