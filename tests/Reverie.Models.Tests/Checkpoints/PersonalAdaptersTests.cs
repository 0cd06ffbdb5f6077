using CsCheck;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Checkpoints;

public sealed class PersonalAdaptersTests : IDisposable
{
    private static readonly string _base = string.Concat(Enumerable.Repeat("0123456789abcdef", 4)), _other = new('e', 64);

    private readonly string _root = Directory.CreateTempSubdirectory("reverie-adapters").FullName;
    private readonly Workspace _workspace;

    public PersonalAdaptersTests() => _workspace = new Workspace(Path.Combine(_root, "home"));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private PersonalAdapters With(string owner, params int[] numbers)
    {
        PersonalAdapters hers = _workspace.AdaptersOf(owner);
        foreach (int number in numbers)
        {
            Directory.CreateDirectory(hers.FolderOf(number));
            File.WriteAllText(Path.Combine(hers.FolderOf(number), Adapter.ConfigFileName), "{}");
        }

        return hers;
    }

    [Fact]
    public void A_pointer_says_for_each_model_what_it_wears()
    {
        PersonalAdapters hers = With("ada", 1, 2, 10);
        Assert.Equal([1, 2, 10], hers.Numbers);
        Assert.Equal(default, hers.Current(_base));
        hers.SetCurrent(_base, new AdapterPointer(10));
        hers.SetCurrent(_other, new AdapterPointer(2, IsPinned: true));
        Assert.Equal((new AdapterPointer(10), new AdapterPointer(2, true)), (hers.Current(_base), hers.Current(_other)));
        Assert.Equal("2 pinned\n", File.ReadAllText(Path.Combine(_workspace.AdaptersFolder, "ada", "current.eeeeeeeeeeeeeeee")));
        Assert.Throws<ReverieException>(() => hers.SetCurrent(_base, new AdapterPointer(3)));
        hers.TakeOff(2);
        Assert.Equal((new AdapterPointer(10), default(AdapterPointer)), (hers.Current(_base), hers.Current(_other)));
        Assert.Equal(["0123456789abcdef", "eeeeeeeeeeeeeeee"], hers.Pointers.Keys.Order());
        hers.SetCurrent(_base, new AdapterPointer(0, IsPinned: true));
        Assert.Equal(new AdapterPointer(0, true), hers.Current(_base));
    }

    [Fact]
    public void The_company_is_nobody_and_an_adapter_knows_on_which_of_its_it_stands()
    {
        Assert.False(PersonalAdapters.IsOwner(PersonalAdapters.Company));
        PersonalAdapters company = _workspace.CompanyAdapters, ada = _workspace.AdaptersOf("Ada.");
        Assert.NotEqual(company.Folder, _workspace.AdaptersOf("company").Folder);
        using Transformer model = SmallModels.Transformer();
        using Adapter first = SmallModels.Adapter(model, seed: 1), second = SmallModels.Adapter(model, seed: 2), hers = SmallModels.Adapter(model, seed: 3);
        Lineage ground = first.Save(company.FolderOf(1), SmallModels.Lineage() with { Parent = _base });
        second.Save(company.FolderOf(2), SmallModels.Lineage() with { Parent = _base });
        hers.Save(ada.FolderOf(1), SmallModels.Lineage() with { Parent = _base });
        hers.Save(ada.FolderOf(2), SmallModels.Lineage() with { Parent = _base, Beneath = ground.Id });
        Assert.Equal(ground.Id, Checkpoint.ReadLineage(ada.FolderOf(2))!.Beneath);
        Assert.Equal(["Ada."], _workspace.AdapterOwners);
        Assert.Equal([ada.FolderOf(1)], _workspace.LayersOf(ada.FolderOf(1)));
        Assert.Equal([company.FolderOf(1), ada.FolderOf(2)], _workspace.LayersOf(ada.FolderOf(2)));
        Directory.Delete(company.FolderOf(1), recursive: true);
        Assert.Empty(_workspace.LayersOf(ada.FolderOf(2)));
    }

