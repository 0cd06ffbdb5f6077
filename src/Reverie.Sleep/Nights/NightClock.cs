using System.Diagnostics;

namespace Reverie.Sleep;

/// <summary>How long the phases of a night take.</summary>
internal sealed class NightClock
{
    private readonly Dictionary<string, double> _seconds = [];
    private string? _phase;
    private long _started;

    /// <summary>When the night began, UTC.</summary>
    public DateTimeOffset Began { get; } = DateTimeOffset.UtcNow;

    /// <summary>Seconds by phase, the one that goes on included.</summary>
    public IReadOnlyDictionary<string, double> Seconds
    {
        get
        {
            Begin(_phase);
            return new Dictionary<string, double>(_seconds);
        }
    }

    /// <summary>Ends the phase that goes on and begins another, or goes on with one.</summary>
    public void Begin(string? phase)
    {
        if (_phase is not null) _seconds[_phase] = _seconds.GetValueOrDefault(_phase) + Stopwatch.GetElapsedTime(_started).TotalSeconds;
        (_phase, _started) = (phase, Stopwatch.GetTimestamp());
    }
}
