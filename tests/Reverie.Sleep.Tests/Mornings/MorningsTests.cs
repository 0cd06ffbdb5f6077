using System.Collections.Concurrent;
using CsCheck;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Sleep.Tests;

public sealed class MorningsTests : IDisposable
{
    private const string Ada = "ada@example.com";

    private static readonly string[] _bases = [new string('a', 64), new string('b', 64)];

    private readonly string _root = Directory.CreateTempSubdirectory("reverie-mornings").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static string Base(int index = 0) => _bases[index];

    /// <summary>A workspace of its own.</summary>
    private Workspace NewWorkspace() => new(Path.Combine(_root, Guid.NewGuid().ToString("N")));

    private static int Make(Mornings mornings, int index = 0)
    {
        (int number, string folder) = mornings.Next();
        Save(folder, index, (ulong)number);
        return number;
    }

    private static void Save(string folder, int index, ulong seed)
    {
        using Transformer transformer = SmallModels.Transformer(SmallModels.Config(layers: 1));
        using Adapter adapter = SmallModels.Adapter(transformer, rank: 1, seed: seed);
        adapter.Save(folder, SmallModels.Lineage(Ada) with { Parent = Base(index) });
    }

    [Fact]
    public void A_morning_says_what_it_is_and_which_one_speaks()
    {
        Workspace workspace = NewWorkspace();
        var mornings = new Mornings(workspace, Ada);
        Assert.Empty(mornings.List());
        Assert.Null(mornings.Current(Base()));
        foreach (int index in new[] { 0, 0, 1, 0 }) Make(mornings, index);
        File.WriteAllText(Path.Combine(mornings.List()[0].Folder, "report.html"), "<p>Good morning");
        File.WriteAllText(Path.Combine(mornings.List()[0].Folder, Morning.ReportFileName), """{"verdict":"promoted","gates":[]}""");
        File.WriteAllText(Path.Combine(mornings.List()[1].Folder, Morning.ReportFileName), "[");
        Assert.Equal([4, 3, 2, 1], mornings.List().Select(m => m.Number));
        Assert.Equal([4, 2, 1], mornings.List(Base()).Select(m => m.Number));
        Assert.Equal(["promoted", null, null, null], mornings.List().Select(m => m.ReadVerdict()));
        Morning promoted = mornings.Promote(4);
        Assert.Equal((Ada, 4, Base(), true, false), (promoted.Owner, promoted.Number, promoted.BaseId, promoted.IsCurrent, promoted.IsPinned));
        Assert.Equal(Checkpoint.ReadLineage(promoted.Folder)!.Id, promoted.AdapterHash);
        Assert.Equal(Path.Combine(workspace.AdaptersFolder, Ada, "4"), promoted.Folder);
        Assert.Equal(promoted, mornings.Current(Base()));
        Assert.Equal(4, mornings.List().Select(m => m.AdapterHash).Distinct().Count());
        Assert.Null(mornings.Current(Base(1)));
        mornings.Promote(3);
        Assert.Equal([true, true, false, false], mornings.List().Select(m => m.IsCurrent));
        Assert.Empty(new Mornings(workspace, "bob").List());
        Assert.False(Directory.Exists(workspace.AdaptersOf("bob").Folder));
    }

