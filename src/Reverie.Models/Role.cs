namespace Reverie.Models;

/// <summary>Who wrote a message.</summary>
public enum Role
{
    /// <summary>The instructions that stand above the conversation.</summary>
    System,

    /// <summary>The person.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,

    /// <summary>The result of a tool.</summary>
    Tool,
}
