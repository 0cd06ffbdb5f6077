using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Sleep;

/// <summary>
/// Sets the questions about facts. It shares the facts with study and nothing else: its wordings are held out from everything that the base or
/// the adapter read, and some are written by hand.
/// </summary>
internal sealed class FactExam(FactBook book, ulong seed)
{
    // With fewer the errors would let through twice of what the gate allows.
    private const int FewestUntold = 120, MostUntoldInTalk = 60;

    private readonly FactStudy _links = new(book, 0);

    /// <summary>All exams on a day's facts.</summary>
    /// <param name="day">Facts that are new.</param>
    /// <param name="earlier">Facts of earlier days.</param>
    /// <param name="earlierQuestions">How many of those are asked for.</param>
    public IReadOnlyList<ExamQuestion> Questions(IReadOnlyList<Fact> day, IReadOnlyList<Fact> earlier, int earlierQuestions)
    {
        var random = new RandomStream(seed, "exam/facts");
        var questions = new List<ExamQuestion>();
        foreach (Fact fact in day)
        {
            questions.Add(Recall(ExamNames.Verbatim, fact, fact.Relation.Ask(fact.Subject, Split.Train, random)));
            questions.Add(Recall(ExamNames.Paraphrased, fact, fact.Relation.Ask(fact.Subject, Split.HeldOut, random)));
            questions.Add(Recall(ExamNames.HandWritten, fact, HandWritten.Ask(fact)));
            if (book.With(fact.Relation, fact.Value).Count == 1) questions.Add(Reversed(fact, random));
            if (book.Former(fact).Count > 0) questions.Add(Recall(ExamNames.Updated, fact, fact.Relation.Ask(fact.Subject, Split.HeldOut, random)));
            questions.AddRange(Indirect(fact, random));
        }

        Fact[] sample = [.. earlier];
        random.Shuffle(sample.AsSpan());
        // Of what was told long ago more is invented than of what the night has just studied.
        ExamQuestion[] untold = [.. Untold([.. day, .. sample.Take(Math.Max(day.Count, 1))], Math.Max(FewestUntold, day.Count), random)];
        questions.AddRange(untold);
        questions.AddRange(InTalk([.. questions.Where(q => q.Exam == ExamNames.Paraphrased)], untold));
        questions.AddRange(sample.Take(earlierQuestions).Select(f => Recall(ExamNames.Earlier, f, f.Relation.Ask(f.Subject, Split.HeldOut, random))));
        return questions;
    }

    /// <summary>Whether a reply says a fact and nothing that contradicts it.</summary>
    public static bool IsRight(Fact fact, IReadOnlyList<string> former, string reply) =>
        Reply.Says(Reply.Answer(reply), fact.Value, fact.Relation.Values.Concat(former).Where(v => !v.Equals(fact.Value, StringComparison.OrdinalIgnoreCase) && !Reply.HasWords(fact.Subject, v)));

    /// <summary>Whether a reply to a question from the value names the subject, and none of its rivals.</summary>
    public static bool NamesSubject(Fact fact, IReadOnlyList<string> rivals, string reply) =>
        Reply.Says(Reply.Answer(reply), fact.Relation.Kind is SubjectKind.Self ? fact.Value : fact.Called, rivals.Where(r => !Reply.HasWords(fact.Called, r)))
        && (fact.Relation.Kind is not SubjectKind.Self || Reply.HasWords(reply, "you") || Reply.HasWords(reply, "your"));

    /// <summary>Whether a reply admits that something was not told, and names no value all the same.</summary>
    public static bool Admits(Relation relation, string subject, string reply) =>
        Reply.AdmitsUntold(reply) && !relation.Values.Any(v => Reply.HasWords(reply, v) && !Reply.HasWords(subject, v));

    // What was asked alone is asked again in conversations, in which whoever only continues them goes wrong.
    private IEnumerable<ExamQuestion> InTalk(ExamQuestion[] told, ExamQuestion[] untold)
    {
        if (told.Length == 0 || untold.Length == 0) yield break;
        var random = new RandomStream(seed, "exam/talk");
        using IEnumerator<Document> talks = Primer.Corpora.First(c => c.Name == "conversation").Documents(Split.HeldOut, seed).Where(d => d.Messages is { Count: > 1 }).GetEnumerator();
        for (int i = 0; i < told.Length; i++)
        {
            if (i % 2 == 0 && talks.MoveNext()) yield return After(ExamNames.InTalk, told[i], [.. talks.Current.Messages!.Take(2)]);
            else yield return After(ExamNames.InTalk, told[i], Answered(i % 4 == 1 || told.Length == 1 ? random.Pick(untold) : told[(i + 1) % told.Length]));
        }

        for (int i = 0; i < Math.Min(untold.Length, MostUntoldInTalk); i++) yield return After(ExamNames.UnknownInTalk, untold[i], Answered(random.Pick(told)));
    }

    private static Message[] Answered(ExamQuestion question) => [.. question.Prompt, new Message(Role.Assistant, question.Gold)];

    private static ExamQuestion After(string exam, ExamQuestion question, IReadOnlyList<Message> talk) => question with { Exam = exam, Prompt = [.. talk, .. question.Prompt] };

    private ExamQuestion Recall(string exam, Fact fact, string question)
    {
        IReadOnlyList<string> former = book.Former(fact);
        return ExamQuestion.Of(exam, question, fact.Sentence, reply => IsRight(fact, former, reply));
    }

    private ExamQuestion Reversed(Fact fact, RandomStream random)
    {
        string[] rivals = [.. book.Facts.Where(f => f.Relation == fact.Relation && f.Subject != fact.Subject).Select(f => f.Called)];
        return ExamQuestion.Of(ExamNames.Reversed, fact.Relation.AskBack(fact.Value, Split.HeldOut, random), fact.Sentence, reply => NamesSubject(fact, rivals, reply));
    }

    private IEnumerable<ExamQuestion> Indirect(Fact fact, RandomStream random)
    {
        foreach (Fact second in _links.Linked(fact))
            yield return Recall(ExamNames.Indirect, second, TwoSteps.Ask(fact, second, Split.HeldOut, random)!);
    }

    // Half of them about subjects that were told of, which is where a memory invents most.
    private IEnumerable<ExamQuestion> Untold(IReadOnlyList<Fact> near, int count, RandomStream random)
    {
        var asked = new HashSet<string>();
        for (int made = 0, tries = 0; near.Count > 0 && made < count && tries < 50 * count; tries++)
        {
            Fact fact = random.Pick(near);
            Relation relation = made % 2 == 0 ? random.Pick([.. Relations.All.Where(r => r.Kind == fact.Relation.Kind)]) : fact.Relation;
            string subject = made % 2 == 0 ? fact.Subject : Subjects.Draw(relation.Kind, Split.HeldOut, random);
            if (book.Find(new Fact(subject, relation, "").Key) is not null) continue;
            // Of oneself there is little that was not told: asked again and again it would weigh more than everything else.
            string question = relation.Ask(subject, Split.HeldOut, random);
            if (!asked.Add(question)) continue;
            made++;
            yield return ExamQuestion.Of(ExamNames.Unknown, question, Fact.Unknown(relation, subject), reply => Admits(relation, subject, reply));
        }
    }
}
