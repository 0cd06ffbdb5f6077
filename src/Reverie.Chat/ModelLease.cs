using Reverie.Models;

namespace Reverie.Chat;

/// <summary>A model in use: it stays loaded until the lease is given back.</summary>
public sealed class ModelLease : IDisposable
{
    private Action? _release;

    internal ModelLease(ChatModel model, Adapter? adapter, string? adapterName, IReadOnlyList<string> layers, Action release) => (Model, Adapter, AdapterName, AdapterFolders, _release) = (model, adapter, adapterName, layers, release);

    /// <summary>The model.</summary>
    public ChatModel Model { get; }

    /// <summary>The adapter that it wears for who asked; null for none.</summary>
    public Adapter? Adapter { get; }

    /// <summary>The adapter's name, <c>owner/n</c> for a person's own; null for none.</summary>
    public string? AdapterName { get; }

    /// <summary>Folders of the adapter and of what it stands on; none without one.</summary>
    public IReadOnlyList<string> AdapterFolders { get; }

    /// <summary>Gives it back.</summary>
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
