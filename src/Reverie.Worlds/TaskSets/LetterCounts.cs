using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>
/// How often a letter stands in a word ("how many r are in strawberry?"), spelled and counted aloud. A model sees tokens, not letters. Held out
/// are one in six pairs of word and letter and new wordings; out of distribution are longer words, glued of one everyday word more.
/// </summary>
/// <param name="words">Everyday words that are glued together to the word that is asked about, 1 to 4.</param>
public sealed class LetterCounts(int words = 1) : QuestionSet
{
    private static readonly Wordings Count = new(
        ["How many {l} are in {w}?", "How many times does {l} stand in {w}?", "Count the {l} in {w}.", "How often is there {l} in {w}?"],
        ["How many {l} does {w} have?", "Please count the {l} in the word {w}."]);

    private readonly int _words = words is >= 1 and <= 4 ? words : throw new ReverieException($"Words are not glued of {words} parts. Choose 1 to 4.");

    /// <inheritdoc/>
    public override string Name => TaskSets.Named("letter-counts", ("words", words, 1));

    /// <inheritdoc/>
    protected override Question Ask(Split split, RandomStream random)
    {
        while (true)
        {
            string word = string.Concat(Enumerable.Range(0, _words + (split == Split.OutOfDistribution ? 1 : 0)).Select(_ => random.Pick(Words.Spelled)));

            // The count is drawn first: else nearly every answer is one.
            int count = random.Next(_words + 2);
            char[] letters = [.. Enumerable.Range('a', 26).Select(c => (char)c).Where(l => word.Count(c => c == l) == count)];
            if (letters.Length == 0) continue;
            char letter = random.Pick(letters);
            if (!Composition.Fits($"{letter}/{word}", split, 6)) continue;
            string question = Composition.Fill(Count.Pick(split, random), ("l", $"{letter}"), ("w", word));
            return Task(question, $"<think>{Aloud(word, letter)}</think>{count}.", answer => Only(answer) == $"{count}", ("two numbers", $"{count} or {count + 1}."), ("the word's letters", Spelling.Letters(word)))
                with
            { Wrong = new Script($"{count + 1}.") };
        }
    }

    /// <summary>The letters with the count behind each that counts: "s-t-r1-a-w-b-e-r2-r3-y".</summary>
    internal static string Aloud(string word, char letter)
    {
        int seen = 0;
        return string.Join('-', word.Select(c => c == letter ? $"{c}{++seen}" : $"{c}"));
    }

    // The only number of the final sentence; null where there are several, or none.
    private static string? Only(string answer) =>
        Reply.FinalSentence(answer).Split(' ', ':', ',', '-').Where(p => p.Length > 0 && p.All(char.IsAsciiDigit)).ToArray() is [string number] ? number : null;
}
