using System.Globalization;
using System.Text.RegularExpressions;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>
/// Questions for a calculator and a look-up: products nobody can guess, prices drawn for each question, facts of the encyclopedia's
/// world and facts of facts, and things of which nothing is known. Held out are wordings, pairs of numbers and pairs of facts; out of
/// distribution are longer numbers and chains of three look-ups.
/// </summary>
public sealed partial class ToolTasks : ITaskSet
{
    private static readonly Message Described = ToolDefinition.Describe("Answer the question in one short sentence. Use the tools for arithmetic and facts.",
    [
        new("calc", "Works out an expression of + - * / and parentheses.", ("expression", "Such as 12*(3+4).")),
        new("lookup", "Looks something up.", ("name", "A thing or a person."), ("what", "Such as colour, pet, town, or price.")),
    ]);

    private static readonly Wordings Product = new(
        ["What is {a} x {b}?", "What is {a} times {b}?", "Multiply {a} by {b}.", "How much is {a} x {b}?"], ["Tell me {a} x {b}.", "How much is {a} times {b}?"]);

    private static readonly Wordings Mixed = new(
        ["What is {e}?", "Work out {e}.", "How much is {e}?"], ["Tell me {e}.", "Please work out {e}."]);

    private static readonly Wordings Change = new(
        ["I have {a} coins and buy {b} {t} at {c} coins each. How many coins are left?", "{b} {t} cost {c} coins each and I pay with {a} coins. How many coins do I get back?"],
        ["I have {a} coins. I buy {b} {t} at {c} coins each. How many coins do I have left?"]);

    private static readonly Wordings Bill = new(
        ["What do {b} {t} cost?", "I buy {b} {t}. How many coins is that?", "How many coins do I pay for {b} {t}?"], ["How much do I pay for {b} {t}?", "What is the price of {b} {t}?"]);

    private static readonly Wordings ChangeOfBill = new(
        ["I have {a} coins and buy {b} {t}. How many coins are left?"], ["I buy {b} {t} and pay with {a} coins. How many coins do I get back?"]);

    /// <summary>Whether a system message describes the tools. Models raised on the demonstrations know them.</summary>
    public bool DescribeTools { get; init; }

    /// <inheritdoc/>
    public string Name => "tools";

    /// <inheritdoc/>
    public IEnumerable<TaskItem> Tasks(Split split, ulong seed)
    {
        var random = new RandomStream(seed, $"tools/{split}");
        while (true)
        {
            yield return random.Next(10) switch
            {
                < 2 => Multiply(split, random),
                2 => Compute(split, random),
                3 => Left(split, random),
                4 or 5 => Pay(split, random),
                6 => LookUp(split, random, 1),
                7 or 8 => LookUp(split, random, split == Split.OutOfDistribution ? 3 : 2),
                _ => Unknown(split, random),
            };
        }
    }

    private ToolsTask Multiply(Split split, RandomStream random)
    {
        (int a, int b) = Pair(split, random);
        return Numeric(Composition.Fill(Product.Pick(split, random), ("a", Text(a)), ("b", Text(b))), $"{a}*{b}", $"{a} x {b} = {{0}}.");
    }

    private ToolsTask Compute(Split split, RandomStream random)
    {
        (int a, int b) = Pair(split, random);
        int c = random.Next(11, 100);
        (string sum, string expression) = random.Next(3) switch
        {
            0 => ($"{a} x {b} + {c}", $"{a}*{b}+{c}"),
            1 => ($"({a} + {c}) x {b}", $"({a}+{c})*{b}"),
            _ => ($"{a} x {b} - {c}", $"{a}*{b}-{c}"),
        };
        return Numeric(Composition.Fill(Mixed.Pick(split, random), ("e", sum)), expression, sum + " = {0}.");
    }

    private ToolsTask Left(Split split, RandomStream random)
    {
        (int count, int price) = Purchase(split, random);
        int coins = (count * price) + random.Next(10, 900);
        string question = Composition.Fill(Change.Pick(split, random), ("a", Text(coins)), ("b", Text(count)), ("c", Text(price)), ("t", Goods(random)));
        return Numeric(question, $"{coins}-{count}*{price}", "{0} coins are left.");
    }

    // The price is nowhere but in the look-up.
    private ToolsTask Pay(Split split, RandomStream random)
    {
        (int count, int price) = Purchase(split, random);
        string goods = Goods(random), lookup = CallLookUp(goods, "price");
        bool getsChange = split == Split.OutOfDistribution || random.Next(4) == 0;
        int coins = (count * price) + random.Next(10, 900);
        string question = Composition.Fill((getsChange ? ChangeOfBill : Bill).Pick(split, random), ("a", Text(coins)), ("b", Text(count)), ("t", goods));
        return Numeric(question, getsChange ? $"{coins}-{count}*{price}" : $"{count}*{price}", getsChange ? "{0} coins are left." : "It costs {0} coins.", [lookup], new() { [goods] = price });
    }

