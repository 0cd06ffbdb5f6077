using Reverie.Tensors;

namespace Reverie.Chat;

/// <summary>Too many requests wait already. Nothing of this one was done.</summary>
/// <param name="waiting">How many wait.</param>
/// <param name="retryAfter">When it is worth another try.</param>
public sealed class EngineBusyException(int waiting, TimeSpan retryAfter)
    : ReverieException($"The model is busy: {waiting} requests are before this one. Try again in {Math.Ceiling(retryAfter.TotalSeconds)} s.")
{
    /// <summary>When it is worth another try.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}
