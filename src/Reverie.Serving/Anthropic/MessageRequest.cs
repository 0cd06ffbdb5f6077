using System.Text.Json;

namespace Reverie.Serving;

/// <summary>The body of <c>/v1/messages</c>, as Anthropic has it. Fields that are not here are ignored.</summary>
internal sealed record MessageRequest
{
    /// <summary>Name, name@version or name+adapter; the server's default where it is missing.</summary>
    public string? Model { get; init; }

    /// <summary>Most tokens of the answer.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>The conversation, oldest first.</summary>
    public IReadOnlyList<MessageTurn>? Messages { get; init; }

    /// <summary>Instructions: a text or a list of blocks of text.</summary>
    public JsonElement? System { get; init; }

    /// <summary>The answer ends before one of these texts.</summary>
    public IReadOnlyList<string>? StopSequences { get; init; }

    /// <summary>Whether the answer comes as server-sent events.</summary>
    public bool? Stream { get; init; }

    /// <summary>0 to 1; 0 takes the likeliest token.</summary>
    public float? Temperature { get; init; }

    /// <summary>Only so many of the likeliest tokens; 0 for all.</summary>
    public int? TopK { get; init; }

    /// <summary>Above 0 to 1.</summary>
    public float? TopP { get; init; }

    /// <summary>Functions that the model may call.</summary>
    public IReadOnlyList<MessageTool>? Tools { get; init; }

    /// <summary>An object whose type is auto, any, tool or none.</summary>
    public MessageToolChoice? ToolChoice { get; init; }

    /// <summary>How much the answer may reason.</summary>
    public MessageThinking? Thinking { get; init; }

    /// <summary>Whether the exchange is kept in the journal of the key's user. Not of Anthropic's interface.</summary>
    public bool? Store { get; init; }
}

/// <summary>A message of a conversation.</summary>
internal sealed record MessageTurn
{
    /// <summary>user or assistant.</summary>
    public string? Role { get; init; }

    /// <summary>A text or a list of blocks: text, thinking, tool_use, tool_result.</summary>
    public JsonElement? Content { get; init; }
}

/// <summary>A function that a model may call.</summary>
internal sealed record MessageTool
{
    /// <summary>custom, or missing.</summary>
    public string? Type { get; init; }

    /// <summary>Letters, digits, - and _.</summary>
    public string? Name { get; init; }

    /// <summary>When to call it.</summary>
    public string? Description { get; init; }

    /// <summary>A JSON schema of its arguments.</summary>
    public JsonElement? InputSchema { get; init; }
}

/// <summary>How functions may be called.</summary>
internal sealed record MessageToolChoice
{
    /// <summary>auto, any, tool or none.</summary>
    public string? Type { get; init; }

    /// <summary>The function, where the type is tool.</summary>
    public string? Name { get; init; }

    /// <summary>Whether a reply holds at most one call.</summary>
    public bool? DisableParallelToolUse { get; init; }
}

/// <summary>How much an answer may reason.</summary>
internal sealed record MessageThinking
{
    /// <summary>enabled, adaptive or disabled.</summary>
    public string? Type { get; init; }

    /// <summary>Most tokens of reasoning, where it is enabled.</summary>
    public int? BudgetTokens { get; init; }
}
