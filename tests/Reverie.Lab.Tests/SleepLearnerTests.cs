using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Lab.Tests;

public sealed class SleepLearnerTests : IDisposable
{
    private readonly SmallWorkspace _small = new();

    public void Dispose() => _small.Dispose();

    [Fact]
    public async Task Going_back_to_an_evening_takes_what_later_nights_made()
    {
        string folder = Path.Combine(_small.Folder, "life");
        await using LifeJournal journal = await LifeJournalTests.Write(folder, new SimulatedLife(1, 2), 1);
        using var bench = new Bench(_small.Workspace.Resolve(SmallWorkspace.Model), SmallWorkspace.Night);
        using var learner = new SleepLearner(bench, journal.Journal, folder);
        var mornings = new Mornings(new Workspace(folder), LifeJournal.Owner);
        for (int number = 1; number <= 3; number++) Save(bench, mornings);

        learner.Restore(2, new Evening("Promoted", 1, 2, 2));
        Assert.Equal([2, 1], mornings.List().Select(m => m.Number));
        Assert.Equal((2, 2), (mornings.Current(bench.BaseId)!.Number, learner.Held!.Count));
        Assert.NotNull(learner.Adapter);

        learner.Restore(0, null);
        Assert.Empty(mornings.List());
        Assert.Empty(learner.Held!);
        Assert.Null(learner.Adapter);
    }

    private static void Save(Bench bench, Mornings mornings)
    {
        (int number, string folder) = mornings.Next();
        using var adapter = new Adapter(bench.Model, rank: 2, seed: (ulong)number);
        FactRecord[] facts = [.. Enumerable.Range(0, number + 1).Select(i => new FactRecord { Subject = $"the lumo{i}", Relation = "creature/food", Value = "nuts", State = i == 0 ? FactState.Retrieval : FactState.Weights, Why = "", Sources = [], Told = LifeClock.MorningOf(1) })];
        adapter.Save(folder, new Lineage { Name = LifeJournal.Owner, Version = $"{number}", Parent = bench.BaseId }, null, (temporary, lineage) => SleepJson.Write(Path.Combine(temporary, MorningManifest.FileName), new MorningManifest
        {
            Owner = LifeJournal.Owner,
            Model = bench.Name,
            BaseId = bench.BaseId,
            NightsSinceRebuild = number - 1,
            Seed = 0,
            StudyHash = "",
            AdapterHash = lineage.Id,
            JournalSequence = number,
            Facts = facts,
            Lessons = [],
            Sources = [],
            Options = bench.Night,
        }));
        mornings.Promote(number);
    }
}