    [Fact]
    public void What_is_pinned_stays_and_the_night_is_told_why()
    {
        var mornings = new Mornings(NewWorkspace(), Ada);
        for (int i = 0; i < 3; i++) Make(mornings);
        mornings.Promote(2);
        mornings.Pin(Base(), 2);
        Assert.Contains("Morning 2 is pinned", Assert.Throws<ReverieException>(() => mornings.Promote(3)).Message, StringComparison.Ordinal);
        Assert.True(mornings.Promote(2).IsPinned);
        Assert.Equal((1, true), (mornings.Rewind(Base())!.Number, mornings.IsPinned(Base())));
        Assert.Null(mornings.Pin(Base(), 0));
        Assert.Contains("The model alone is pinned", Assert.Throws<ReverieException>(() => mornings.Promote(3)).Message, StringComparison.Ordinal);
        mornings.Unpin(Base());
        Assert.Null(mornings.Current(Base()));
        Assert.Equal(3, mornings.Promote(3).Number);
        Assert.Equal([2, 1, 0], new[] { mornings.Rewind(Base()), mornings.Rewind(Base()), mornings.Rewind(Base()) }.Select(m => m?.Number ?? 0));
        Assert.Contains("nothing before", Assert.Throws<ReverieException>(() => mornings.Rewind(Base())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_speaks_that_is_not_what_it_was()
    {
        var mornings = new Mornings(NewWorkspace(), Ada);
        for (int i = 0; i < 4; i++) Make(mornings);
        Make(mornings, index: 1);
        mornings.Promote(1);
        Morning[] made = [.. mornings.List()];
        string weights = Path.Combine(made.Single(m => m.Number == 2).Folder, Adapter.FileNames[0]);
        byte[] bytes = File.ReadAllBytes(weights);
        bytes[^1] ^= 1;
        File.WriteAllBytes(weights, bytes);
        File.Delete(Path.Combine(made.Single(m => m.Number == 3).Folder, Adapter.FileNames[0]));
        File.Delete(Path.Combine(made.Single(m => m.Number == 4).Folder, Lineage.FileName));
        foreach (int number in new[] { 2, 3, 4, 6, -1 })
        {
            Assert.Throws<ReverieException>(() => mornings.Pin(Base(), number));
            Assert.Throws<ReverieException>(() => mornings.Rewind(Base(), number));
            Assert.Throws<ReverieException>(() => mornings.Promote(number));
        }

        Assert.Contains("another model", Assert.Throws<ReverieException>(() => mornings.Pin(Base(), 5)).Message, StringComparison.Ordinal);
        Assert.Throws<ReverieException>(() => mornings.Promote(0));
        Assert.Equal((1, false), (mornings.Current(Base())!.Number, mornings.IsPinned(Base())));
        Assert.Equal([5, 3, 2, 1], mornings.List().Select(m => m.Number));
        Assert.True(mornings.Delete(4));
        Assert.Equal(6, mornings.Next().Number);
    }

    [Fact]
    public void What_a_killed_night_left_is_no_morning_and_goes()
    {
        var mornings = new Mornings(NewWorkspace(), Ada);
        Make(mornings);
        mornings.Promote(1);
        string folder = Path.GetDirectoryName(mornings.List()[0].Folder)!;
        // Killed while it wrote the second morning, the pointer, and while it erased the third.
        (int number, string second) = mornings.Next();
        Save(second, 0, 2);
        Directory.Move(second, $"{second}.{int.MaxValue}.tmp");
        File.WriteAllText(Path.Combine(folder, $"current.{Base()[..16]}.{int.MaxValue}.tmp"), "2");
        Save(Path.Combine(folder, "3"), 0, 3);
        Directory.Move(Path.Combine(folder, "3"), Path.Combine(folder, $"3.{int.MaxValue}.tmp"));
        Assert.Equal([1], mornings.List().Select(m => m.Number));
        Assert.Equal(1, mornings.Current(Base())!.Number);
        Assert.Equal(number + 1, mornings.Next().Number);
        Assert.Equal(["1", $"current.{Base()[..16]}", "last", "lock"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Nobody_gets_a_number_twice_whoever_asks_at_once()
    {
        Workspace workspace = NewWorkspace();
        var numbers = new ConcurrentBag<int>();
        Parallel.For(0, 40, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            var mornings = new Mornings(workspace, Ada);
            (int number, string folder) = mornings.Next();
            numbers.Add(number);
            if (i % 4 != 0) return;
            Save(folder, 0, (ulong)number);
            mornings.Promote(number);
            mornings.Delete(number);
        });
        Assert.Equal(Enumerable.Range(1, 40), numbers.Order());
        Assert.Null(new Mornings(workspace, Ada).Current(Base()));
        Assert.Equal(41, new Mornings(workspace, Ada).Next().Number);
    }

    [Theory]
    [InlineData("../alice")]
    [InlineData("")]
    [InlineData("a/b")]
    public void A_name_that_is_no_users_has_none(string owner) => Assert.Throws<ReverieException>(() => new Mornings(NewWorkspace(), owner));

    private enum Act
    {
        Make,
        Promote,
        Pin,
        Unpin,
        Rewind,
        RewindTo,
        Delete,
        Prune,
    }

    [Fact]
    public void Any_sequence_of_changes_does_what_it_says()
    {
        string[] templates = [Path.Combine(_root, "template-0"), Path.Combine(_root, "template-1")];
        for (int i = 0; i < templates.Length; i++) Save(templates[i], i, 1);
        Gen.Select(Gen.Enum<Act>(), Gen.Int[0, 9], Gen.Int[0, 1]).Array[1, 40].Sample(acts =>
        {
            Workspace workspace = NewWorkspace();
            var state = new Expected();
            foreach ((Act act, int number, int index) in acts)
            {
                // Each as another process would.
                var mornings = new Mornings(workspace, Ada);
                bool done = true;
                try
                {
                    switch (act)
                    {
                        case Act.Make:
                            string folder = mornings.Next().Folder;
                            Directory.CreateDirectory(folder);
                            foreach (string file in Directory.GetFiles(templates[index])) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
                            break;
                        case Act.Promote:
                            mornings.Promote(number);
                            break;
                        case Act.Pin:
                            mornings.Pin(Base(index), number);
                            break;
                        case Act.Unpin:
                            mornings.Unpin(Base(index));
                            break;
                        case Act.Rewind:
                            mornings.Rewind(Base(index));
                            break;
                        case Act.RewindTo:
                            mornings.Rewind(Base(index), number);
                            break;
                        case Act.Delete:
                            done = mornings.Delete(number);
                            break;
                        case Act.Prune:
                            mornings.Prune(number);
                            break;
                    }
                }
                catch (ReverieException)
                {
                    done = false;
                }

                Assert.Equal(state.Do(act, number, index), done);
                Assert.Equal(state.There.Keys.Reverse(), mornings.List().Select(m => m.Number));
                for (int i = 0; i < 2; i++)
                {
                    Assert.Equal(state.Pointers[i], (mornings.Current(Base(i))?.Number ?? 0, mornings.IsPinned(Base(i))));
                    Assert.Equal(state.Pointers[i].Number == 0 ? [] : [state.Pointers[i]], mornings.List(Base(i)).Where(m => m.IsCurrent).Select(m => (m.Number, m.IsPinned)));
                }
            }

            if (Directory.Exists(workspace.Root)) Directory.Delete(workspace.Root, recursive: true);
        }, iter: 60, threads: 1);
    }

    /// <summary>What should be there after each act, in memory.</summary>
    private sealed class Expected
    {
        private int _last;

        /// <summary>The mornings, each with its model.</summary>
        public SortedDictionary<int, int> There { get; } = [];

        public (int Number, bool IsPinned)[] Pointers { get; } = new (int, bool)[2];

        public bool Do(Act act, int number, int index)
        {
            bool fits = number == 0 || (There.TryGetValue(number, out int its) && its == index);
            switch (act)
            {
                case Act.Make:
                    There[++_last] = index;
                    return true;
                case Act.Promote:
                    if (!There.TryGetValue(number, out int model)) return false;
                    if (Pointers[model] is { IsPinned: true } pinned) return pinned.Number == number;
                    Pointers[model] = (number, false);
                    return true;
                case Act.Pin:
                    if (fits) Pointers[index] = (number, true);
                    return fits;
                case Act.Unpin:
                    Pointers[index].IsPinned = false;
                    return true;
                case Act.Rewind:
                    if (Pointers[index].Number == 0) return false;
                    Pointers[index].Number = There.Where(m => m.Value == index && m.Key < Pointers[index].Number).Select(m => m.Key).LastOrDefault();
                    return true;
                case Act.RewindTo:
                    if (fits) Pointers[index].Number = number;
                    return fits;
                case Act.Delete:
                    for (int i = 0; i < 2; i++)
                        if (number > 0 && Pointers[i].Number == number) Pointers[i] = default;
                    return There.Remove(number);
                default:
                    foreach (int old in There.Keys.Reverse().Skip(number).ToArray())
                        if (Pointers.All(p => p.Number != old)) There.Remove(old);
                    return true;
            }
        }
    }
}
