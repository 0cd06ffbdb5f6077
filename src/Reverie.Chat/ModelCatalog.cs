using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Chat;

/// <summary>
/// The models of a workspace by name, loaded when they are first asked for, and their adapters. Those that were used longest ago are
/// unloaded where there are too many. Any thread may call it.
/// </summary>
public sealed class ModelCatalog : IAsyncDisposable
{
    /// <summary>Stands between a model and an adapter in a name.</summary>
    public const char AdapterSeparator = '+';

    private readonly Workspace _workspace;
    private readonly ModelCatalogOptions _options;
    private readonly Engine _engine;
    private readonly Dictionary<string, LoadedModel> _loaded = [];
    private long _clock;
    private bool _disposed;

    /// <summary>Opens a catalog; nothing is loaded yet.</summary>
    /// <param name="workspace">Where the models are; null for the default one.</param>
    /// <param name="options">How they are loaded and served; null for the defaults.</param>
    public ModelCatalog(Workspace? workspace = null, ModelCatalogOptions? options = null)
    {
        (_workspace, _options) = (workspace ?? new Workspace(), options ?? new ModelCatalogOptions());
        _engine = new Engine(_options.Threads);
    }

    /// <summary>The model where a request names none: the one that was asked for, or the one that was made last; null where there is none.</summary>
    public string? Default => _options.Default ?? _workspace.Models().Where(m => m.IsCurrent).MaxBy(m => Directory.GetLastWriteTimeUtc(m.Folder))?.Name;

    /// <summary>The models behind the chat interface of .NET.</summary>
    /// <param name="model">Where a request names none; null for <see cref="Default"/>.</param>
    public ReverieChatClient ChatClient(string? model = null) => new(this, model);

    /// <summary>The models behind the embedding interface of .NET.</summary>
    /// <param name="model">Where a request names none; null for <see cref="Default"/>.</param>
    public ReverieEmbeddingGenerator EmbeddingGenerator(string? model = null) => new(this, model);

    /// <summary>All that can be asked for: each model by its name, its other versions, and the adapters that fit.</summary>
    public IReadOnlyList<ServedModel> Models()
    {
        var models = new List<ServedModel>();
        foreach (ModelVersion version in _workspace.Models())
        {
            string id = version.IsCurrent ? version.Name : $"{version.Name}@{version.Version}";
            Add(id, version.Folder);
        }

        if (_options.Default is { } chosen && models.All(m => m.Id != chosen)) Add(chosen, _workspace.Resolve(chosen));
        return models;

        void Add(string id, string folder)
        {
            Lineage? lineage;
            try
            {
                lineage = Checkpoint.ReadLineage(folder);
            }
            catch (ReverieException)
            {
                // A damaged one is told about by who asks for it; the others are listed.
                return;
            }

            DateTime created = lineage?.Created ?? File.GetLastWriteTimeUtc(folder);
            models.Add(new ServedModel(id, created, null, IsLoaded(folder)));
            models.AddRange(AdaptersOf(lineage?.Id).Select(a => new ServedModel($"{id}{AdapterSeparator}{a.Name}", a.Created, id, IsLoaded(folder))));
        }
    }

