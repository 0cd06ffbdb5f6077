using Reverie.Models;

namespace Reverie.Sleep;

/// <summary>A message as the journal keeps it: a node of its conversation's tree.</summary>
public sealed record JournalMessage
{
    /// <summary>Its id: 32 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>The conversation.</summary>
    public required string Conversation { get; init; }

    /// <summary>The message before it; null for the first of a branch.</summary>
    public string? Parent { get; init; }

    /// <summary>Number of the change that brought it among all changes of its owner.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it was written, UTC.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Who wrote it.</summary>
    public required Role Role { get; init; }

    /// <summary>What it consists of, in order.</summary>
    public required IReadOnlyList<MessagePart> Parts { get; init; }

    /// <summary>Who made it and what it took; null where no model made it.</summary>
    public ReplyDetails? Reply { get; init; }

    /// <summary>What its owner thinks of it now; null for nothing.</summary>
    public Feedback? Feedback { get; init; }

    /// <summary>Whether it came from a file: then nothing vouches for what it says of its sources.</summary>
    public bool IsImported { get; init; }

    /// <summary>What was said: its text parts, one after another.</summary>
    public string Text => string.Concat(Parts.Where(p => p.Kind is PartKind.Text).Select(p => p.Text));
}
