namespace Reverie.Sleep;

/// <summary>How large things in a journal may be.</summary>
public static class JournalLimits
{
    /// <summary>Characters of a title.</summary>
    public const int Title = 500;

    /// <summary>Characters of a message, of a system prompt, of settings or of a better answer, each.</summary>
    public const int Text = 8_000_000;

    /// <summary>Parts of a message.</summary>
    public const int Parts = 1_000;

    /// <summary>Spans of a part.</summary>
    public const int Spans = 100_000;

    /// <summary>Messages that a reply names as its memories.</summary>
    public const int Memories = 100;

    /// <summary>Messages of a conversation, all branches together.</summary>
    public const int Messages = 100_000;

    /// <summary>Bytes of a file to import.</summary>
    public const int ImportBytes = 256 * 1024 * 1024;
}
