using Reverie.Models;

namespace Reverie.Worlds;

/// <summary>One document of a corpus: plain text, or a conversation.</summary>
/// <param name="Source">The corpus it comes from, as it is named in reports.</param>
/// <param name="Text">The text; null for a conversation.</param>
/// <param name="Messages">The conversation; null for plain text.</param>
public sealed record Document(string Source, string? Text, IReadOnlyList<Message>? Messages)
{
    /// <summary>A document of plain text.</summary>
    public Document(string source, string text) : this(source, text, null) { }

    /// <summary>A conversation.</summary>
    public Document(string source, IReadOnlyList<Message> messages) : this(source, null, messages) { }
}
