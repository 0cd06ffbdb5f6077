using Reverie.Models;

namespace Reverie.Chat;

/// <summary>A model in use: it stays loaded until the lease is given back.</summary>
public sealed class ModelLease : IDisposable
{
    private Action? _release;

    internal ModelLease(ChatModel model, Adapter? adapter, string? adapterName, Action release) => (Model, Adapter, AdapterName, _release) = (model, adapter, adapterName, release);

    /// <summary>The model.</summary>
    public ChatModel Model { get; }

    /// <summary>The adapter that it wears for who asked; null for none.</summary>
    public Adapter? Adapter { get; }

    /// <summary>The adapter's name, <c>owner/n</c> for a person's own; null for none.</summary>
    public string? AdapterName { get; }

    /// <summary>Gives it back.</summary>
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
