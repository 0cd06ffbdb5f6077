using CsCheck;
using Reverie.Sleep;
using Reverie.Worlds;

namespace Reverie.Lab.Tests;

public class SimulatedLifeTests
{
    [Fact]
    public void A_day_depends_on_the_seed_and_not_on_how_many_days_follow() => Gen.Select(Gen.ULong, Gen.Int[1, 6]).Sample((seed, days) =>
    {
        IReadOnlyList<SimulatedDay> few = new SimulatedLife(seed, 6).Until(days), many = new SimulatedLife(seed, 6).Until(days + 3);
        Assert.Equal(few.Select(Text), many.Take(days).Select(Text));
    }, iter: 20);

    [Fact]
    public void A_life_has_changes_deletions_poison_and_habits()
    {
        var life = new SimulatedLife(1, 20);
        IReadOnlyList<SimulatedDay> days = life.Until(12);
        LifeTruth truth = LifeTruth.After(life, 12);
        Assert.All(days, d => Assert.NotEmpty(d.Poison));
        Assert.Equal([3, 8], days.Where(d => d.Deleted.Count > 0).Select(d => d.Number));
        Assert.Equal(life.Habits.Count, truth.Habits.Count);
        int changed = truth.Book.Facts.Count(f => truth.Book.Former(f).Count > 0);
        Assert.InRange(changed / (double)truth.Book.Count, 0.02, 0.2);
        Assert.NotEmpty(truth.Deleted);
        Assert.All(truth.Deleted, d => Assert.Null(truth.Book.Find(d.Fact.Key)));
        Assert.All(truth.Poison, f => Assert.NotEqual(f, truth.Book.Find(f.Key)));
    }

    [Fact]
    public void What_is_deleted_is_gone() => Gen.ULong.Sample(seed =>
    {
        LifeTruth truth = LifeTruth.After(new SimulatedLife(seed, 6), 3);
        Assert.NotEmpty(truth.Deleted);
        Assert.All(truth.Deleted, d => Assert.Contains(d.Fact.Value, d.Values));
    }, iter: 50);

    [Fact]
    public void What_is_typed_beside_facts_states_none() => Assert.All(new SimulatedLife(2, 10).Until(20).SelectMany(d => d.Conversations).SelectMany(c => c.Turns).Where(t => t.Told.Count == 0), turn =>
    {
        string typed = string.Concat(turn.Parts.SelectMany(p => p.Spans.Where(s => s.Source is Provenance.Typed).Select(s => p.Text.Substring(s.Start, s.Length))));
        Assert.DoesNotContain(FactReader.Sentences(typed), s => FactReader.Read(s) is not null);
        if (turn.Corrected is { } habit) Assert.Null(FactReader.ReadAnswer(habit.Wanted));
    });

    [Fact]
    public void A_wanted_answer_is_told_from_the_usual_one() => Assert.All(new SimulatedLife(3, 5).Habits, habit =>
    {
        Assert.True(habit.IsShownBy(habit.Wanted));
        Assert.False(habit.IsShownBy(habit.Usual));
        Assert.Empty(habit.Said.Intersect(habit.Asked));
    });

    internal static string Text(SimulatedDay day) => string.Join('\n', day.Conversations.SelectMany(c => c.Turns).Select(t => $"{t.Id} {string.Concat(t.Parts.Select(p => p.Text))} {t.ToolResult} {t.Reply} {t.Corrected?.Wanted}")) + string.Join(',', day.Deleted) + string.Join(',', day.Poison);
}
