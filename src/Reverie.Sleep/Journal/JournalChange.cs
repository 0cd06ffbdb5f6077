namespace Reverie.Sleep;

/// <summary>One change of an owner's journal. Changes are never erased and hold no content; those of a deletion are the tombstones.</summary>
/// <param name="Sequence">1, 2, 3, ... for each owner, in the order in which changes became visible.</param>
/// <param name="When">When, UTC.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Subject">Id of the conversation or message; null where there is none.</param>
/// <param name="Conversation">Id of the conversation; null where there is none.</param>
public sealed record JournalChange(long Sequence, DateTimeOffset When, JournalChangeKind Kind, string? Subject, string? Conversation);
