using Reverie.Sleep;

namespace Reverie.Serving;

/// <summary>The model of a server that learns at night. For one caller at a time.</summary>
public interface ISleepingModel
{
    /// <summary>Id of the base that its mornings are made for; null where there is no model, or nobody knows who it is.</summary>
    string? BaseId { get; }

    /// <summary>Learns from an owner's journal.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="progress">Is told what goes on, and the share that is done.</param>
    /// <param name="cancellation">Stops soon; nothing has changed then.</param>
    /// <exception cref="Tensors.ReverieException">It cannot.</exception>
    Task<MorningReport> SleepAsync(string owner, Action<string, double> progress, CancellationToken cancellation);

    /// <summary>Learns for everybody what enough people told who share it.</summary>
    /// <param name="progress">Is told what goes on, and the share that is done.</param>
    /// <param name="cancellation">Stops soon; nothing has changed then.</param>
    /// <exception cref="Tensors.ReverieException">It cannot.</exception>
    Task<MorningReport> SleepCompanyAsync(Action<string, double> progress, CancellationToken cancellation);

    /// <summary>Forgets, and makes the adapter anew without it.</summary>
    /// <param name="plan">What goes.</param>
    /// <param name="progress">Is told what goes on, and the share that is done.</param>
    /// <param name="cancellation">Gives up: what was erased stays erased, and there is no receipt.</param>
    /// <exception cref="Tensors.ReverieException">Something could not be erased, or the proof failed.</exception>
    Task<Receipt> ForgetAsync(ForgetPlan plan, Action<string, double> progress, CancellationToken cancellation);
}
