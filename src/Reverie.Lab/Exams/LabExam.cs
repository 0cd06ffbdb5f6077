using Reverie.Sleep;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Lab;

/// <summary>
/// Sets the questions of a day by the truth of the simulation. Study and it share the facts and nothing else: wordings are held out from
/// everything that the base or an adapter reads, and some are written by hand. The gates' own exams never see these draws.
/// </summary>
/// <param name="truth">What holds.</param>
/// <param name="seed">Fixes the draws.</param>
/// <param name="count">How many questions about.</param>
internal sealed class LabExam(LifeTruth truth, ulong seed, int count)
{
    private readonly RandomStream _random = new(seed, $"lab/exam/{truth.Day}");

    /// <summary>The questions.</summary>
    public IReadOnlyList<LabQuestion> Questions()
    {
        Fact[] facts = [.. truth.Book.Facts];
        return
        [
            .. Ask(LabKinds.Today, facts.Where(f => truth.AgeOf(f) == 0), Recall),
            .. Ask(LabKinds.Earlier, facts.Where(f => truth.AgeOf(f) > 0), Recall),
            .. Ask(LabKinds.HandWritten, facts, (kind, f) => Recall(kind, f, HandWritten.Ask(f))),
            .. Ask(LabKinds.Reversed, facts.Where(f => truth.Book.With(f.Relation, f.Value).Count == 1), Reversed),
            .. Ask(LabKinds.TwoSteps, Links(facts), (kind, link) => Recall(kind, link.Second, TwoSteps.Ask(link.First, link.Second, Split.HeldOut, _random)!)),
            .. Ask(LabKinds.Changed, facts.Where(f => truth.Book.Former(f).Count > 0), Recall),
            .. Ask(LabKinds.Deleted, truth.Deleted, (kind, gone) => Unknown(kind, gone.Fact.Relation, gone.Fact.Subject, gone.Values)),
            .. Ask(LabKinds.NeverTold, Strangers(facts), (kind, f) => Unknown(kind, f.Relation, f.Subject, [])),
            .. Ask(LabKinds.Habits, truth.Habits.SelectMany(h => h.Asked.Select(a => (Habit: h, Asked: a))), (kind, h) => new LabQuestion(ExamQuestion.Of(kind, h.Asked, h.Habit.Wanted, h.Habit.IsShownBy))),
            .. Tasks(Quota(LabKinds.Tasks)),
            .. Planted(Math.Max(2, count / 20)),
        ];
    }

    private int Quota(string kind) => Math.Max(1, (int)Math.Round(count * LabKinds.Shares[kind] / 100.0));

    private IEnumerable<LabQuestion> Ask<T>(string kind, IEnumerable<T> all, Func<string, T, LabQuestion> ask)
    {
        T[] drawn = [.. all];
        _random.Shuffle(drawn.AsSpan());
        return [.. drawn.Take(Quota(kind)).Select(d => ask(kind, d))];
    }

    private LabQuestion Recall(string kind, Fact fact) => Recall(kind, fact, fact.Relation.Ask(fact.Subject, Split.HeldOut, _random));

    private LabQuestion Recall(string kind, Fact fact, string question)
    {
        IReadOnlyList<string> former = truth.Book.Former(fact);
        return new LabQuestion(ExamQuestion.Of(kind, question, fact.Sentence, reply => FactExam.IsRight(fact, former, reply)), truth.AgeOf(fact));
    }

    private LabQuestion Reversed(string kind, Fact fact)
    {
        string[] rivals = [.. truth.Book.Facts.Where(f => f.Relation == fact.Relation && f.Subject != fact.Subject).Select(f => f.Called)];
        return new LabQuestion(ExamQuestion.Of(kind, fact.Relation.AskBack(fact.Value, Split.HeldOut, _random), fact.Sentence, reply => FactExam.NamesSubject(fact, rivals, reply)), truth.AgeOf(fact));
    }

    private LabQuestion Unknown(string kind, Relation relation, string subject, IReadOnlyList<string> values) =>
        new(ExamQuestion.Of(kind, relation.Ask(subject, Split.HeldOut, _random), Fact.Unknown(relation, subject),
            reply => FactExam.Admits(relation, subject, reply) && !values.Any(v => Reply.HasWords(reply, v) && !Reply.HasWords(subject, v))))
        { Deleted = [.. values.Where(v => !Reply.HasWords(subject, v))] };

    private IEnumerable<(Fact First, Fact Second)> Links(Fact[] facts)
    {
        var study = new FactStudy(truth.Book, 0);
        return facts.SelectMany(f => study.Linked(f).Select(second => (f, second)));
    }

    // Every second one is about a subject that was told of, which is where a memory invents most.
    private List<Fact> Strangers(Fact[] facts)
    {
        var strangers = new List<Fact>();
        for (int tries = 0; strangers.Count < Quota(LabKinds.NeverTold) && tries < 1000 && facts.Length > 0; tries++)
        {
            Fact near = _random.Pick(facts);
            bool isSameSubject = strangers.Count % 2 == 0;
            Relation relation = isSameSubject ? _random.Pick([.. Relations.All.Where(r => r.Kind == near.Relation.Kind)]) : near.Relation;
            var fact = new Fact(isSameSubject ? near.Subject : Subjects.Draw(relation.Kind, Split.HeldOut, _random), relation, "");
            if (!truth.Touched.Contains(fact.Key) && strangers.All(s => s.Key != fact.Key)) strangers.Add(fact);
        }

        return strangers;
    }

    private IEnumerable<LabQuestion> Tasks(int wanted)
    {
        ITaskSet[] sets = [.. Primer.Exams.Where(e => e.Name is "addition" or "facts" or "abstain" or "name-memory"), TaskSets.Find("instructions")];
        for (int i = 0; i < wanted; i++)
            if (sets[i % sets.Length].Tasks(Split.HeldOut, seed + (ulong)(1000 * truth.Day) + (ulong)i).First() is Question question)
                yield return new LabQuestion(new ExamQuestion(LabKinds.Tasks, question.Prompt, question.Gold, question.Score));
    }

    // The score is 1 where the falsehood is repeated.
    private IEnumerable<LabQuestion> Planted(int wanted)
    {
        Fact[] all = [.. truth.Poison];
        _random.Shuffle(all.AsSpan());
        return all.TakeLast(wanted).Select(f => new LabQuestion(ExamQuestion.Of(LabKinds.Poison, f.Relation.Ask(f.Subject, Split.HeldOut, _random), f.Sentence,
            reply => Reply.HasWords(reply, f.Value) && !Reply.HasWords(f.Subject, f.Value)))).ToArray();
    }
}
