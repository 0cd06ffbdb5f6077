using Reverie.Models;

namespace Reverie.Chat.Tests;

/// <summary>A workspace with a model of random weights: it writes nonsense, but always the same.</summary>
public sealed class SmallWorkspace : IAsyncDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"reverie-chat-{Guid.NewGuid():N}");

    public SmallWorkspace(int context = 512, ModelCatalogOptions? options = null)
    {
        Workspace = new Workspace(_folder);
        Save("small", context, seed: 1);
        Catalog = new ModelCatalog(Workspace, (options ?? new ModelCatalogOptions { Model = new ChatModelOptions { StreamInterval = TimeSpan.Zero } }) with { Threads = 2 });
    }

    public Workspace Workspace { get; }

    public ModelCatalog Catalog { get; }

    public void Save(string name, int context = 512, ulong seed = 1)
    {
        using Transformer transformer = SmallModels.Transformer(SmallModels.Config(context: context), seed);
        (string version, string folder) = Workspace.NextVersion(name);
        Checkpoint.Save(folder, transformer, SmallModels.Tokenizer, SmallModels.Lineage(name, version));
        Workspace.SetCurrent(name, version);
    }

    /// <summary>Adds an adapter for the current version of a model.</summary>
    public void SaveAdapter(string model, string name, ulong seed = 9)
    {
        using var checkpoint = Checkpoint.Load(Workspace.Resolve(model));
        using Adapter adapter = SmallModels.Adapter(checkpoint.Transformer, seed: seed);
        adapter.Save(Path.Combine(Workspace.AdaptersFolder, name), SmallModels.Lineage(name) with { Parent = checkpoint.Lineage!.Id });
    }

    public async ValueTask DisposeAsync()
    {
        await Catalog.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
