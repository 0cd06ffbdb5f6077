using System.Diagnostics;
using System.Globalization;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Sleep.Tests;

/// <summary>Whole nights under <c>kill -9</c>: triage, study, exams, gates and all. <c>REVERIE_KILLS=50</c> kills as often as docs/sleep.md says.</summary>
public sealed class NightKillTests
{
    private const string Variable = "REVERIE_TESTS_NIGHT_IN", Sleeping = "the night begins";

    [Fact]
    public async Task Whenever_a_night_is_killed_yesterdays_morning_speaks_and_the_next_night_finishes()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { } place)
        {
            Console.WriteLine(Sleeping);
            await SleepAsync(place);
            return;
        }

        Workspace workspace = SmallNights.Workspace();
        try
        {
            var random = new RandomStream((ulong)Environment.ProcessId, "kills");
            int kills = int.TryParse(Environment.GetEnvironmentVariable("REVERIE_KILLS"), NumberStyles.None, CultureInfo.InvariantCulture, out int asked) ? asked : 3, within = 0;
            await using (var journal = SqliteJournal.Open(JournalOf(workspace.Root))) await journal.SetConsentAsync(Diary.Ada, true, "yes");
            await TellAsync(workspace.Root, 0);
            long started = Stopwatch.GetTimestamp();
            Assert.Equal(NightOutcome.Promoted, (await SleepAsync(workspace.Root)).Outcome);
            TimeSpan whole = Stopwatch.GetElapsedTime(started);
            for (int kill = 1; kill <= kills; kill++)
            {
                Morning yesterday = Current(workspace);
                await TellAsync(workspace.Root, kill);
                await KilledProcess.RunAsync(typeof(NightKillTests), nameof(Whenever_a_night_is_killed_yesterdays_morning_speaks_and_the_next_night_finishes), Variable, workspace.Root, random.NextDouble() * whole, line => line.Contains(Sleeping, StringComparison.Ordinal));
                Morning there = Current(workspace);
                Assert.True(there.Number == yesterday.Number ? there.AdapterHash == yesterday.AdapterHash : there.Number > yesterday.Number);
                if (there.Number == yesterday.Number) within++;

                MorningReport next = await SleepAsync(workspace.Root);
                Assert.Equal(there.Number == yesterday.Number ? NightOutcome.Promoted : NightOutcome.NothingNew, next.Outcome);
                Assert.Contains(MorningManifest.Read(Current(workspace).Folder).Facts, f => f.Value == Name(kill));
                Assert.Empty(Directory.GetFileSystemEntries(workspace.AdaptersOf(Diary.Ada).Folder, "*.tmp"));
            }

            Assert.True(within > 0 || kills < 10, "No night was killed before its end.");
        }
        finally
        {
            Directory.Delete(workspace.Root, recursive: true);
        }
    }

    private static Morning Current(Workspace workspace)
    {
        using Checkpoint small = Checkpoint.Load(workspace.Resolve("small"));
        Morning morning = new Mornings(workspace, Diary.Ada).Current(small.Lineage!.Id)!;
        Checkpoint.Verify(morning.Folder);
        using Adapter adapter = Adapter.Load(morning.Folder, small.Transformer, small.Lineage.Id);
        return morning;
    }

    private static async Task<MorningReport> SleepAsync(string folder)
    {
        using var sleeper = new Sleeper(new Workspace(folder), "small", SmallNights.Options);
        await using var journal = SqliteJournal.Open(JournalOf(folder));
        return await sleeper.SleepAsync(journal, Diary.Ada);
    }

    private static async Task TellAsync(string folder, int kill)
    {
        await using var journal = SqliteJournal.Open(JournalOf(folder));
        Conversation conversation = await journal.CreateConversationAsync(Diary.Ada, new ConversationDetails { Title = "talk" });
        await journal.AppendAsync(Diary.Ada, conversation.Id, new NewMessage { Role = Role.User, Parts = [MessagePart.Typed($"My dog is called {Name(kill)}.")] });
    }

    private static string Name(int kill) => "Ruf" + string.Concat(kill.ToString(CultureInfo.InvariantCulture).Select(digit => (char)('a' + (digit - '0'))));

    private static string JournalOf(string folder) => Path.Combine(folder, "journal.db");
}