    [Fact]
    public void What_is_gone_or_unfinished_is_not_worn()
    {
        PersonalAdapters hers = With("ada", 1, 2);
        hers.SetCurrent(_base, new AdapterPointer(2, IsPinned: true));
        Directory.Move(hers.FolderOf(2), hers.FolderOf(2) + ".77.tmp");
        Directory.CreateDirectory(hers.FolderOf(3));
        Directory.CreateDirectory(Path.Combine(hers.Folder, "007"));
        Assert.Equal([1], hers.Numbers);
        Assert.Equal(default, hers.Current(_base));
    }

    [Fact]
    public void A_damaged_pointer_is_told_and_never_taken_for_another() => Gen.Char["0123456789 pined\n\0x-"].Array[0, 12].Select(c => new string(c)).Sample(text =>
    {
        PersonalAdapters hers = With("ada", 1);
        string path = Path.Combine(hers.Folder, "current." + _base[..16]);
        File.WriteAllText(path, text);
        try
        {
            AdapterPointer pointer = hers.Current(_base);
            string said = text.TrimEnd('\n').Replace(" pinned", "", StringComparison.Ordinal);
            Assert.True(pointer.Number.ToString() == said || (pointer == default && int.Parse(said) > 1), text);
        }
        catch (ReverieException e)
        {
            Assert.Contains(path, e.Message, StringComparison.Ordinal);
        }
    }, iter: 300, threads: 1);

    [Theory]
    [InlineData("")]
    [InlineData("../ada")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a b")]
    [InlineData("näme")]
    [InlineData("a\nb")]
    public void Such_a_name_is_nobodys(string name)
    {
        Assert.False(PersonalAdapters.IsOwner(name));
        Assert.Throws<ReverieException>(() => _workspace.AdaptersOf(name));
    }

    [Fact]
    public void Every_owner_has_a_folder_of_her_own_inside_that_of_the_adapters()
    {
        string[] owners = [".", "..", ".ada", "ada.", "ada..", "Ada", "ada", "ADA", "a.da", "ada@example.com", new string('A', 64)];
        string[] folders = [.. owners.Select(o => _workspace.AdaptersOf(o).Folder)];
        Assert.Equal(owners.Length, folders.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(folders, f => Assert.Equal(_workspace.AdaptersFolder, Path.GetDirectoryName(Path.GetFullPath(f))));
        Assert.All(folders, f => Assert.False(Path.GetFileName(f).StartsWith('.') || Path.GetFileName(f).EndsWith('.'), f));
        Assert.Equal(Path.Combine(_workspace.AdaptersFolder, "ada@example.com"), _workspace.AdaptersOf("ada@example.com").Folder);
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("../../../../../../x")]
    [InlineData("0123456789ABCDEF0123")]
    public void A_model_is_known_by_its_id(string id) => Assert.Throws<ReverieException>(() => _workspace.AdaptersOf("ada").Current(id));

    [Fact]
    public void What_a_killed_process_left_is_cleaned_up_and_what_a_living_one_writes_stays()
    {
        PersonalAdapters hers = With("ada", 1);
        string dead = Path.Combine(hers.Folder, $"2.{int.MaxValue}.tmp"), file = Path.Combine(hers.Folder, $"current.{_base[..16]}.{int.MaxValue}.tmp");
        string living = Path.Combine(hers.Folder, $"3.{Environment.ProcessId}.tmp"), before = Path.Combine(hers.Folder, $"4.{Environment.ProcessId}.tmp"), odd = Path.Combine(hers.Folder, "notes.tmp");
        foreach (string folder in new[] { dead, living, before }) File.WriteAllText(Path.Combine(Directory.CreateDirectory(folder).FullName, "x"), "x");
        File.WriteAllText(file, "2");
        File.WriteAllText(odd, "mine");
        Directory.SetLastWriteTimeUtc(before, DateTime.UtcNow.AddDays(-400));
        AtomicFolder.CleanUp(hers.Folder);
        Assert.Equal([hers.FolderOf(1), living, odd], Directory.GetFileSystemEntries(hers.Folder).Order());
        AtomicFolder.Delete(hers.FolderOf(1));
        Assert.Empty(hers.Numbers);
        Assert.Throws<ReverieException>(() => AtomicFolder.Delete(hers.FolderOf(1)));
    }
}
