using Reverie.Tensors;

namespace Reverie.Models.Tests.Checkpoints;

public sealed class WorkspaceTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("reverie-workspace").FullName;
    private readonly Workspace _workspace;

    public WorkspaceTests() => _workspace = new Workspace(Path.Combine(_root, "home"));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private void Save(string name)
    {
        (string version, string folder) = _workspace.NextVersion(name);
        using Transformer transformer = SmallModels.Transformer();
        Checkpoint.Save(folder, transformer, SmallModels.Tokenizer, SmallModels.Lineage(name, version));
    }

    [Fact]
    public void Versions_count_up_and_the_newest_serves_until_the_pointer_says_otherwise()
    {
        for (int i = 0; i < 11; i++) Directory.CreateDirectory(_workspace.NextVersion("ada").Folder);
        Assert.Equal("11", _workspace.Current("ada"));
        _workspace.SetCurrent("ada", "2");
        Assert.Equal("2", _workspace.Current("ada"));
        Assert.Equal(Enumerable.Range(1, 11).Select(i => $"{i}"), _workspace.Models().Select(m => m.Version));
        Assert.Equal("2", Assert.Single(_workspace.Models(), m => m.IsCurrent).Version);
        Assert.EndsWith(Path.Combine("models", "ada", "2"), _workspace.Resolve("ada"));
        Assert.EndsWith(Path.Combine("models", "ada", "10"), _workspace.Resolve("ada@10"));
    }

    [Fact]
    public void A_path_is_a_model_too()
    {
        Save("ada");
        string folder = _workspace.Resolve("ada");
        Assert.Equal(folder, _workspace.Resolve(folder));
        using var loaded = Checkpoint.Load(_workspace.Resolve("ada@1"));
        Assert.Equal("ada", loaded.Lineage!.Name);
    }

    [Fact]
    public void What_is_not_found_lists_what_is_there()
    {
        Assert.Contains("no models yet", Assert.Throws<ReverieException>(() => _workspace.Resolve("eve")).Message);
        Save("ada");
        Save("ada");
        string message = Assert.Throws<ReverieException>(() => _workspace.Resolve("eve")).Message;
        Assert.Contains("ada@1, ada.", message);
        Assert.Throws<ReverieException>(() => _workspace.Resolve("ada@7"));
        Assert.Throws<ReverieException>(() => _workspace.SetCurrent("ada", "7"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData(".hidden")]
    [InlineData("dot.")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("x.tmp")]
    [InlineData("current")]
    [InlineData("näme")]
    public void A_name_cannot_leave_the_workspace(string name)
    {
        Assert.Throws<ReverieException>(() => _workspace.NextVersion(name));
        Assert.Throws<ReverieException>(() => _workspace.Resolve(name));
        Assert.Throws<ReverieException>(() => _workspace.Resolve($"ada@{name}"));
        Assert.Throws<ReverieException>(() => _workspace.SetCurrent(name, "1"));
    }

    [Fact]
    public void Unfinished_folders_are_nobodys_model()
    {
        Directory.CreateDirectory(Path.Combine(_workspace.ModelsFolder, "ada", "1.77.tmp"));
        Assert.Empty(_workspace.Models());
        Assert.Null(_workspace.Current("ada"));
    }
}
