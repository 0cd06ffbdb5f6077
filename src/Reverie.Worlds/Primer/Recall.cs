using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>
/// Saying back what was said: repeat these words, what was the dog called? Answers here consist of copied words alone, so that the
/// heads that find and copy an earlier token (arXiv 2209.11895) form early; remembering a visitor's name, a number to
/// add or the hero of a wished-for story all rest on them. Held out are new wordings and names; out of distribution are longer lists.
/// </summary>
public sealed class Recall : PrimerSkill
{
    private static readonly Wordings Repeat = new(
        ["Repeat: {w}", "Say this: {w}", "Repeat after me: {w}", "Say after me: {w}", "Please repeat: {w}", "Copy this: {w}", "Write this: {w}"],
        ["Please say this: {w}", "Can you repeat this: {w}"]);

    private static readonly Wordings Called = new(
        ["The {t} is called {n}.", "The {t} has the name {n}.", "I call the {t} {n}.", "The name of the {t} is {n}."],
        ["The {t} goes by the name {n}."]);

    private static readonly Wordings AskCalled = new(
        ["What is the {t} called?", "What is the name of the {t}?", "Tell me the name of the {t}.", "And the {t}?", "Do you know what the {t} is called?"],
        ["Can you say the name of the {t}?", "Which name does the {t} have?"]);

    /// <inheritdoc/>
    public override string Name => "recall";

    /// <inheritdoc/>
    private protected override Document Write(Split split, RandomStream random)
    {
        if (random.Next(2) == 0) return Chat(split, random, 2 + random.Next(3));

        // Several things are named at once, and every one of them is asked for.
        (string Thing, string Called)[] pairs = Pairs(split, random);
        List<Message> talk = [new(Role.User, Introduce(pairs, split, random)), new(Role.Assistant, "I will remember that.")];
        (string Thing, string Called)[] order = [.. pairs];
        random.Shuffle(order.AsSpan());
        foreach ((string thing, string called) in order)
        {
            talk.Add(new(Role.User, Typing.AsTyped(Composition.Fill(AskCalled.Pick(split, random), ("t", thing)), random)));
            talk.Add(new(Role.Assistant, $"The {thing} is called {called}."));
        }

        return new Document(Name, talk);
    }

    /// <inheritdoc/>
    internal override Question Ask(Split split, RandomStream random)
    {
        if (random.Next(4) == 0)
        {
            (string Thing, string Called)[] pairs = Pairs(split, random);
            (string thing, string called) = random.Pick(pairs);
            string question = $"{Introduce(pairs, split, random)} {Composition.Fill(AskCalled.Pick(split, random), ("t", thing))}";
            return Task(question, $"The {thing} is called {called}.", answer => Reply.Says(answer, called, pairs.Where(p => p.Called != called).Select(p => p.Called)));
        }

        int count = split == Split.OutOfDistribution ? 9 + random.Next(5) : 2 + random.Next(7);
        string words = string.Join(' ', Enumerable.Range(0, count).Select(_ => Word(split, random)));
        return Task(Composition.Fill(Repeat.Pick(split, random), ("w", words)), words, answer => answer.Trim() == words);
    }

    private static string Introduce((string Thing, string Called)[] pairs, Split split, RandomStream random) =>
        string.Join(' ', pairs.Select(p => Composition.Fill(Called.Pick(split, random), ("t", p.Thing), ("n", p.Called))));

    private static (string Thing, string Called)[] Pairs(Split split, RandomStream random)
    {
        int count = split == Split.OutOfDistribution ? 6 : 2 + random.Next(3);
        Dictionary<string, string> pairs = [];
        while (pairs.Count < count)
        {
            string called = Names.Visitor(split == Split.OutOfDistribution ? Split.HeldOut : split, random);
            if (!pairs.ContainsValue(called)) pairs.TryAdd(random.Pick(random.Next(2) == 0 ? Words.Animals : Words.Things), called);
        }

        return [.. pairs.Select(p => (p.Key, p.Value))];
    }

    private static string Word(Split split, RandomStream random) => random.Next(7) switch
    {
        0 => random.Pick(Words.Animals),
        1 => random.Pick(Words.Colours),
        2 => random.Pick(Words.Foods),
        3 => random.Pick(Words.Things),
        4 or 5 => Names.Visitor(split == Split.OutOfDistribution ? Split.HeldOut : split, random),
        _ => random.Next(10, 100).ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
