using System.Globalization;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Sleep.Tests;

/// <summary>Mornings under <c>kill -9</c>.</summary>
public sealed class MorningsKillTests
{
    private const string Variable = "REVERIE_TESTS_SLEEP_IN", Ada = "ada";

    private const int Kills = 10, Keep = 5;

    private static readonly string _base = new('c', 64);

    [Fact]
    public void A_sleeper_makes_promotes_rewinds_and_erases()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { } place)
        {
            using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
            while (true) Night(new Mornings(new Workspace(place), Ada), output);
        }

        string folder = Directory.CreateTempSubdirectory("reverie-mornings").FullName;
        try
        {
            using var lines = new StringWriter();
            var workspace = new Workspace(folder);
            for (int i = 0; i < 8; i++) Night(new Mornings(workspace, Ada), lines);
            int[] numbers = [.. lines.ToString().Split(Environment.NewLine).Select(Number).OfType<int>()];
            Assert.Equal(Enumerable.Range(1, 8), numbers);
            Check(workspace, 8);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Whenever_a_night_is_killed_a_whole_morning_speaks_and_no_number_comes_back()
    {
        string folder = Directory.CreateTempSubdirectory("reverie-mornings").FullName;
        try
        {
            var random = new RandomStream((ulong)Environment.ProcessId, "kills");
            var workspace = new Workspace(folder);
            int last = 0;
            for (int kill = 0; kill < Kills; kill++)
            {
                int next = await SleepAndKillAsync(folder, TimeSpan.FromMilliseconds(random.Next(1, 120)));
                Assert.True(next > last, $"Morning {next} came after {last}.");
                last = Check(workspace, next);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>All that changes mornings, once.</summary>
    private static void Night(Mornings mornings, TextWriter output)
    {
        // First what a night before this one may have left: one that was killed between its promotion and here.
        mornings.Prune(Keep);
        (int number, string folder) = mornings.Next();
        using Transformer transformer = SmallModels.Transformer(SmallModels.Config(layers: 1));
        using Adapter adapter = SmallModels.Adapter(transformer, rank: 1, seed: (ulong)number);
        adapter.Save(folder, SmallModels.Lineage(Ada) with { Parent = _base });
        mornings.Promote(number);
        output.WriteLine($"promoted {number}");
        if (number % 2 == 0) mornings.Rewind(_base);
        if (number % 3 == 0) mornings.Delete(number);
    }

    /// <summary>Starts this program as a sleeper and kills it a while after its first night.</summary>
    /// <returns>The last morning that it said was promoted.</returns>
    private static async Task<int> SleepAndKillAsync(string folder, TimeSpan after)
    {
        int promoted = 0;
        await KilledProcess.RunAsync(typeof(MorningsKillTests), nameof(A_sleeper_makes_promotes_rewinds_and_erases), Variable, folder, after, line =>
        {
            if (Number(line) is not { } number) return false;
            promoted = number;
            return true;
        });
        Assert.True(promoted > 0, "The sleeper promoted nothing.");
        return promoted;
    }

    /// <summary>What must be so at any instant.</summary>
    /// <returns>The next number, which is taken by asking.</returns>
    private static int Check(Workspace workspace, int promoted)
    {
        var mornings = new Mornings(workspace, Ada);
        PersonalAdapters adapters = workspace.AdaptersOf(Ada);
        Assert.Equal(adapters.Numbers.Reverse(), mornings.List().Select(m => m.Number));
        foreach (Morning morning in mornings.List())
        {
            Checkpoint.Verify(morning.Folder);
            using Transformer transformer = SmallModels.Transformer(SmallModels.Config(layers: 1));
            using var adapter = Adapter.Load(morning.Folder, transformer, _base);
        }

        AdapterPointer pointer = Assert.Single(adapters.Pointers).Value;
        Assert.True(pointer.Number == 0 || adapters.Has(pointer.Number), $"The pointer says {pointer.Number}, which is not there.");
        Assert.InRange(mornings.List().Count, 0, Keep + 2);
        int next = mornings.Next().Number;
        Assert.True(next > promoted && next > adapters.Numbers.DefaultIfEmpty(0).Max(), $"{next} was given again.");
        Assert.Empty(Directory.GetFileSystemEntries(adapters.Folder, "*.tmp"));
        return next;
    }

    private static int? Number(string line) =>
        line.Split(' ') is ["promoted", var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
}
