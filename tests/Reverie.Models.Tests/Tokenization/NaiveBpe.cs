using System.Text;

namespace Reverie.Models.Tests.Tokenization;

/// <summary>Byte-level BPE as the paper has it: within each piece merge the pair of lowest rank, leftmost first, until none is left.</summary>
internal sealed class NaiveBpe
{
    private readonly Dictionary<(int Left, int Right), (int Rank, int Result)> _ranks;
    private readonly int[] _byteIds = new int[256];

    public NaiveBpe(Tokenizer tokenizer)
    {
        _ranks = tokenizer.Merges.Select((merge, rank) => (merge, rank))
            .ToDictionary(x => (x.merge.Left, x.merge.Right), x => (x.rank, x.merge.Result));
        for (int id = tokenizer.VocabularySize - 1; id >= 0; id--)
        {
            if (!tokenizer.IsSpecial(id) && tokenizer.Bytes(id).Length == 1) _byteIds[tokenizer.Bytes(id)[0]] = id;
        }
    }

    public int[] Encode(string text)
    {
        List<int> all = [];
        foreach (string piece in Pieces(text))
        {
            List<int> ids = [.. Encoding.UTF8.GetBytes(piece).Select(b => _byteIds[b])];
            while (true)
            {
                (int Rank, int At, int Result) best = (int.MaxValue, -1, -1);
                for (int i = 0; i + 1 < ids.Count; i++)
                {
                    if (_ranks.TryGetValue((ids[i], ids[i + 1]), out (int Rank, int Result) found) && found.Rank < best.Rank)
                        best = (found.Rank, i, found.Result);
                }

                if (best.At < 0) break;
                ids[best.At] = best.Result;
                ids.RemoveAt(best.At + 1);
            }

            all.AddRange(ids);
        }

        return [.. all];
    }

    /// <summary>The pieces of <paramref name="text"/> by the scanner.</summary>
    public static IEnumerable<string> Pieces(string text, SplitPattern? pattern = null)
    {
        pattern ??= SplitPattern.Qwen2;
        for (int start = 0; start < text.Length;)
        {
            int end = pattern.PieceEnd(text, start);
            yield return text[start..end];
            start = end;
        }
    }
}
