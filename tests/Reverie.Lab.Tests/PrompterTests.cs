using Reverie.Models;
using Reverie.Sleep;
using Reverie.Worlds;

namespace Reverie.Lab.Tests;

public sealed class PrompterTests : IDisposable
{
    private readonly SmallWorkspace _small = new();
    private readonly SimulatedLife _life = new(5, 20);

    public void Dispose() => _small.Dispose();

    [Fact]
    public async Task Arms_see_what_they_may()
    {
        using var bench = new Bench(_small.Workspace.Resolve(SmallWorkspace.Model), SmallWorkspace.Night);
        await using LifeJournal journal = await LifeJournalTests.Write(Path.Combine(_small.Folder, "life"), _life, 6);
        LifeTruth truth = LifeTruth.After(_life, 6);
        IReadOnlyList<Message>[] questions = [.. new LabExam(truth, 1, 60).Questions().Select(q => q.Question.Prompt)];

        Assert.Equal(questions, await new PlainPrompter().WriteAsync(questions, TestContext.Current.CancellationToken));

        IReadOnlyList<IReadOnlyList<Message>> recalled = await new RecallPrompter(bench, journal.Journal, new Frozen()).WriteAsync(questions, TestContext.Current.CancellationToken);
        HashSet<string> typed = [.. Kept(6).SelectMany(t => t.Parts).SelectMany(p => p.Spans.Where(s => s.Source is Provenance.Typed).Select(s => p.Text.Substring(s.Start, s.Length)))];
        string[] memories = [.. recalled.Zip(questions).Where(p => p.First.Count > p.Second.Count).Select(p => p.First[0].Content)];
        Assert.NotEmpty(memories);
        Assert.All(memories, m => Assert.True(FactReader.Sentences(m).All(s => typed.Any(t => t.Contains(s.TrimEnd('.'), StringComparison.Ordinal))), m));

        IReadOnlyList<IReadOnlyList<Message>> full = await new FullContextPrompter(bench, journal.Journal).WriteAsync(questions, TestContext.Current.CancellationToken);
        Assert.All(full, p => Assert.True(bench.CountTokens(p) + Examiner.AnswerTokens <= bench.Model.Config.ContextLength));
        Assert.All(full.Zip(questions), p => Assert.Equal(p.Second, p.First.TakeLast(p.Second.Count)));
        Assert.Contains(full, p => p.Count > 3);
    }

    [Fact]
    public async Task Nothing_that_was_deleted_is_in_a_transcript()
    {
        await using LifeJournal journal = await LifeJournalTests.Write(Path.Combine(_small.Folder, "life"), _life, 6);
        string said = string.Join('\n', (await Transcript.ReadAsync(journal.Journal, LifeJournal.Owner, DateTimeOffset.MinValue, TestContext.Current.CancellationToken)).SelectMany(t => t.Messages).Select(m => m.Content));
        HashSet<string> kept = [.. Kept(6).SelectMany(t => t.Parts).Select(p => p.Text)];
        string[] gone = [.. _life.Until(6).SelectMany(d => d.Conversations).SelectMany(c => c.Turns).Where(t => t.Told.Count > 0).SelectMany(t => t.Parts).Select(p => p.Text).Where(t => !kept.Contains(t))];
        Assert.NotEmpty(gone);
        Assert.All(gone, g => Assert.DoesNotContain(g + "\n", said, StringComparison.Ordinal));
        Assert.Contains(LifeTruth.After(_life, 6).Habits[0].Wanted, said, StringComparison.Ordinal);
    }

    private IEnumerable<SimulatedTurn> Kept(int day)
    {
        HashSet<string> gone = [.. _life.Until(day).SelectMany(d => d.Deleted)];
        return _life.Until(day).SelectMany(d => d.Conversations).SelectMany(c => c.Turns.TakeWhile(t => !gone.Contains(t.Id)));
    }
}
