namespace Reverie.Serving;

/// <summary>What is left of a limit a minute: it fills evenly, and a full minute's worth may be used at once.</summary>
/// <param name="limit">A minute; null for no limit.</param>
/// <param name="clock">The time.</param>
internal sealed class Allowance(int? limit, TimeProvider clock)
{
    private double _level = limit ?? 0;
    private long _filled = clock.GetTimestamp();

    /// <summary>A minute's worth; null for no limit.</summary>
    public int? Limit => limit;

    /// <summary>What is left; below zero where a request took more than there was.</summary>
    public double Level
    {
        get
        {
            long now = clock.GetTimestamp();
            _level = Math.Min(limit ?? 0, _level + clock.GetElapsedTime(_filled, now).TotalMinutes * (limit ?? 0));
            _filled = now;
            return _level;
        }
    }

    /// <summary>When so much will be there.</summary>
    public TimeSpan Until(double level) => limit is { } perMinute ? TimeSpan.FromMinutes(Math.Max(0, level - Level) / perMinute) : TimeSpan.Zero;

    /// <summary>Uses some.</summary>
    public void Take(double amount) => _level = Level - amount;
}
