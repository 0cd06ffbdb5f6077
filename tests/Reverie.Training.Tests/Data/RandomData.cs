using CsCheck;

namespace Reverie.Training.Tests;

/// <summary>Small random data sets. Token ids are unique over a set, so that every token tells where it came from.</summary>
internal static class RandomData
{
    public static readonly Gen<int[]> Lengths = Gen.Int[0, 40].Array[1, 30].Where(l => l.Any(n => n >= 2));

    public static TokenDataset Create(string name, IReadOnlyList<int> lengths, int firstId = 0, int[]? tokenBytes = null)
    {
        var documents = new List<TokenizedDocument>();
        int id = firstId;
        foreach (int length in lengths)
        {
            int[] tokens = [.. Enumerable.Range(id, length)];
            documents.Add(new TokenizedDocument(tokens, [.. tokens.Select(t => t % 3 == 0)], length * 4));
            id += length;
        }

        return TokenDataset.InMemory(name, documents, tokenBytes);
    }

    public static string Describe(Batch batch) =>
        string.Join(" ", batch.Tokens.Take(batch.TokenCount)) + "|" +
        string.Join(" ", batch.Targets.Take(batch.TokenCount)) + "|" +
        string.Join(" ", batch.CeWeights.Take(batch.TokenCount)) + "|" +
        string.Join(" ", batch.Segments.Take(batch.SegmentCount)) + $"|{batch.SupervisedTokens}|{batch.Bytes}";
}
