using Reverie.Models;

namespace Reverie.Chat;

/// <summary>A model in memory, or on the way there, with the adapters that were asked for. Its counts belong to the catalog's lock.</summary>
internal sealed class LoadedModel(Task<ChatModel> model) : IAsyncDisposable
{
    private readonly Dictionary<string, Task<Adapter>> _adapters = [];
    private int _users;

    /// <summary>The model.</summary>
    public Task<ChatModel> Model => model;

    /// <summary>The clock of the last use.</summary>
    public long LastUsed { get; private set; }

    /// <summary>Whether nobody uses it.</summary>
    public bool IsIdle => _users == 0 && model.IsCompleted;

    /// <summary>Another user.</summary>
    public void Take(long clock) => (_users, LastUsed) = (_users + 1, clock);

    /// <summary>A user less.</summary>
    public void Give() => _users--;

    /// <summary>An adapter, read at its first use.</summary>
    public Task<Adapter> AdapterAsync(string name, string folder)
    {
        lock (_adapters)
        {
            if (!_adapters.TryGetValue(name, out Task<Adapter>? adapter) || adapter.IsFaulted)
                _adapters[name] = adapter = LoadAsync(folder);
            return adapter;
        }
    }

    /// <summary>Frees the model and its adapters.</summary>
    public async ValueTask DisposeAsync()
    {
        if (model.IsCompletedSuccessfully || !model.IsCompleted) await (await model.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        foreach (Task<Adapter> adapter in _adapters.Values.Where(a => a.IsCompletedSuccessfully)) (await adapter.ConfigureAwait(false)).Dispose();
    }

    private async Task<Adapter> LoadAsync(string folder)
    {
        ChatModel loaded = await model.ConfigureAwait(false);
        return await Task.Run(() => Adapter.Load(folder, loaded.Transformer, loaded.Hash.Length > 0 ? loaded.Hash : null)).ConfigureAwait(false);
    }
}
