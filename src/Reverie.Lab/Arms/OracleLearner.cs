using System.Diagnostics;
using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Lab;

/// <summary>
/// Joint retraining: every few days an adapter from the base on everything that holds, by the truth of the simulation and not by triage, without
/// gates. What sleep could reach at most with the same material and the same rank.
/// </summary>
internal sealed class OracleLearner(Bench bench, SimulatedLife life, LabOptions options) : ILearner
{
    /// <inheritdoc/>
    public Adapter? Adapter { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<FactRecord>? Held => null;

    /// <inheritdoc/>
    public bool IsReadyOn(int day) => IsDue(day, options);

    /// <summary>Whether there is an oracle after a day.</summary>
    public static bool IsDue(int day, LabOptions options) => day % options.OracleEvery == 0 || day == options.Days;

    /// <inheritdoc/>
    public async Task<Evening> LearnAsync(int day, Action<string, double>? progress, CancellationToken cancellation)
    {
        long started = Stopwatch.GetTimestamp();
        LifeTruth truth = LifeTruth.After(life, day);
        Adapter?.Dispose();
        Adapter = new Adapter(bench.Model, bench.Night.Rank, bench.Night.Alpha, bench.Night.Seed);
        Lesson[] lessons = [.. truth.Habits.SelectMany(h => h.Said.Take(3).Select((s, i) => new Lesson([new Message(Role.User, s)], h.Wanted, h.Usual, $"{h.Name}/{i}", [], Provenance.Typed, LifeClock.MorningOf(day))))];
        var plan = new StudyPlan(truth.Book, truth.Book.Facts, [], lessons, []);
        await Task.Run(() => bench.Model.Wear(Adapter, () => bench.Study.Train(plan, bench.Night.Seed, done => progress?.Invoke($"the oracle studies {truth.Book.Count} facts", done), cancellation)), cancellation).ConfigureAwait(false);
        return new Evening("trained", Stopwatch.GetElapsedTime(started).TotalSeconds, day, truth.Book.Count);
    }

    /// <inheritdoc/>
    public void Restore(int day, Evening? evening) { }

    /// <inheritdoc/>
    public void Dispose() => Adapter?.Dispose();
}