    private ToolsTask LookUp(Split split, RandomStream random, int steps)
    {
        while (true)
        {
            EntityFact fact = random.Pick(EncyclopediaWorld.Facts);
            List<string> calls = [CallLookUp(fact.Entity, fact.Attribute.Name)];
            (string called, string path) = (fact.Called, fact.Attribute.Name);
            for (int step = 1; step < steps; step++)
            {
                // What the pet or the town of somebody is like; a town's mayor has a pet too.
                EntityFact[] next = [.. EncyclopediaWorld.Facts.Where(f => f.Entity == fact.Value && f.Kind != fact.Kind && !calls.Exists(c => c.Contains(f.Entity, StringComparison.Ordinal)))];
                if (next.Length == 0) break;
                called = $"the {fact.Attribute.Name} of {called}";
                fact = random.Pick(next);
                path += "." + fact.Attribute.Name;
                calls.Add(CallLookUp(fact.Entity, fact.Attribute.Name));
            }

            if (calls.Count != steps || (steps == 2 && !Composition.Fits(path, split, 4))) continue;
            // "The mayor of the town of the mayor of Vell" is in the question already.
            string question = Question(split, random, fact.Attribute, called);
            if (Reply.HasWords(question, fact.Value)) continue;
            (string value, string[] rivals) = (fact.Value, [.. fact.Attribute.Values.Where(v => v != fact.Value)]);
            return Task(question, calls, fact.Sentence, reply => Reply.Says(reply, value, rivals), []);
        }
    }

    private ToolsTask Unknown(Split split, RandomStream random)
    {
        EntityKind kind = random.Pick(EncyclopediaWorld.Kinds);
        EntityAttribute attribute = random.Pick(kind.Attributes);
        string name = Names.Unknown(split, random), entity = kind.Article.Length > 0 ? name : Composition.Capital(name);
        return Task(Question(split, random, attribute, kind.Article + entity), [CallLookUp(entity, attribute.Name)], $"I don't know. Nothing is known about {kind.Article}{entity}.", Reply.Abstains, []) with { IsUnanswerable = true };
    }

    private ToolsTask Numeric(string question, string expression, string gold, string[]? before = null, Dictionary<string, int>? prices = null)
    {
        string result = Calculator.Evaluate(expression);
        string[] calls = [.. before ?? [], ToolCall.Write("calc", ("expression", expression))];
        return Task(question, calls, gold.Replace("{0}", result, StringComparison.Ordinal), reply => Number().Matches(reply) is { Count: > 0 and <= 4 } numbers && numbers[^1].Value == result, prices ?? []);
    }

    private ToolsTask Task(string question, IReadOnlyList<string> calls, string gold, Func<string, bool> isRight, Dictionary<string, int> prices)
    {
        var asked = new Message(Role.User, question);
        return new(DescribeTools ? [Described, asked] : [asked], calls, gold, isRight, prices);
    }

    private static string Question(Split split, RandomStream random, EntityAttribute attribute, string entity) =>
        Composition.Fill(random.Pick(split == Split.Train ? attribute.Questions : attribute.HeldOutQuestions), ("e", entity));

    private static string CallLookUp(string name, string what) => ToolCall.Write("lookup", ("name", name), ("what", what));

    private static (int A, int B) Pair(Split split, RandomStream random)
    {
        while (true)
        {
            (int a, int b) = split == Split.OutOfDistribution ? (random.Next(1_000, 100_000), random.Next(100, 1_000)) : (random.Next(101, 1_000), random.Next(12, 100));
            if (split == Split.OutOfDistribution || Composition.Fits($"{a}*{b}", split, 5)) return (a, b);
        }
    }

    private static (int Count, int Price) Purchase(Split split, RandomStream random) =>
        split == Split.OutOfDistribution ? (random.Next(100, 1_000), random.Next(100, 1_000)) : (random.Next(11, 100), random.Next(11, 100));

    private static string Goods(RandomStream random) => random.Pick(_goods);

    private static readonly string[] _goods = ["lamps", "boats", "hats", "bells", "clocks", "shoes", "kites", "drums", "books", "cups", "coats", "balls"];

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(?<![\w.])-?[0-9]+(?:\.[0-9]+)?")]
    private static partial Regex Number();
}
