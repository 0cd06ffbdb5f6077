using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>
/// Say something about a topic and meet several demands at once, each of which a program checks. The expert writes first, and the demands are
/// drawn from what holds of its reply, so that any composition can be met. Saying the request again is no answer. Held out are one in six compositions of demands and topic, and new
/// wordings; out of distribution is one demand more.
/// </summary>
/// <param name="demands">How many demands at once, 1 to 4.</param>
public sealed class InstructionFollowing(int demands = 2) : QuestionSet
{
    private static readonly Wordings About = new(["Say something about {t}.", "Write about {t}.", "Tell me something about {t}."], ["Write something about {t}.", "I want to read about {t}."]);
    private static readonly Wordings Some = new(["Name some {t}.", "Tell me some {t}."], ["Please name some {t}."]);
    private static readonly Wordings Again = new(["Say {t} {n} times.", "Repeat the word {t} {n} times."], ["Write the word {t} {n} times."]);

    private static readonly string[] Openers = ["today", "look", "oh", "well", "yes"], Closers = ["today", "now", "there", "again", "here"], Kinds = ["big", "small", "good", "nice", "old", "new", .. Words.Colours];

    // Junk that meets the form is no answer: words must be words of the Primer.
    private static readonly Lazy<HashSet<string>> Known = new(() => [.. Kinds, .. Openers, .. Closers, .. Words.Spelled,
        .. new Stories().Documents(Split.Train, 1).Take(1500).SelectMany(d => InstructionCheck.Words(d.Text ?? string.Join(' ', d.Messages!.Select(m => m.Content)))).Select(w => w.ToLowerInvariant())]);

    private readonly int _demands = demands is >= 1 and <= 4 ? demands : throw new ReverieException($"{demands} demands at once are not made. Choose 1 to 4.");

    /// <inheritdoc/>
    public override string Name => TaskSets.Named("instructions", ("demands", demands, 2));

    /// <inheritdoc/>
    protected override Question Ask(Split split, RandomStream random)
    {
        int form = random.Next(6), n = random.Next(2, 6);
        (_, string many, string[] members) = random.Pick(Words.Categories);
        string topic = random.Pick(random.Next(2) == 0 ? Words.Animals : Words.Things);
        (string request, string gold, Func<string[], bool> isOnTopic) = form switch
        {
            0 => (Composition.Fill(Again.Pick(split, random), ("t", topic), ("n", Words.Numbers[n])), string.Join(' ', Enumerable.Repeat(topic, n)), words => words.Length == n && words.All(w => w == topic)),
            1 or 2 => (Composition.Fill(Some.Pick(split, random), ("t", many)), Listed(members, n, form == 1, random), words => words.Distinct().Count() == words.Length && words.Length > 0 && words.All(members.Contains)),
            _ => (Composition.Fill(About.Pick(split, random), ("t", "the " + topic)), Sentence(topic, random), (Func<string[], bool>)(words => words.Contains(topic) && words.Length > 1 && words.Distinct().Count() > words.Length / 2 && words.All(w => w == topic || Known.Value.Contains(w)))),
        };
        gold = random.Next(4) switch { 0 => gold.ToUpperInvariant(), 1 => gold.ToLowerInvariant(), _ => gold };
        if (random.Next(5) == 0) gold = $"\"{gold}\"";

        InstructionCheck[] checks = [.. InstructionCheck.Of(gold, form == 0, form is 1 or 2 ? members : Kinds, random)];
        random.Shuffle(checks.AsSpan());
        checks = checks[..Math.Min(checks.Length, _demands + (split == Split.OutOfDistribution ? 1 : 0))];
        string composition = $"{string.Join('+', checks.Select(c => c.Kind).Order(StringComparer.Ordinal))}/{(form is 1 or 2 ? many : topic)}";
        if (!Composition.Fits(composition, split, 6)) return Ask(split, random);
        string question = string.Join(' ', checks.Select(c => split == Split.Train ? random.Pick(c.Wordings[..^1]) : c.Wordings[^1]).Prepend(request));
        return Task(question, gold, reply => checks.All(c => c.Holds(reply)) && !reply.StartsWith(request[..request.IndexOf(' ', request.IndexOf(' ') + 1)], StringComparison.OrdinalIgnoreCase) && isOnTopic([.. InstructionCheck.Words(reply).Select(w => w.ToLowerInvariant())]),
            ("junk words", Replaced(gold, "blah")), ("a word too much", Replaced(gold, form == 0 ? "word" : topic) + " " + topic + " " + topic));
    }

    private static string Listed(string[] members, int n, bool inLines, RandomStream random)
    {
        string[] some = [.. members];
        random.Shuffle(some.AsSpan());
        return inLines ? string.Join('\n', some[..n].Select(m => "- " + m)) : string.Join(", ", some[..n]) + ".";
    }

    // "Today the fox is big and red now."
    private static string Sentence(string topic, RandomStream random)
    {
        string first = random.Pick(Kinds), second = random.Pick(Kinds);
        string core = random.Next(4) switch { 0 => $"the {first} {topic}", 1 => $"the {topic} is {first}", 2 => $"the {topic} is very {first}", _ => $"the {topic} is {first} and {second}" };
        if (random.Next(3) == 0) core = $"{random.Pick(Openers)} {core}";
        if (random.Next(3) == 0) core = $"{core} {random.Pick(Closers)}";
        return Composition.Capital(core) + random.Pick(new[] { ".", "!", "" });
    }

    private static string Replaced(string gold, string word) => string.Join(' ', InstructionCheck.Words(gold).Select(_ => word));
}
