namespace Reverie.Sleep;

/// <summary>What a person thinks of a reply. Of several the newest counts; the others stay until the message is deleted.</summary>
public sealed record Feedback
{
    /// <summary>The message.</summary>
    public required string Message { get; init; }

    /// <summary>Whether it is good.</summary>
    public required bool IsGood { get; init; }

    /// <summary>What should have been said; null where nobody says.</summary>
    public string? BetterAnswer { get; init; }

    /// <summary>When it was given, UTC.</summary>
    public required DateTimeOffset Given { get; init; }

    /// <summary>Number of this change among all changes of its owner.</summary>
    public required long Sequence { get; init; }
}
