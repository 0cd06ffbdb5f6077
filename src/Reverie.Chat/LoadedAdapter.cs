using Reverie.Models;

namespace Reverie.Chat;

/// <summary>An adapter in memory, or on the way there.</summary>
/// <param name="name">Its name.</param>
/// <param name="weights">The adapter.</param>
internal sealed class LoadedAdapter(string name, Task<Adapter> weights) : IDisposable
{
    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>The adapter.</summary>
    public Task<Adapter> Weights => weights;

    /// <summary>Leases that have it.</summary>
    public int Users { get; set; }

    /// <summary>Whether nobody uses it.</summary>
    public bool IsIdle => Users == 0 && weights.IsCompleted;

    /// <summary>Frees it, once the last reply that is written with it has ended.</summary>
    public void Dispose()
    {
        if (weights.IsCompletedSuccessfully) weights.Result.Dispose();
    }
}
