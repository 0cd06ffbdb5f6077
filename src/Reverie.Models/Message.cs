namespace Reverie.Models;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">Who wrote it.</param>
/// <param name="Content">Its text; reasoning stands inside <c>&lt;think&gt;</c> tags.</param>
public sealed record Message(Role Role, string Content);
