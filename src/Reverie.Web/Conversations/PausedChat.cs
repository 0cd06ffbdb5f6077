namespace Reverie.Web;

/// <summary>What a chat page leaves with the browser when it gives its circuit back. Its address and the journal tell the rest.</summary>
/// <param name="Leaf">The last message that was shown; null for none.</param>
/// <param name="Settings">What was chosen for a conversation that is not in the journal yet.</param>
/// <param name="SystemPrompt">Its instructions.</param>
public sealed record PausedChat(string? Leaf, ChatSettings? Settings = null, string? SystemPrompt = null);
