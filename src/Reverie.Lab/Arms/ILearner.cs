using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Lab;

/// <summary>What one evening's learning was.</summary>
/// <param name="What">In a word or two: promoted, refused, trained.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Morning">Number of the adapter that serves after it; 0 for the base alone.</param>
/// <param name="Learned">Facts that the weights are said to hold; null where nobody says.</param>
public sealed record Evening(string What, double Seconds, int Morning, int? Learned);

/// <summary>How an arm changes its weights from day to day.</summary>
internal interface ILearner : IDisposable
{
    /// <summary>What the model wears now; null for the base alone.</summary>
    Adapter? Adapter { get; }

    /// <summary>Facts that the weights are said to hold; null where nobody keeps a list.</summary>
    IReadOnlyList<FactRecord>? Held { get; }

    /// <summary>Whether it has an adapter for a day: the oracle does not learn every day.</summary>
    bool IsReadyOn(int day);

    /// <summary>Learns a day that has ended.</summary>
    Task<Evening> LearnAsync(int day, Action<string, double>? progress, CancellationToken cancellation);

    /// <summary>Goes back to how it was after a day, whatever was learned since.</summary>
    /// <param name="day">The day; 0 for before the first.</param>
    /// <param name="evening">What <see cref="LearnAsync"/> said of it; null for none.</param>
    void Restore(int day, Evening? evening);
}

/// <summary>Learns nothing.</summary>
internal sealed class Frozen : ILearner
{
    public Adapter? Adapter => null;

    public IReadOnlyList<FactRecord>? Held => null;

    public bool IsReadyOn(int day) => true;

    public Task<Evening> LearnAsync(int day, Action<string, double>? progress, CancellationToken cancellation) => Task.FromResult(new Evening("frozen", 0, 0, null));

    public void Restore(int day, Evening? evening) { }

    public void Dispose() { }
}
