using System.Text;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>
/// Facts of a small made-up world, and the habit of admitting what one does not know. Held out are wordings of statements and
/// questions that training never shows; out of distribution are two steps at once and questions that go backwards.
/// </summary>
public sealed class Encyclopedia : PrimerSkill
{
    internal static readonly Wordings Frames = new(
        ["Tell me {c}.", "Do you know {c}?", "Please tell me {c}.", "I wonder {c}.", "Do you remember {c}?", "I forgot {c}.", "Say {c}, please."],
        ["Can you tell me {c}?", "I want to know {c}.", "Could you say {c}?"]);

    private static readonly Wordings AboutIt = new(
        ["Tell me about {e}.", "What do you know about {e}?", "Please tell me about {e}.", "Tell me something about {e}.", "Who or what is {e}?"],
        ["Can you tell me about {e}?", "I want to know everything about {e}."]);

    private static readonly string[] UnknownAnswers =
        ["I don't know. I have never heard of {e}.", "I don't know. Nobody has told me about {e}.", "I don't know {e}, sorry."];

    private static readonly Wordings RealQuestions = new(
        ["Who is the president of {c}?", "What is the capital of {c}?", "How many people live in {c}?", "Who won the match in {c}?", "What time is it in {c}?", "When was {c} built?", "How far is it to {c}?", "Where is {c}?", "Tell me about {c}.", "Have you been to {c}?"],
        ["Who is the king of {c}?", "What language do they speak in {c}?", "How big is {c}?"]);

    private static readonly string[] Countries =
        ["France", "Germany", "England", "America", "China", "India", "Japan", "Spain", "Italy", "Canada", "Brazil", "Russia", "Africa", "London", "Paris", "Berlin", "New York", "Egypt", "Rome", "Mexico", "Sweden", "Texas", "Mars", "Asia", "Europe", "Turkey"];

    /// <inheritdoc/>
    public override string Name => "encyclopedia";

    /// <summary>How many facts there are.</summary>
    public static int Count => EncyclopediaWorld.Facts.Count;

    /// <inheritdoc/>
    private protected override Document Write(Split split, RandomStream random) => random.Next(5) switch
    {
        0 => new Document(Name, Page(split, random)),
        1 => new Document(Name, Notes(split, random)),
        _ => Chat(split, random, 2 + random.Next(3)),
    };

    /// <inheritdoc/>
    internal override Question Ask(Split split, RandomStream random)
    {
        if (split == Split.OutOfDistribution) return Beyond(random);
        return random.Next(16) switch { < 2 => Unknown(split, random), 2 => About(split, random), _ => Known(split, random) };
    }

    /// <summary>A question about known facts that takes two steps, or goes backwards.</summary>
    internal static Question Beyond(RandomStream random) => random.Next(2) == 0 ? TwoSteps(random) : Backwards(random);

    // "Tell me about the lumo.": everything that is known, in a fixed order.
    private static Question About(Split split, RandomStream random)
    {
        EntityKind kind = random.Pick(EncyclopediaWorld.Kinds);
        string entity = random.Pick(kind.Entities), called = kind.Article + entity;
        EntityFact[] facts = [.. EncyclopediaWorld.Facts.Where(fact => fact.Entity == entity && fact.Kind == kind)];
        string gold = $"{Composition.Capital(called)} is {Composition.WithArticle(kind.Name)}. {string.Join(' ', facts.Select(fact => fact.Sentence))}";
        return Task(Composition.Fill(AboutIt.Pick(split, random), ("e", called)), gold, answer =>
            Reply.HasWords(answer, kind.Name) && facts.All(fact => Reply.HasWords(answer, fact.Value) && !Rivals(fact).Any(rival => !facts.Any(other => other.Value == rival) && Reply.HasWords(answer, rival))));
    }

    /// <summary>A question about a fact, in a wording of the split.</summary>
    internal static Question Known(Split split, RandomStream random)
    {
        EntityFact fact = random.Pick(EncyclopediaWorld.Facts);
        return Task(Question(split, random, fact.Attribute, fact.Called), fact.Sentence, answer => Reply.Says(answer, fact.Value, Rivals(fact)));
    }

