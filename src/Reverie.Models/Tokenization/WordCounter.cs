using System.Runtime.InteropServices;

namespace Reverie.Models;

/// <summary>
/// Counts the pieces of a stream of texts over threads. Texts are taken in rounds of a fixed size, so that
/// memory is bounded and the table after each round, also when it drops rare pieces, depends on the text alone.
/// </summary>
internal sealed class WordCounter(TokenizerTrainingOptions options, int roundLength = 1 << 24)
{
    private const int ChunkLength = 1 << 18;

    private readonly Dictionary<string, long> _counts = [];
    private long _tableLength;

    /// <summary>Counts every text and returns piece -> count, in no particular order.</summary>
    public Dictionary<string, long> Count(IEnumerable<string> texts, CancellationToken cancel)
    {
        List<ReadOnlyMemory<char>> round = [];
        int length = 0;
        foreach (string text in texts)
        {
            cancel.ThrowIfCancellationRequested();
            foreach (ReadOnlyMemory<char> chunk in Chunks(text))
            {
                round.Add(chunk);
                length += chunk.Length;
                if (length < roundLength) continue;
                CountRound(round, cancel);
                round.Clear();
                length = 0;
            }
        }

        CountRound(round, cancel);
        return _counts;
    }

    private void CountRound(List<ReadOnlyMemory<char>> round, CancellationToken cancel)
    {
        int threads = Math.Max(1, options.Threads);
        var tables = new Dictionary<string, long>[threads];
        int taken = -1;
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancel }, thread =>
        {
            Dictionary<string, long> table = tables[thread] = [];
            Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> lookup = table.GetAlternateLookup<ReadOnlySpan<char>>();
            for (int i = Interlocked.Increment(ref taken); i < round.Count; i = Interlocked.Increment(ref taken))
            {
                cancel.ThrowIfCancellationRequested();
                CountChunk(round[i].Span, lookup);
            }
        });

        foreach (Dictionary<string, long> table in tables)
        {
            foreach ((string piece, long count) in table)
            {
                ref long total = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, piece, out bool known);
                total += count;
                if (!known) _tableLength += piece.Length;
            }
        }

        DropRarePieces();
    }

    private void CountChunk(ReadOnlySpan<char> text, Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> table)
    {
        for (int start = 0; start < text.Length;)
        {
            int end = SplitPattern.Qwen2.PieceEnd(text, start);
            while (start < end)
            {
                int cut = SplitPattern.CutPiece(text, start, end, options.MaximumPieceLength);
                CollectionsMarshal.GetValueRefOrAddDefault(table, text[start..cut], out _)++;
                start = cut;
            }
        }
    }

    /// <summary>Brings a table that is too long down to half its limit, so that this happens seldom.</summary>
    private void DropRarePieces()
    {
        if (_tableLength <= options.MaximumTableLength) return;

        // Among equals a hash decides: the order in the dictionary depends on the threads, the alphabet would favour some letters.
        (long Count, ulong Hash, string Piece)[] rarestFirst = [.. _counts.Select(w => (w.Value, PieceHash.Of(w.Key), w.Key))];
        Array.Sort(rarestFirst, (a, b) =>
            a.Count != b.Count ? a.Count.CompareTo(b.Count)
            : a.Hash != b.Hash ? a.Hash.CompareTo(b.Hash)
            : string.CompareOrdinal(a.Piece, b.Piece));
        foreach ((_, _, string piece) in rarestFirst)
        {
            if (_tableLength <= options.MaximumTableLength / 2) break;
            _counts.Remove(piece);
            _tableLength -= piece.Length;
        }
    }

    /// <summary>Cuts a long text where a piece ends anyway, so that chunks can be counted apart.</summary>
    private static IEnumerable<ReadOnlyMemory<char>> Chunks(string text)
    {
        int start = 0;
        while (text.Length - start > ChunkLength)
        {
            int cut = start + ChunkLength, limit = Math.Min(text.Length, cut + ChunkLength);
            while (cut < limit && !SplitPattern.AlwaysCuts(text[cut - 1], text[cut])) cut++;
            if (cut < text.Length && char.IsHighSurrogate(text[cut - 1])) cut--;
            yield return text.AsMemory(start, cut - start);
            start = cut;
        }

        if (start < text.Length) yield return text.AsMemory(start);
    }
}