    /// <summary>Takes a model into use, and loads it first where it is not there.</summary>
    /// <param name="id">As <see cref="ServedModel.Id"/> has it, or a folder or file where <see cref="ModelCatalogOptions.Default"/> names it; null for <see cref="Default"/>.</param>
    /// <param name="cancel">Leaves the waiting; the loading goes on.</param>
    /// <exception cref="ModelNotFoundException">There is no such model or adapter.</exception>
    /// <exception cref="ReverieException">The model or the adapter is damaged.</exception>
    public async ValueTask<ModelLease> OpenAsync(string? id, CancellationToken cancel = default)
    {
        id = string.IsNullOrEmpty(id) ? Default ?? throw new ModelNotFoundException($"There are no models in {_workspace.Root}. Make one with \"reverie raise\".") : id;
        (string name, string? adapter) = Split(id);
        string folder = FolderOf(name);
        LoadedModel loaded;
        List<LoadedModel> old;
        lock (_loaded)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_loaded.TryGetValue(folder, out loaded!)) _loaded.Add(folder, loaded = new LoadedModel(ChatModel.LoadAsync(_engine, folder, _options.Model), _options.MaxAdapters));
            loaded.Take(++_clock);
            old = TakeOld();
        }

        foreach (LoadedModel model in old) await model.DisposeAsync().ConfigureAwait(false);
        LoadedAdapter? weights = null;
        try
        {
            ChatModel model = await loaded.Model.WaitAsync(cancel).ConfigureAwait(false);
            if (adapter is null) return new ModelLease(model, null, null, () => Release(folder, loaded, null));
            string adapterFolder = AdapterFolder(adapter, model);
            lock (_loaded) weights = loaded.TakeAdapter(adapter, adapterFolder);
            return new ModelLease(model, await weights.Weights.WaitAsync(cancel).ConfigureAwait(false), adapter, () => Release(folder, loaded, weights));
        }
        catch
        {
            Release(folder, loaded, weights);
            throw;
        }
    }

    /// <summary>Ends all replies and frees all models.</summary>
    public async ValueTask DisposeAsync()
    {
        LoadedModel[] all;
        lock (_loaded)
        {
            if (_disposed) return;
            _disposed = true;
            all = [.. _loaded.Values];
            _loaded.Clear();
        }

        foreach (LoadedModel model in all) await model.DisposeAsync().ConfigureAwait(false);
        _engine.Dispose();
    }

    private bool IsLoaded(string folder)
    {
        lock (_loaded) return _loaded.TryGetValue(folder, out LoadedModel? loaded) && loaded.Model.IsCompletedSuccessfully;
    }

    private void Release(string folder, LoadedModel loaded, LoadedAdapter? adapter)
    {
        lock (_loaded)
        {
            loaded.Give(adapter);

            // One that could not be loaded may be there at the next try.
            if (loaded.Model.IsFaulted && _loaded.GetValueOrDefault(folder) == loaded) _loaded.Remove(folder);
        }
    }

    /// <summary>Takes those out that are too many and in nobody's use.</summary>
    private List<LoadedModel> TakeOld()
    {
        List<LoadedModel> old = [];
        foreach ((string folder, LoadedModel model) in _loaded.Where(m => m.Value.IsIdle).OrderBy(m => m.Value.LastUsed).Take(Math.Max(0, _loaded.Count - _options.MaxLoaded)).ToArray())
        {
            _loaded.Remove(folder);
            old.Add(model);
        }

        return old;
    }

    private static (string Name, string? Adapter) Split(string id)
    {
        int at = id.IndexOf(AdapterSeparator, StringComparison.Ordinal);
        return at < 0 ? (id, null) : (id[..at], id[(at + 1)..]);
    }

    /// <summary>Only names of the workspace: a request must not be able to name a file of the machine.</summary>
    private string FolderOf(string name)
    {
        if (_options.Default is { } chosen && name == Split(chosen).Name) return _workspace.Resolve(name);
        foreach (ModelVersion version in _workspace.Models())
            if ((version.IsCurrent && version.Name == name) || $"{version.Name}@{version.Version}" == name) return version.Folder;
        throw new ModelNotFoundException($"There is no model \"{Printable(name)}\". There are: {string.Join(", ", Models().Select(m => m.Id).Take(20))}.");
    }

    private string AdapterFolder(string name, ChatModel model) => AdaptersOf(model.Hash.Length > 0 ? model.Hash : null).FirstOrDefault(a => a.Name == name).Folder
        ?? throw new ModelNotFoundException($"There is no adapter \"{Printable(name)}\" for {model.Id}. Put it into {_workspace.AdaptersFolder} in PEFT's layout.");

    /// <summary>The adapters that were made for a model, or for one that nobody knows.</summary>
    private IEnumerable<(string Name, string Folder, DateTime Created)> AdaptersOf(string? model)
    {
        foreach ((string name, string folder) in _options.Adapters.Select(a => (a.Key, a.Value)).Concat(WorkspaceAdapters()))
        {
            Lineage? lineage = null;
            try
            {
                lineage = Checkpoint.ReadLineage(folder);
            }
            catch (ReverieException)
            {
                // As above.
                continue;
            }

            if (lineage?.Parent is { } parent && model is not null && parent != model) continue;
            yield return (name, folder, lineage?.Created ?? File.GetLastWriteTimeUtc(folder));
        }
    }

    private IEnumerable<(string Name, string Folder)> WorkspaceAdapters()
    {
        if (!Directory.Exists(_workspace.AdaptersFolder)) yield break;
        foreach (string folder in Directory.GetDirectories(_workspace.AdaptersFolder).Order(StringComparer.Ordinal))
        {
            if (IsAdapter(folder)) yield return (Path.GetFileName(folder), folder);
            foreach (string version in Directory.GetDirectories(folder).Where(IsAdapter).Order(StringComparer.Ordinal))
                yield return ($"{Path.GetFileName(folder)}/{Path.GetFileName(version)}", version);
        }
    }

    private static bool IsAdapter(string folder) => File.Exists(Path.Combine(folder, Adapter.ConfigFileName));

    private static string Printable(string text) => new([.. text.Take(80).Select(c => char.IsControl(c) ? ' ' : c)]);
}
