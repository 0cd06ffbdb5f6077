namespace Reverie.Sleep;

/// <summary>What happened in a journal.</summary>
public enum JournalChangeKind
{
    /// <summary>A conversation began.</summary>
    ConversationCreated,

    /// <summary>Its title, system prompt or settings changed.</summary>
    ConversationChanged,

    /// <summary>Its owner went to another branch.</summary>
    BranchChosen,

    /// <summary>A message was written.</summary>
    MessageWritten,

    /// <summary>A reply was judged.</summary>
    FeedbackGiven,

    /// <summary>Consent was given or withdrawn.</summary>
    ConsentSaid,

    /// <summary>A conversation was deleted: a tombstone.</summary>
    ConversationDeleted,

    /// <summary>A message was deleted: a tombstone.</summary>
    MessageDeleted,

    /// <summary>Everything was deleted: a tombstone.</summary>
    EverythingDeleted,
}
