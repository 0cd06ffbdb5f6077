namespace Reverie.Web;

/// <summary>What the parts of one open page tell one another.</summary>
internal sealed class PageState
{
    /// <summary>Conversations were made, changed or deleted.</summary>
    public event Action? ConversationsChanged;

    /// <summary>Something to tell the user.</summary>
    public event Action<string>? Noted;

    /// <summary>Raises <see cref="ConversationsChanged"/>.</summary>
    public void ChangeConversations() => ConversationsChanged?.Invoke();

    /// <summary>Raises <see cref="Noted"/>.</summary>
    public void Note(string text) => Noted?.Invoke(text);
}
