using Reverie.Sleep;
using Reverie.Worlds;

namespace Reverie.Lab.Tests;

public sealed class LifeJournalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reverie-lab-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_triage_reads_in_the_journal_is_the_truth_of_the_life()
    {
        var life = new SimulatedLife(1, 30);
        await using LifeJournal journal = await Write(_folder, life, 5);
        Triage triage = Triage.Of(await JournalReading.ReadAsync(journal.Journal, LifeJournal.Owner, TestContext.Current.CancellationToken));
        LifeTruth truth = LifeTruth.After(life, 5);
        Assert.True(triage.Book.Facts.All(f => truth.Book.Find(f.Key)?.Equals(f) == true || truth.Book.Former(f).Count > 0), "triage believes something that was never typed");
        // People type with slips: what a reader leaves is left to retrieval.
        Assert.InRange(triage.Book.Count / (double)truth.Book.Count, 0.9, 1);
        Assert.Empty(triage.Book.Facts.Intersect(truth.Poison));
        Assert.All(truth.Deleted, d => Assert.Null(triage.Book.Find(d.Fact.Key)));
        Assert.Equal(truth.Habits.Select(h => h.Wanted).Order(), triage.Lessons.Select(l => l.Wanted).Distinct().Order());
    }

    [Fact]
    public async Task A_day_that_was_cut_short_is_written_anew()
    {
        var life = new SimulatedLife(4, 8);
        string whole = Path.Combine(_folder, "whole"), torn = Path.Combine(_folder, "torn");
        await using LifeJournal uninterrupted = await Write(whole, life, 3);
        await using (LifeJournal first = await Write(torn, life, 2))
        {
            Conversation half = await first.Journal.CreateConversationAsync(LifeJournal.Owner, new ConversationDetails { Title = "3/0" }, TestContext.Current.CancellationToken);
            await first.Journal.AppendAsync(LifeJournal.Owner, half.Id, new NewMessage { Role = Models.Role.User, Parts = [MessagePart.Typed("My name is Nobody.")] }, TestContext.Current.CancellationToken);
        }

        await using LifeJournal again = await Write(torn, life, 3);
        Assert.Equal(await Said(uninterrupted), await Said(again));
    }

    internal static async Task<LifeJournal> Write(string folder, SimulatedLife life, int days)
    {
        LifeJournal journal = await LifeJournal.OpenAsync(folder, TestContext.Current.CancellationToken);
        foreach (SimulatedDay day in life.Until(days).Skip(journal.Written)) await journal.WriteAsync(day, TestContext.Current.CancellationToken);
        return journal;
    }

    private static async Task<IEnumerable<string>> Said(LifeJournal journal) =>
        (await Transcript.ReadAsync(journal.Journal, LifeJournal.Owner, DateTimeOffset.MinValue, TestContext.Current.CancellationToken)).Select(t => $"{t.Began:o} {string.Join('|', t.Messages)}");
}
