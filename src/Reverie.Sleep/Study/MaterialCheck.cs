using Reverie.Tensors;

namespace Reverie.Sleep;

/// <summary>
/// Whether study material is worth reading: what is there word for word already is left out beyond a few times, and material that has
/// collapsed into repetition is refused.
/// </summary>
/// <param name="Kept">What is left.</param>
/// <param name="Duplicates">How many items were left out.</param>
/// <param name="Entropy">Bits per word of the items' questions, by the distribution of their words.</param>
public sealed record MaterialCheck(IReadOnlyList<StudyItem> Kept, int Duplicates, double Entropy)
{
    // The same question in the same words is a repetition that training wants anyway; without an end to it, it is all there is.
    private const int MostAlike = 12;
    private const int EnoughToJudge = 200;
    private const double LeastEntropy = 3;

    /// <summary>Checks items.</summary>
    /// <exception cref="ReverieException">They have collapsed.</exception>
    public static MaterialCheck Of(IReadOnlyList<StudyItem> items)
    {
        var seen = new Dictionary<string, int>();
        var kept = new List<StudyItem>();
        var words = new Dictionary<string, int>();
        long total = 0;
        foreach (StudyItem item in items)
        {
            string text = string.Join('\n', item.Messages.Select(m => m.Content));
            if ((seen[text] = seen.GetValueOrDefault(text) + 1) > MostAlike) continue;
            kept.Add(item);
            foreach (string word in item.Messages[^2].Content.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                words[word] = words.GetValueOrDefault(word) + 1;
                total++;
            }
        }

        double entropy = total == 0 ? 0 : -words.Values.Sum(n => (double)n / total * Math.Log2((double)n / total));
        if (kept.Count >= EnoughToJudge && entropy < LeastEntropy)
            throw new ReverieException($"The study material has only {entropy:F1} bits per word: it repeats itself. Nothing was learned from it; what was told stays with retrieval.");
        return new MaterialCheck(kept, items.Count - kept.Count, entropy);
    }
}
