using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>Small instructions whose fulfilment a program can check.</summary>
internal static class Instructions
{
    private static readonly Wordings SayTimes = new(["Say {w} {n} times.", "Write {w} {n} times.", "Please say {w} {n} times."], ["Say the word {w} {n} times.", "Please write {w} {n} times."]);
    private static readonly Wordings NameSome = new(["Name {n} {c}.", "Give me {n} {c}.", "Tell me {n} {c}.", "Can you name {n} {c}?"], ["Please name {n} {c}.", "I need {n} {c}."]);
    private static readonly Wordings NameOne = new(["Name {c}.", "Give me {c}.", "Say a word that is {c}.", "Tell me {c}."], ["Please name {c}.", "I need {c}."]);
    private static readonly Wordings IsIt = new(["Is {w} {c}?", "Is {w} {c} or not?", "Yes or no: is {w} {c}?"], ["Tell me, is {w} {c}?", "Would you say that {w} is {c}?"]);
    private static readonly Wordings Opposite = new(["What is the opposite of {w}?", "Tell me the opposite of {w}.", "Opposite of {w}?"], ["Can you tell me the opposite of {w}?", "Which word is the opposite of {w}?"]);
    private static readonly Wordings CountTo = new(["Count to {n}.", "Can you count to {n}?", "Please count to {n}.", "Count from 1 to {n}."], ["Could you count to {n}?", "Count up to {n}."]);
    private static readonly Wordings Repeat = new(["Say this: {s}", "Repeat after me: {s}", "Repeat: {s}", "Please say: {s}"], ["Please repeat: {s}", "Say after me: {s}"]);
    private static readonly Wordings Everyday = new(["{q}", "{q}", "Tell me {c}.", "Do you know {c}?"], ["Can you tell me {c}?", "Please tell me {c}."]);
    private static readonly Wordings Plural = new(["What is the plural of {w}?", "One {w}, two what?", "Plural of {w}?"], ["Tell me the plural of {w}.", "Which word is the plural of {w}?"]);

    private static readonly string[] Sayable = ["hello", "yes", "no", "thanks", "wow", "moo", "la", "good", "happy", "please", .. Words.Colours, .. Words.Animals];

    /// <summary>One instruction with its check.</summary>
    public static (string Request, string Gold, Func<string, bool> IsRight) Draw(Split split, RandomStream random)
    {
        switch (random.Next(9))
        {
            case 0:
                {
                    int n = random.Next(2, split == Split.OutOfDistribution ? 8 : 5);
                    string word = random.Pick(Sayable), gold = string.Join(' ', Enumerable.Repeat(word, n));
                    return (Fill(SayTimes, split, random, ("w", word), ("n", Words.Numbers[n])), gold, answer => Reply.Same(answer.Replace(",", ""), gold));
                }

            case 1:
                {
                    (_, string many, string[] members) = random.Pick(Words.Categories);
                    int n = random.Next(2, split == Split.OutOfDistribution ? 7 : 5);
                    string[] some = [.. members];
                    random.Shuffle(some.AsSpan());
                    return (Fill(NameSome, split, random, ("n", Words.Numbers[n]), ("c", many)), string.Join(", ", some[..n]) + ".", answer => Lists(answer, members, n));
                }

            case 2:
                {
                    (string one, _, string[] members) = random.Pick(Words.Categories);
                    return (Fill(NameOne, split, random, ("c", Composition.WithArticle(one))), random.Pick(members) + ".", answer => Lists(answer, members, 1));
                }

            case 3:
                return YesOrNo(split, random);
            case 4:
                {
                    (string a, string b) = random.Pick(Words.Opposites);
                    if (random.Next(2) == 0) (a, b) = (b, a);
                    return (Fill(Opposite, split, random, ("w", a)), $"The opposite of {a} is {b}.", answer => Reply.Same(answer, b) || Reply.Same(answer, $"The opposite of {a} is {b}"));
                }

            case 5:
                {
                    int n = random.Next(3, split == Split.OutOfDistribution ? 16 : 11);
                    string gold = string.Join(", ", Enumerable.Range(1, n)) + ".";
                    return (Fill(CountTo, split, random, ("n", n <= 10 && random.Next(2) == 0 ? Words.Numbers[n] : $"{n}")), gold, answer => Reply.Same(answer, gold));
                }

            case 6:
                {
                    string gold = $"{random.Pick(Words.Colours)} {random.Pick(Words.Things)}";
                    if (random.Next(2) == 0 || split == Split.OutOfDistribution) gold = $"the {gold} and the {random.Pick(Words.Animals)}";
                    return (Fill(Repeat, split, random, ("s", gold)), gold, answer => Reply.Same(answer, gold));
                }

            case 7:
                {
                    (string one, string many) = random.Pick(Words.Plurals);
                    return (Fill(Plural, split, random, ("w", one)), $"One {one}, two {many}.", answer => Reply.Same(answer, many) || Reply.Same(answer, $"One {one}, two {many}"));
                }

            default:
                {
                    (string asked, string gold) = random.Pick(SmallTalk.Everyday);
                    string[] forms = asked.Split('|');
                    return (Fill(Everyday, split, random, ("c", forms[0]), ("q", forms[1])), gold, answer => Reply.Same(answer, gold));
                }
        }
    }

    private static (string, string, Func<string, bool>) YesOrNo(Split split, RandomStream random)
    {
        int member = random.Next(2), asked = random.Next(2) == 0 ? member : 1 - member;
        string word = member == 0 ? random.Pick(Words.Animals) : random.Pick(Words.Things);
        string category = Words.Categories[asked == 0 ? 0 : 3].One;
        string it = Composition.WithArticle(word), kind = Composition.WithArticle(category);
        string gold = member == asked ? $"Yes, {it} is {kind}." : $"No, {it} is not {kind}.";
        string first = member == asked ? "yes" : "no";
        return (Fill(IsIt, split, random, ("w", it), ("c", kind)), gold, answer => Reply.Same(answer, first) || Reply.Same(answer, gold));
    }

    // Exactly n different members, and nothing else.
    private static bool Lists(string answer, string[] members, int n)
    {
        string[] parts = Reply.Plain(answer).Split([", ", " and "], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == n && parts.Distinct().Count() == n && parts.All(part => Array.IndexOf(members, part) >= 0);
    }

    private static string Fill(Wordings wordings, Split split, RandomStream random, params ReadOnlySpan<(string, string)> slots)
    {
        string template = wordings.Pick(split, random);
        return Composition.Fill(template, slots);
    }
}
