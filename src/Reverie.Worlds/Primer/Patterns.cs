using System.Text;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>
/// Few-shot patterns: see what the examples do, and do it to the next one. Held out are one in eight pairs of pattern and question;
/// out of distribution the arrow is another sign.
/// </summary>
public sealed class Patterns : PrimerSkill
{
    private static readonly (string Name, (string From, string To)[] Pairs)[] Relations = Build();

    /// <inheritdoc/>
    public override string Name => "patterns";

    /// <inheritdoc/>
    private protected override Document Write(Split split, RandomStream random)
    {
        if (random.Next(2) == 0) return new Document(Name, Echo(split, random));
        if (random.Next(2) == 0) return Chat(split, random, 1 + random.Next(3));
        Question task = Ask(split, random);
        string prompt = task.Prompt[0].Content;
        return new Document(Name, prompt + (prompt.EndsWith(':') ? "\n" : " ") + task.Gold);
    }

    /// <inheritdoc/>
    internal override Question Ask(Split split, RandomStream random) => random.Next(10) switch
    {
        < 6 => Analogy(split, random),
        < 8 => Continue(split, random),
        _ => Rearrange(split, random),
    };

    // Words and names in an order that nothing predicts, said three times: the plainest lesson in looking back, from which the
    // heads that copy grow early ("In-context Learning and Induction Heads", 2209.11895).
    private static string Echo(Split split, RandomStream random)
    {
        string[] items = new string[random.Next(3, 9)];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = random.Next(3) switch
            {
                0 => Names.Visitor(split, random),
                1 => random.Pick(Words.Spelled),
                _ => random.Pick(random.Next(2) == 0 ? Names.She : Names.He),
            };
        }

        string line = string.Join(' ', items);
        return $"{line}\n{line}\n{line}";
    }

    // "dog -> animal\nred -> colour\nball ->"
    private static Question Analogy(Split split, RandomStream random)
    {
        while (true)
        {
            (string relation, (string From, string To)[] pairs) = random.Pick(Relations);
            (string from, string to) = random.Pick(pairs);
            if (!Composition.Fits($"{relation}/{from}", split, 8)) continue;
            string sign = split == Split.OutOfDistribution ? " =>" : " ->", separator = random.Next(3) == 0 ? "; " : "\n";
            var prompt = new StringBuilder();
            HashSet<string> shown = [from];
            for (int shots = random.Next(2, 5); shots > 0;)
            {
                (string a, string b) = random.Pick(pairs);
                if (!shown.Add(a) || !Composition.Fits($"{relation}/{a}", Split.Train, 8)) continue;
                prompt.Append(a).Append(sign).Append(' ').Append(b).Append(separator);
                shots--;
            }

            return Task(prompt.Append(from).Append(sign).ToString(), to, answer => Reply.Same(answer, to));
        }
    }

    // "2 4 6 8" and "red blue red blue": what comes next?
    private static Question Continue(Split split, RandomStream random)
    {
        while (true)
        {
            string[] items;
            int shape = random.Next(3), length = random.Next(3, 6) + (split == Split.OutOfDistribution ? 3 : 0);
            if (shape == 0)
            {
                int start = random.Next(0, 10), step = random.Next(1, 6);
                items = [.. Enumerable.Range(0, length + 1).Select(i => $"{start + (i * step)}")];
            }
            else
            {
                string[] words = [random.Pick(Words.Colours), random.Pick(Words.Animals), random.Pick(Words.Things)];
                items = [.. Enumerable.Range(0, length + 2).Select(i => words[i % (shape + 1)])];
            }

            string shown = string.Join(' ', items[..^1]);
            if (!Composition.Fits(shown, split, 8)) continue;
            return Task($"What comes next? {shown}", items[^1], answer => Reply.Same(answer, items[^1]));
        }
    }

    // Words or digits in another order.
    private static Question Rearrange(Split split, RandomStream random)
    {
        while (true)
        {
            int length = split == Split.OutOfDistribution ? random.Next(5, 7) : random.Next(2, 5);
            bool sort = random.Next(2) == 0;
            string[] items = sort
                ? [.. Enumerable.Range(0, length).Select(_ => $"{random.Next(10)}")]
                : [.. Enumerable.Range(0, length).Select(_ => random.Pick(Words.Animals))];
            string shown = string.Join(' ', items);
            if (items.Distinct().Count() != length || !Composition.Fits(shown, split, 8)) continue;
            string gold = string.Join(' ', sort ? items.Order(StringComparer.Ordinal) : items.Reverse());
            if (gold == shown) continue;
            return Task($"{(sort ? "Sort" : "Reverse")}: {shown}", gold, answer => Reply.Same(answer, gold));
        }
    }

    private static (string, (string, string)[])[] Build() =>
    [
        ("opposite", [.. Words.Opposites, .. Words.Opposites.Select(pair => (pair.Opposite, pair.Word))]),
        ("plural", Words.Plurals),
        ("kind", [.. Words.Categories.SelectMany(category => category.Members.Select(member => (member, category.One)))]),
        ("number", [.. Words.Numbers.Select((word, i) => (word, $"{i}"))]),
        ("next", [.. Enumerable.Range(1, 30).Select(i => ($"{i}", $"{i + 1}"))]),
        ("letter", [.. Words.Spelled.Select(word => (word, word[..1]))]),
        ("copy", [.. Words.Spelled.Select(word => (word, word))]),
        ("voice", [.. EncyclopediaWorld.Facts.Where(fact => fact.Attribute.Name == "voice").Select(fact => (fact.Entity, fact.Value))]),
    ];
}
