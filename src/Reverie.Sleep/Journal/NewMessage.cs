using Reverie.Models;

namespace Reverie.Sleep;

/// <summary>A message to append. An edit or another reply is one more child of the same parent; nothing is overwritten.</summary>
public sealed record NewMessage
{
    /// <summary>The message before it; null for the first of a branch.</summary>
    public string? Parent { get; init; }

    /// <summary>Who wrote it.</summary>
    public required Role Role { get; init; }

    /// <summary>What it consists of, in order.</summary>
    public required IReadOnlyList<MessagePart> Parts { get; init; }

    /// <summary>Who made it and what it took, where a model made it.</summary>
    public ReplyDetails? Reply { get; init; }

    /// <summary>Its tokens, where a model made it.</summary>
    public ReplyTrace? Trace { get; init; }

    /// <summary>Whether the owner now stands here.</summary>
    public bool BecomesActiveLeaf { get; init; } = true;
}
