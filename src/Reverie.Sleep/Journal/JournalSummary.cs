namespace Reverie.Sleep;

/// <summary>What a journal knows about its owner, in numbers.</summary>
public sealed record JournalSummary
{
    /// <summary>Conversations.</summary>
    public required long Conversations { get; init; }

    /// <summary>Messages of all branches.</summary>
    public required long Messages { get; init; }

    /// <summary>Messages of those that a model made.</summary>
    public required long Replies { get; init; }

    /// <summary>Words that a person typed.</summary>
    public required long WordsTyped { get; init; }

    /// <summary>Replies whose newest feedback is good.</summary>
    public required long ThumbsUp { get; init; }

    /// <summary>Replies whose newest feedback is bad.</summary>
    public required long ThumbsDown { get; init; }

    /// <summary>Replies whose newest feedback has a better answer.</summary>
    public required long BetterAnswers { get; init; }

    /// <summary>When the oldest message was written; null without one.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Number of the last change; 0 before the first.</summary>
    public required long Sequence { get; init; }

    /// <summary>Whether sleep may learn.</summary>
    public bool HasConsent => Consents.Count > 0 && Consents[0].IsGiven;

    /// <summary>What was said about consent, newest first.</summary>
    public required IReadOnlyList<Consent> Consents { get; init; }

    /// <summary>Whether what several persons told alike may reach the company.</summary>
    public bool IsShared => HasConsent && Sharing.Count > 0 && Sharing[0].IsGiven;

    /// <summary>What was said about sharing with the company, newest first.</summary>
    public required IReadOnlyList<Consent> Sharing { get; init; }

    /// <summary>The last hundred tombstones, newest first: what was deleted, when.</summary>
    public required IReadOnlyList<JournalChange> Deletions { get; init; }
}
