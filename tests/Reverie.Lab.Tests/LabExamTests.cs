using Reverie.Sleep;
using Reverie.Worlds;

namespace Reverie.Lab.Tests;

public class LabExamTests
{
    private static readonly LifeTruth _truth = LifeTruth.After(new SimulatedLife(1, 25), 8);

    private static readonly IReadOnlyList<LabQuestion> _questions = new LabExam(_truth, 1, 150).Questions();

    [Fact]
    public void Every_kind_of_question_is_asked_and_its_gold_answer_is_right()
    {
        Assert.Equal(LabKinds.Shares.Keys.Append(LabKinds.Poison).Order(), _questions.Select(q => q.Kind).Distinct().Order());
        Assert.InRange(_questions.Count, 120, 170);
        Assert.All(_questions, q => Assert.Equal(1, q.Question.Score(q.Question.Gold)));
        Assert.All(_questions.Where(q => q.Kind != LabKinds.Tasks), q => Assert.Equal(0, q.Question.Score("What a nice day it is.")));
    }

    [Fact]
    public void Questions_follow_from_the_seed() =>
        Assert.Equal(_questions.Select(q => q.Question.Prompt[^1].Content), new LabExam(_truth, 1, 150).Questions().Select(q => q.Question.Prompt[^1].Content));

    [Fact]
    public void What_was_deleted_must_not_be_said()
    {
        LabQuestion[] deleted = [.. _questions.Where(q => q.Kind == LabKinds.Deleted)];
        Assert.NotEmpty(deleted);
        foreach (LabQuestion question in deleted)
        {
            (Fact fact, IReadOnlyList<string> values) = _truth.Deleted.First(d => Fact.Unknown(d.Fact.Relation, d.Fact.Subject) == question.Question.Gold && d.Fact.Relation.HeldOutQuestions.Any(w => Relation.Fill(w, d.Fact.Subject, "") == question.Question.Prompt[0].Content));
            Assert.All(values, v => Assert.Equal(0, question.Question.Score((fact with { Value = v }).Sentence)));
        }
    }

    [Fact]
    public void Of_what_changed_the_former_value_is_wrong()
    {
        foreach (Fact fact in _truth.Book.Facts.Where(f => _truth.Book.Former(f).Count > 0))
            Assert.All(_truth.Book.Former(fact), v => Assert.False(FactExam.IsRight(fact, _truth.Book.Former(fact), (fact with { Value = v }).Sentence)));
    }

    [Fact]
    public void No_question_is_one_that_study_writes()
    {
        var study = new FactStudy(_truth.Book, 0);
        HashSet<string> studied = [.. _truth.Book.Facts.SelectMany(f => study.Write(f, 100)).Select(i => Reply.Plain(i.Messages[0].Content))];
        Assert.DoesNotContain(_questions.Where(q => q.Kind is not (LabKinds.Tasks or LabKinds.Habits)), q => studied.Contains(Reply.Plain(q.Question.Prompt[^1].Content)));
    }
}
