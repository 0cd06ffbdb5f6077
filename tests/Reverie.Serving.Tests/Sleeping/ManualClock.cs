namespace Reverie.Serving.Tests;

/// <summary>A clock that a test moves on; whoever waits by it wakes when its time has come.</summary>
internal sealed class ManualClock(DateTimeOffset start, TimeZoneInfo zone) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Alarm> _alarms = [];
    private DateTimeOffset _now = start.ToUniversalTime();

    public override TimeZoneInfo LocalTimeZone => zone;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) return _now;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var alarm = new Alarm(this, callback, state);
        alarm.Change(dueTime, period);
        return alarm;
    }

    /// <summary>Moves on to the next moment that somebody waits for, once somebody does.</summary>
    public async Task StepAsync()
    {
        while (true)
        {
            Alarm? next;
            lock (_lock)
            {
                next = _alarms.MinBy(a => a.Due);
                if (next is not null)
                {
                    _alarms.Remove(next);
                    if (next.Due > _now) _now = next.Due;
                }
            }

            if (next is not null)
            {
                next.Ring();
                return;
            }

            await Task.Delay(5, Xunit.TestContext.Current.CancellationToken);
        }
    }

    private sealed class Alarm(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset Due { get; private set; }

        public void Ring() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                clock._alarms.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                Due = clock._now + dueTime;
                clock._alarms.Add(this);
                return true;
            }
        }

        public void Dispose()
        {
            lock (clock._lock) clock._alarms.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
