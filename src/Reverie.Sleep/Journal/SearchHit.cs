namespace Reverie.Sleep;

/// <summary>Something that a search found.</summary>
public sealed record SearchHit
{
    /// <summary>The conversation.</summary>
    public required string Conversation { get; init; }

    /// <summary>Its title now.</summary>
    public required string Title { get; init; }

    /// <summary>The message; null where the title was found.</summary>
    public string? Message { get; init; }

    /// <summary>Number of the change that wrote it: give the last one to go on from there.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it was written, UTC.</summary>
    public required DateTimeOffset Written { get; init; }

    /// <summary>Some of its text around what was found: plain text, never markup.</summary>
    public required string Snippet { get; init; }

    /// <summary>Where in <see cref="Snippet"/> the words stand that were searched: first UTF-16 code unit and length, in order.</summary>
    public required IReadOnlyList<(int Start, int Length)> Matches { get; init; }
}
