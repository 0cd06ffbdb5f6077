namespace Reverie.Sleep;

/// <summary>A conversation as lists show it; <see cref="ConversationTree"/> has its messages.</summary>
public sealed record Conversation
{
    /// <summary>Its id: 32 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required string Owner { get; init; }

    /// <summary>Title, system prompt and settings as they are now.</summary>
    public required ConversationDetails Details { get; init; }

    /// <summary>The message at which the owner stands: the end of the branch that is shown; null while there is none.</summary>
    public string? ActiveLeaf { get; init; }

    /// <summary>When it began, UTC.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it last changed, UTC.</summary>
    public required DateTimeOffset Updated { get; init; }

    /// <summary>Number of its last change among all changes of its owner; newer ones have a higher one.</summary>
    public required long Sequence { get; init; }

    /// <summary>Whether it came from a file: then nothing vouches for what it says of its sources.</summary>
    public bool IsImported { get; init; }
}
