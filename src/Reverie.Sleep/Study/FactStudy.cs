using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Sleep;

/// <summary>
/// Writes study material about facts by grammar: questions both ways in the wordings of study, questions about the value of a value, and
/// questions about what was not told. What is written about a fact depends on the book and the seed alone.
/// </summary>
/// <param name="book">What was told.</param>
/// <param name="seed">Fixes the draws.</param>
public sealed class FactStudy(FactBook book, ulong seed)
{
    private const int MostRecalled = 3;

    private readonly IReadOnlyList<Fact> _facts = [.. book.Facts];
    private readonly ILookup<string, Fact> _byValue = book.Facts.ToLookup(f => f.Relation.Name + "/" + f.Value.ToLowerInvariant());
    private readonly ILookup<string, Fact> _bySubject = book.Facts.ToLookup(f => f.Subject.ToLowerInvariant());

    /// <summary>Writes items about one fact.</summary>
    /// <param name="fact">A fact of the book.</param>
    /// <param name="count">How many.</param>
    public IEnumerable<StudyItem> Write(Fact fact, int count)
    {
        var random = new RandomStream(seed, $"study/{fact.Key}={fact.Value}");
        bool isUnique = _byValue[fact.Relation.Name + "/" + fact.Value.ToLowerInvariant()].Count() == 1;
        Fact[] next = [.. Linked(fact)];
        for (int i = 0; i < count; i++)
        {
            int draw = random.Next(26);
            if (draw < 4 && isUnique) yield return Item(StudyKind.Reversed, fact.Relation.AskBack(fact.Value, Split.Train, random), fact.Sentence, random);
            else if (draw is 4 or 5 && next.Length > 0)
            {
                Fact second = random.Pick(next);
                yield return Item(StudyKind.TwoSteps, TwoSteps.Ask(fact, second, Split.Train, random)!, second.Sentence, random);
            }
            else if (draw is > 5 and < 18) yield return Untold(fact, random);
            else if (draw > 23) yield return AfterRecall(fact, Untold(fact, random), random);
            else yield return Item(StudyKind.Recall, fact.Relation.Ask(fact.Subject, Split.Train, random), fact.Sentence, random);
        }
    }

    /// <summary>Writes questions about neighbours of a fact that were not told.</summary>
    /// <param name="fact">A fact of the book.</param>
    /// <param name="count">How many.</param>
    public IEnumerable<StudyItem> Strangers(Fact fact, int count)
    {
        var random = new RandomStream(seed, $"study/strangers/{fact.Key}");
        return Enumerable.Range(0, count).Select(i => i % 4 == 3 ? AfterRecall(fact, Untold(fact, random), random) : Untold(fact, random));
    }

    /// <summary>The plainest question for a fact, and its answer: what surprise is measured on.</summary>
    public static StudyItem Plain(Fact fact) => StudyItem.Of(StudyKind.Recall, Relation.Fill(fact.Relation.Questions[0], fact.Subject, ""), fact.Sentence);

    /// <summary>The facts about the value of a fact.</summary>
    public IEnumerable<Fact> Linked(Fact fact) => TwoSteps.Subjects(fact).SelectMany(s => _bySubject[s.ToLowerInvariant()]).Where(f => TwoSteps.Ask(fact, f, Split.Train, null) is not null);

    // A neighbour of a fact: the same subject with another relation, or another subject with the same relation.
    private StudyItem Untold(Fact fact, RandomStream random)
    {
        Relation[] others = [.. Relations.All.Where(r => r.Kind == fact.Relation.Kind && book.Find(new Fact(fact.Subject, r, "").Key) is null)];
        if (others.Length > 0 && random.Next(2) == 0)
        {
            Relation other = random.Pick(others);
            return Item(StudyKind.Unknown, other.Ask(fact.Subject, Split.Train, random), Fact.Unknown(other, fact.Subject), random);
        }

        for (int tries = 0; ; tries++)
        {
            Relation relation = fact.Relation.Kind is SubjectKind.Self || tries > 20 ? random.Pick(Relations.All) : fact.Relation;
            string subject = Subjects.Draw(relation.Kind, Split.Train, random);
            if (book.Find(new Fact(subject, relation, "").Key) is null) return Item(StudyKind.Stranger, relation.Ask(subject, Split.Train, random), Fact.Unknown(relation, subject), random);
        }
    }

    // Retrieval puts what was told before a question, also before one that it does not answer: whoever reads that must not take it for leave to invent.
    private StudyItem AfterRecall(Fact near, StudyItem item, RandomStream random)
    {
        Fact[] recalled = [near, .. Enumerable.Range(0, random.Next(MostRecalled)).Select(_ => random.Pick(_facts))];
        recalled = [.. recalled.Distinct()];
        random.Shuffle(recalled.AsSpan());
        // The exchange that RecalledPrompt makes of memories.
        string told = string.Join(' ', recalled.Select(f => f.Relation.State(f.Subject, f.Value, Split.Train, random))), understood = string.Join(' ', recalled.Select(f => f.Sentence));
        return item with { Messages = [new Message(Role.User, told), new Message(Role.Assistant, understood), .. item.Messages] };
    }

    private static StudyItem Item(StudyKind kind, string question, string answer, RandomStream random) => StudyItem.Of(kind, Typing.AsTyped(QuestionVariety.Vary(question, random), random), answer);
}
