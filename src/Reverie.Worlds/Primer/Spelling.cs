using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>
/// Letters of everyday words: spell, count, first and last, backwards. A model sees tokens, not letters, so it must learn what
/// each token is made of. Held out are one in six pairs of word and question, and new wordings; out of distribution are words that
/// no document spells.
/// </summary>
public sealed class Spelling : PrimerSkill
{
    private static readonly Wordings Spell = new(
        ["Spell {w}.", "Spell the word {w}.", "How do you spell {w}?", "Please spell {w}.", "Can you spell {w}?", "What are the letters of {w}?", "How is {w} written?", "Spell {w}, please.", "Can you spell {w} for me?"],
        ["Could you spell {w}?", "Please spell the word {w}.", "Spell {w} for me."]);

    private static readonly Wordings Count = new(
        ["How many letters are in {w}?", "How many letters does {w} have?", "Count the letters of {w}.", "How long is the word {w}?"],
        ["How many letters are there in {w}?", "Please count the letters of {w}."]);

    private static readonly Wordings First = new(
        ["What is the first letter of {w}?", "Which letter comes first in {w}?", "What letter does {w} begin with?"],
        ["Tell me the first letter of {w}.", "Which letter does {w} begin with?"]);

    private static readonly Wordings Last = new(
        ["What is the last letter of {w}?", "Which letter comes last in {w}?", "What letter does {w} end with?"],
        ["Tell me the last letter of {w}.", "Which letter does {w} end with?"]);

    private static readonly Wordings Backwards = new(
        ["Spell {w} backwards.", "Write {w} backwards.", "What is {w} backwards?"],
        ["Please spell {w} backwards.", "Can you spell {w} backwards?"]);

    // Of 150 everyday words a model learns each by heart, and ends one that it was never asked to spell after the first of its tokens. Only
    // words that it cannot know make it go on from token to token.
    private const double ShareOfInvented = 0.5;

    private static readonly HashSet<string> Everyday = [.. Words.Spelled, .. Words.NeverSpelled];

    /// <inheritdoc/>
    public override string Name => "spelling";

    /// <inheritdoc/>
    private protected override Document Write(Split split, RandomStream random) => random.Next(3) == 0
        ? new Document(Name, string.Join(' ', Enumerable.Range(0, 6).Select(_ => Word(split, random, "spell")).Select(word => $"{word}: {Letters(word)}.")))
        : Chat(split, random, 2 + random.Next(4));

    /// <inheritdoc/>
    internal override Question Ask(Split split, RandomStream random) => random.Next(10) switch
    {
        < 5 => SpellOut(split, random),
        5 or 6 => CountLetters(split, random),
        7 => Letter(split, random, First, "first", 0),
        8 => Letter(split, random, Last, "last", -1),
        _ => SpellBackwards(split, random),
    };

    private static Question SpellOut(Split split, RandomStream random)
    {
        string word = Word(split, random, "spell"), letters = Letters(word);
        return Task(Fill(Spell, split, random, word), letters, answer => Reply.Same(answer, letters));
    }

    private static Question CountLetters(Split split, RandomStream random)
    {
        string word = Word(split, random, "count");
        return Task(Fill(Count, split, random, word), $"{Letters(word)}: {word.Length} letters.", answer =>
            Reply.FinalSentence(answer).Split(' ', ':', '.', '-').Where(part => part.Length > 0 && part.All(char.IsDigit)).ToArray() is [string number] && number == $"{word.Length}");
    }

    private static Question Letter(Split split, RandomStream random, Wordings wordings, string which, int index)
    {
        string word = Word(split, random, which);
        string letter = word[index < 0 ? word.Length + index : index].ToString();
        return Task(Fill(wordings, split, random, word), $"{Letters(word)}: {letter}.", answer =>
            Reply.Same(answer, letter) || Reply.Same(answer, $"{Letters(word)}: {letter}"));
    }

    private static Question SpellBackwards(Split split, RandomStream random)
    {
        string word = Word(split, random, "backwards");
        while (word.Length > 5) word = Word(split, random, "backwards");
        char[] reversed = [.. word.Reverse()];
        string letters = Letters(new string(reversed));
        return Task(Fill(Backwards, split, random, word), $"{Letters(word)}: {letters}.", answer =>
            Reply.Same(answer, letters) || Reply.Same(answer, $"{Letters(word)}: {letters}") || Reply.Same(answer, new string(reversed)));
    }

    private static string Word(Split split, RandomStream random, string question)
    {
        if (split == Split.OutOfDistribution) return random.Pick(Words.NeverSpelled);
        if (split == Split.Train && random.NextDouble() < ShareOfInvented) return Invented(random);
        while (true)
        {
            string word = random.Pick(Words.Spelled);
            if (Composition.Fits($"{question}/{word}", split, 6)) return word;
        }
    }

    private static string Invented(RandomStream random)
    {
        while (true)
        {
            string word = Names.Invented(random);
            if (word.Length > 2 && !Everyday.Contains(word)) return word;
        }
    }

    private static string Fill(Wordings wordings, Split split, RandomStream random, string word) => Composition.Fill(wordings.Pick(split, random), ("w", word));

    /// <summary>"g-a-r-d-e-n".</summary>
    internal static string Letters(string word) => string.Join('-', word.AsEnumerable());
}
