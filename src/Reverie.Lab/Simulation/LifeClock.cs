namespace Reverie.Lab;

/// <summary>The clock of a simulated life: every message takes a minute of its day.</summary>
internal sealed class LifeClock : TimeProvider
{
    private static readonly DateTimeOffset _birth = new(2026, 1, 1, 8, 0, 0, TimeSpan.Zero);

    private DateTimeOffset _now = _birth;

    /// <summary>When a day begins.</summary>
    public static DateTimeOffset MorningOf(int day) => _birth.AddDays(day - 1);

    /// <summary>Goes to the morning of a day.</summary>
    public void Begin(int day) => _now = MorningOf(day);

    /// <summary>A minute passes.</summary>
    public void Tick() => _now += TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _now;
}
