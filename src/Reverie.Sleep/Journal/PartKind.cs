namespace Reverie.Sleep;

/// <summary>What a part of a message is.</summary>
public enum PartKind
{
    /// <summary>What is said.</summary>
    Text,

    /// <summary>What the model thought before it spoke.</summary>
    Reasoning,

    /// <summary>A call of a tool; its text are the arguments as JSON.</summary>
    ToolCall,

    /// <summary>What a tool returned.</summary>
    ToolResult,

    /// <summary>A document that was attached or pasted.</summary>
    Document,
}
