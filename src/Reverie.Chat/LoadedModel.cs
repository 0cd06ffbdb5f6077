using Reverie.Models;

namespace Reverie.Chat;

/// <summary>A model in memory, or on the way there, with the adapters that were asked for. Its counts belong to the catalog's lock.</summary>
/// <param name="model">The model.</param>
/// <param name="maxAdapters">Adapters that stay in memory without a user.</param>
internal sealed class LoadedModel(Task<ChatModel> model, int maxAdapters) : IAsyncDisposable
{
    // In the order of their last use.
    private readonly List<LoadedAdapter> _adapters = [];
    private int _users;

    /// <summary>The model.</summary>
    public Task<ChatModel> Model => model;

    /// <summary>The clock of the last use.</summary>
    public long LastUsed { get; private set; }

    /// <summary>Whether nobody uses it.</summary>
    public bool IsIdle => _users == 0 && model.IsCompleted;

    /// <summary>Another user.</summary>
    public void Take(long clock) => (_users, LastUsed) = (_users + 1, clock);

    /// <summary>A user less, of the model and of the adapter that came with it.</summary>
    public void Give(LoadedAdapter? adapter)
    {
        _users--;
        if (adapter is not null) adapter.Users--;
        TakeOld();
    }

    /// <summary>Another user of an adapter, which is read at its first use and again where too many others were used since.</summary>
    public LoadedAdapter TakeAdapter(string name, IReadOnlyList<string> layers)
    {
        LoadedAdapter? adapter = _adapters.Find(a => a.Name == name && !a.Weights.IsFaulted);
        if (adapter is null) adapter = new LoadedAdapter(name, LoadAsync(layers));
        else _adapters.Remove(adapter);
        _adapters.Add(adapter);
        adapter.Users++;
        TakeOld();
        return adapter;
    }

    /// <summary>The adapters that nobody uses.</summary>
    public IEnumerable<string> IdleAdapters => _adapters.Where(a => a.IsIdle).Select(a => a.Name);

    /// <summary>Frees an adapter if nobody uses it.</summary>
    public void Free(string name) => Free(_adapters.FindIndex(a => a.Name == name && a.IsIdle));

    /// <summary>Frees the model and its adapters.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!model.IsFaulted && !model.IsCanceled) await (await model.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        foreach (LoadedAdapter adapter in _adapters) adapter.Dispose();
    }

    private void TakeOld()
    {
        int idle = _adapters.Count(a => a.IsIdle);
        for (int i = 0; i < _adapters.Count && idle > maxAdapters; i++)
        {
            if (!_adapters[i].IsIdle) continue;
            Free(i--);
            idle--;
        }
    }

    private void Free(int adapter)
    {
        if (adapter < 0) return;
        _adapters[adapter].Dispose();
        _adapters.RemoveAt(adapter);
    }

    private async Task<Adapter> LoadAsync(IReadOnlyList<string> layers)
    {
        ChatModel loaded = await model.ConfigureAwait(false);
        return await Task.Run(() => Adapter.LoadLayers(layers, loaded.Transformer, loaded.Hash.Length > 0 ? loaded.Hash : null)).ConfigureAwait(false);
    }
}
