using System.Runtime.InteropServices;

namespace Reverie.Models;

/// <summary>Plain text to ids, piece by piece.</summary>
internal abstract class TextEncoder(MergeTable merges)
{
    /// <summary>A piece longer than this many UTF-16 units is cut, so that memory is bounded for any text.</summary>
    public const int MaximumPieceLength = 1 << 18;

    private const int ShortPiece = 64;

    // A UTF-16 unit becomes at most three bytes, so at most three symbols.
    private const int SymbolsPerUnit = 3;

    private readonly PieceCache _cache = new();

    /// <summary>The text that the pieces are cut from.</summary>
    public abstract string Normalize(string text);

    /// <summary>Encodes normalised text.</summary>
    /// <param name="text">What <see cref="Normalize"/> returned, or a part of it.</param>
    /// <param name="isFirst">Whether it stands at the start of the whole text.</param>
    /// <param name="destination">Takes the ids.</param>
    public abstract void Encode(ReadOnlySpan<char> text, bool isFirst, List<int> destination);

    /// <summary>Writes the symbols of a piece that merges start from; there is room for three to a UTF-16 unit.</summary>
    protected abstract int Symbols(ReadOnlySpan<char> piece, Span<int> symbols);

    /// <summary>The token that a whole piece is without any merge, or -1.</summary>
    protected virtual int WholePiece(ReadOnlySpan<char> piece) => -1;

    /// <summary>Encodes the piece of <paramref name="text"/> from <paramref name="start"/> to <paramref name="end"/>, cut where it is too long.</summary>
    protected void EncodePiece(ReadOnlySpan<char> text, int start, int end, List<int> destination)
    {
        if (end - start <= PieceCache.LongestPiece)
        {
            ReadOnlySpan<char> piece = text[start..end];
            if (_cache.TryGet(piece, destination, out int slot)) return;
            int before = destination.Count;
            Merge(piece, destination);
            _cache.Keep(piece, CollectionsMarshal.AsSpan(destination)[before..], slot);
            return;
        }

        while (start < end)
        {
            int cut = SplitPattern.CutPiece(text, start, end, MaximumPieceLength);
            Merge(text[start..cut], destination);
            start = cut;
        }
    }

    private void Merge(ReadOnlySpan<char> piece, List<int> destination)
    {
        if (WholePiece(piece) is >= 0 and int id)
        {
            destination.Add(id);
            return;
        }

        Span<int> symbols = piece.Length <= ShortPiece ? stackalloc int[piece.Length * SymbolsPerUnit] : new int[piece.Length * SymbolsPerUnit];
        symbols = symbols[..Symbols(piece, symbols)];
        destination.AddRange(symbols[..merges.Merge(symbols)]);
    }
}
