using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Chat;

/// <summary>
/// The models of a workspace by name, loaded when they are first asked for, and their adapters. Those that were used longest ago are
/// unloaded where there are too many. Any thread may call it.
/// </summary>
/// <remarks>
/// A model that is named alone wears for each person the one of her own adapters that is current (<see cref="PersonalAdapters"/>), as the pointer
/// says at that moment, together with the company's that it stands on; the company's alone for who has none. <c>MODEL+none</c> wears none and
/// <c>MODEL+owner/n</c> a given one. For others these do not exist.
/// </remarks>
public sealed partial class ModelCatalog : IAsyncDisposable
{
    /// <summary>Stands between a model and an adapter in a name.</summary>
    public const char AdapterSeparator = '+';

    /// <summary>The adapter's name that means none, whoever asks.</summary>
    public const string NoAdapter = "none";

    private static readonly TimeSpan _sweepInterval = TimeSpan.FromSeconds(5);

    private readonly Workspace _workspace;
    private readonly ModelCatalogOptions _options;
    private readonly Engine _engine;
    private readonly Dictionary<string, LoadedModel> _loaded = [];
    private readonly Timer _sweep;
    private long _clock;
    private bool _disposed;

    /// <summary>Opens a catalog; nothing is loaded yet.</summary>
    /// <param name="workspace">Where the models are; null for the default one.</param>
    /// <param name="options">How they are loaded and served; null for the defaults.</param>
    /// <exception cref="ReverieException">An adapter has a name that cannot be asked for.</exception>
    public ModelCatalog(Workspace? workspace = null, ModelCatalogOptions? options = null)
    {
        (_workspace, _options) = (workspace ?? new Workspace(), options ?? new ModelCatalogOptions());
        if (_options.Adapters.Keys.FirstOrDefault(n => n == NoAdapter || n.Contains(PersonalAdapters.Separator)) is { } odd)
            throw new ReverieException($"An adapter for everybody cannot be called \"{Printable(odd)}\". Choose a name other than {NoAdapter} and without {PersonalAdapters.Separator}.");
        _engine = new Engine(_options.Threads);
        _sweep = new Timer(static catalog => ((ModelCatalog)catalog!).Sweep(), this, _sweepInterval, _sweepInterval);
    }

    /// <summary>The model where a request names none: the one that was asked for, or the one that was made last; null where there is none.</summary>
    public string? Default => _options.Default ?? _workspace.Models().Where(m => m.IsCurrent).MaxBy(m => Directory.GetLastWriteTimeUtc(m.Folder))?.Name;

    /// <summary>What the loaded models have to do at this moment, all together.</summary>
    public ModelLoad Load
    {
        get
        {
            lock (_loaded)
                return _loaded.Values.Where(m => m.Model.IsCompletedSuccessfully).Select(m => m.Model.Result.Generator)
                    .Aggregate(new ModelLoad(0, 0, 0, 0), (sum, g) => new ModelLoad(sum.Running + g.PendingCount - g.WaitingCount, sum.Waiting + g.WaitingCount, sum.UsedPages + g.UsedPages, sum.Pages + g.Pages));
        }
    }

    /// <summary>The models behind the chat interface of .NET.</summary>
    /// <param name="model">Where a request names none; null for <see cref="Default"/>.</param>
    /// <param name="owner">Who asks where a request does not say so by <see cref="ReverieChatOptions.Owner"/>; null for nobody in particular.</param>
    public ReverieChatClient ChatClient(string? model = null, string? owner = null) => new(this, model, owner);

    /// <summary>The models behind the embedding interface of .NET.</summary>
    /// <param name="model">Where a request names none; null for <see cref="Default"/>.</param>
    public ReverieEmbeddingGenerator EmbeddingGenerator(string? model = null) => new(this, model);

    /// <summary>All that can be asked for: each model by its name, its other versions, and the adapters that fit.</summary>
    /// <param name="owner">Who asks: her own adapters are listed too, newest first, and nobody else's. Null for nobody in particular.</param>
    public IReadOnlyList<ServedModel> Models(string? owner = null)
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
            if (!TryReadLineage(folder, out Lineage? lineage)) return;
            DateTime created = lineage?.Created ?? File.GetLastWriteTimeUtc(folder);
            models.Add(new ServedModel(id, created, null, IsLoaded(folder)));
            models.AddRange(AdaptersOf(lineage?.Id).Select(a => Worn(a.Name, a.Created, isCurrent: false)));
            if (PersonalAdaptersOf(owner, lineage?.Id).ToArray() is not { Length: > 0 } hers) return;
            string? current = TryCurrentOf(owner, lineage!.Id);
            models.AddRange(hers.Select(a => Worn(a.Name, a.Created, a.Name == current)));
            models.Add(Worn(NoAdapter, created, current == NoAdapter));

            ServedModel Worn(string adapter, DateTime made, bool isCurrent) => new(NameOf(id, adapter), made, id, IsLoaded(folder), isCurrent);
        }
    }

    /// <summary>Takes a model into use, and loads it first where it is not there.</summary>
    /// <param name="id">As <see cref="ServedModel.Id"/> has it, or a folder or file where <see cref="ModelCatalogOptions.Default"/> names it; null for <see cref="Default"/>.</param>
    /// <param name="owner">Who asks, see the class; null for nobody in particular, for whom no personal adapter exists.</param>
    /// <param name="cancel">Leaves the waiting; the loading goes on.</param>
    /// <exception cref="ModelNotFoundException">There is no such model or adapter.</exception>
    /// <exception cref="ReverieException">The model or the adapter is damaged.</exception>
    public async ValueTask<ModelLease> OpenAsync(string? id, string? owner = null, CancellationToken cancel = default)
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
            while (true)
            {
                string worn = adapter ?? CurrentOf(owner, model.Hash);
                if (worn == NoAdapter) return new ModelLease(model, null, null, [], () => Release(folder, loaded, null));
                try
                {
                    IReadOnlyList<string> layers = AdapterFolders(worn, owner, model);
                    lock (_loaded) weights = loaded.TakeAdapter(worn, layers);
                    LoadedAdapter taken = weights;
                    return new ModelLease(model, await weights.Weights.WaitAsync(cancel).ConfigureAwait(false), worn, layers, () => Release(folder, loaded, taken));
                }
                catch (Exception e) when (e is ReverieException or IOException && adapter is null && CurrentOf(owner, model.Hash) != worn)
                {
                    // It was deleted after the pointer had been read; the pointer had been moved before.
                    lock (_loaded)
                        if (weights is not null) weights.Users--;
                    weights = null;
                }
            }
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

        await _sweep.DisposeAsync().ConfigureAwait(false);
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

    /// <summary>How a model is named that wears an adapter.</summary>
    /// <param name="model">The model.</param>
    /// <param name="adapter">The adapter; null leaves it to the model.</param>
    public static string NameOf(string model, string? adapter) => adapter is null ? model : $"{model}{AdapterSeparator}{adapter}";

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

    private static string Printable(string text) => new([.. text.Take(80).Select(c => char.IsControl(c) ? ' ' : c)]);
}
