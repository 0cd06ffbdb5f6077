using System.Diagnostics;
using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Lab;

/// <summary>Sleeps every night as the product does: triage, study, exams, gates, a morning or none.</summary>
internal sealed class SleepLearner : ILearner
{
    private readonly Bench _bench;
    private readonly IJournal _journal;
    private readonly Sleeper _sleeper;
    private readonly Mornings _mornings;

    /// <summary>Opens the mornings of a life.</summary>
    /// <param name="bench">The base.</param>
    /// <param name="journal">What was said.</param>
    /// <param name="folder">Where the mornings are kept.</param>
    public SleepLearner(Bench bench, IJournal journal, string folder)
    {
        var workspace = new Workspace(folder);
        (_bench, _journal, _sleeper, _mornings) = (bench, journal, new Sleeper(workspace, bench.Folder, bench.Night), new Mornings(workspace, LifeJournal.Owner));
    }

    /// <inheritdoc/>
    public Adapter? Adapter { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<FactRecord>? Held { get; private set; } = [];

    /// <inheritdoc/>
    public bool IsReadyOn(int day) => true;

    /// <inheritdoc/>
    public async Task<Evening> LearnAsync(int day, Action<string, double>? progress, CancellationToken cancellation)
    {
        long started = Stopwatch.GetTimestamp();
        MorningReport report = await _sleeper.SleepAsync(_journal, LifeJournal.Owner, progress, cancellation).ConfigureAwait(false);
        TimeSpan took = Stopwatch.GetElapsedTime(started);
        Load();
        string refused = string.Join("; then ", report.Attempts.Where(a => !a.IsPassed).Select(a => $"{a.What}: {a.Why}"));
        string what = report.Outcome is NightOutcome.Refused ? $"refused: {refused}" : refused.Length == 0 ? $"{report.Outcome}" : $"{report.Outcome} after {refused}";
        return new Evening(what, took.TotalSeconds, _mornings.Current(_bench.BaseId)?.Number ?? 0, Held!.Count);
    }

    /// <inheritdoc/>
    public void Restore(int day, Evening? evening)
    {
        int number = evening?.Morning ?? 0;
        if ((_mornings.Current(_bench.BaseId)?.Number ?? 0) != number) _mornings.Rewind(_bench.BaseId, number);
        foreach (Morning later in _mornings.List(_bench.BaseId).Where(m => m.Number > number)) _mornings.Delete(later.Number);
        Load();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Adapter?.Dispose();
        _sleeper.Dispose();
    }

    private void Load()
    {
        Adapter?.Dispose();
        Adapter = null;
        Held = [];
        if (_mornings.Current(_bench.BaseId) is not { } morning) return;
        Adapter = Adapter.Load(morning.Folder, _bench.Model, _bench.BaseId);
        Held = [.. MorningManifest.Read(morning.Folder).Facts.Where(f => f.State is FactState.Weights)];
    }
}
