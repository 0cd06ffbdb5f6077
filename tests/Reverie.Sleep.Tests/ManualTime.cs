namespace Reverie.Sleep.Tests;

/// <summary>A clock that a test sets.</summary>
internal sealed class ManualTime : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 11, 23, 4, 5, 6, 789, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}