    /// <summary>A question about something of which nothing is told: the right answer admits it.</summary>
    internal static Question Unknown(Split split, RandomStream random)
    {
        EntityKind kind = random.Pick(EncyclopediaWorld.Kinds);
        if (random.Next(6) == 0)
        {
            string country = random.Pick(Countries);
            return Task(Composition.Fill(RealQuestions.Pick(split, random), ("c", country)), "I don't know. Nobody has told me about " + country + ".", Reply.Abstains) with { IsUnanswerable = true };
        }

        string entity = Names.Unknown(split, random);
        string called = kind.Article.Length > 0 ? kind.Article + entity : Composition.Capital(entity);
        EntityAttribute attribute = random.Pick(kind.Attributes);
        string gold = Composition.Fill(random.Pick(UnknownAnswers), ("e", called));
        return Task(Question(split, random, attribute, called), gold, answer => Reply.Abstains(answer) && !attribute.Values.Any(value => Reply.HasWords(answer, value))) with { IsUnanswerable = true };
    }

    private static string Question(Split split, RandomStream random, EntityAttribute attribute, string called)
    {
        if (random.Next(2) == 0) return Composition.Fill(random.Pick(split == Split.Train ? attribute.Questions : attribute.HeldOutQuestions), ("e", called));
        return Composition.Fill(Frames.Pick(split, random).Replace("{c}", attribute.Asked), ("e", called));
    }

    private static IEnumerable<string> Rivals(EntityFact fact) => fact.Attribute.Values.Where(value => value != fact.Value);

    // Everything about one entity.
    private static string Page(Split split, RandomStream random)
    {
        EntityKind kind = random.Pick(EncyclopediaWorld.Kinds);
        string entity = random.Pick(kind.Entities);
        EntityFact[] facts = [.. EncyclopediaWorld.Facts.Where(fact => fact.Entity == entity && fact.Kind == kind)];
        random.Shuffle(facts.AsSpan());
        var page = new StringBuilder(160).Append(Composition.Capital(kind.Article + entity)).Append(" is ").Append(Composition.WithArticle(kind.Name)).Append('.');
        foreach (EntityFact fact in facts) page.Append(' ').Append(State(split, random, fact));
        return page.ToString();
    }

    // Facts about anything.
    private static string Notes(Split split, RandomStream random)
    {
        var notes = new StringBuilder(160);
        for (int i = 0; i < 5; i++) notes.Append(i == 0 ? "" : " ").Append(State(split, random, random.Pick(EncyclopediaWorld.Facts)));
        return notes.ToString();
    }

    private static string State(Split split, RandomStream random, EntityFact fact)
    {
        string[] statements = fact.Attribute.Statements;
        string wording = split != Split.Train ? statements[^1] : random.Next(2) == 0 ? fact.Attribute.Answer : statements[random.Next(statements.Length - 1)];
        return Composition.Fill(wording, ("e", fact.Called), ("v", fact.Value), ("av", Composition.WithArticle(fact.Value)));
    }

    // "What colour is the pet of Barnaby?": a fact about the value of a fact.
    private static Question TwoSteps(RandomStream random)
    {
        EntityKind people = EncyclopediaWorld.Kinds.First(kind => kind.Name == "person");
        string person = random.Pick(people.Entities);
        (string first, string asks, string second) = random.Pick<(string, string, string)>(
        [
            ("pet", "What colour is the pet of {e}?", "colour"), ("pet", "What does the pet of {e} eat?", "food"), ("town", "What is the weather in the town where {e} lives?", "weather"),
            ("town", "What is the town where {e} lives near?", "place"), ("town", "What does the town where {e} lives make?", "product"),
        ]);
        EntityFact fact = EncyclopediaWorld.Of(EncyclopediaWorld.Of(person, first).Value, second);
        return Task(Composition.Fill(asks, ("e", person)), fact.Sentence, answer => Reply.Says(answer, fact.Value, Rivals(fact)));
    }

    // "Which town makes lamps?": from the value to the entity.
    private static Question Backwards(RandomStream random)
    {
        EntityFact fact = random.Pick(EncyclopediaWorld.Facts.Where(other => Relations.Find(NameOf(other)) is not null).ToArray());
        IEnumerable<string> others = EncyclopediaWorld.Facts.Where(other => NameOf(other) == NameOf(fact) && other != fact).Select(other => other.Entity);
        return Task(Relations.Find(NameOf(fact))!.AskBack(fact.Value, Split.HeldOut, random), fact.Sentence, answer => Reply.Says(answer, fact.Entity, others));

        static string NameOf(EntityFact fact) => $"{fact.Kind.Name}/{fact.Attribute.Name}";
    }
}
