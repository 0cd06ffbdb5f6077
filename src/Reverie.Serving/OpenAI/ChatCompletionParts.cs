using System.Text.Json;

namespace Reverie.Serving;

/// <summary>A message of a conversation, as a request sends it.</summary>
internal sealed record ChatCompletionMessage
{
    /// <summary>system, developer, user, assistant or tool.</summary>
    public string? Role { get; init; }

    /// <summary>A text, or a list of parts of the type text.</summary>
    public JsonElement? Content { get; init; }

    /// <summary>What an assistant reasoned before it answered.</summary>
    public string? ReasoningContent { get; init; }

    /// <summary>The calls of an assistant.</summary>
    public IReadOnlyList<ToolCallPart>? ToolCalls { get; init; }

    /// <summary>Which call a tool answers.</summary>
    public string? ToolCallId { get; init; }
}

/// <summary>A call of a function.</summary>
internal sealed record ToolCallPart
{
    /// <summary>Names the call.</summary>
    public string? Id { get; init; }

    /// <summary>function.</summary>
    public string? Type { get; init; }

    /// <summary>What is called.</summary>
    public FunctionCallPart? Function { get; init; }
}

/// <summary>A function and its arguments.</summary>
internal sealed record FunctionCallPart
{
    /// <summary>The function.</summary>
    public string? Name { get; init; }

    /// <summary>A JSON object as text.</summary>
    public string? Arguments { get; init; }
}

/// <summary>A function that a model may call.</summary>
internal sealed record ToolChoice
{
    /// <summary>function.</summary>
    public string? Type { get; init; }

    /// <summary>The function.</summary>
    public FunctionPart? Function { get; init; }
}

/// <summary>A function's description.</summary>
internal sealed record FunctionPart
{
    /// <summary>Letters, digits, - and _.</summary>
    public string? Name { get; init; }

    /// <summary>When to call it.</summary>
    public string? Description { get; init; }

    /// <summary>A JSON schema of its arguments.</summary>
    public JsonElement? Parameters { get; init; }
}

/// <summary>What form an answer has.</summary>
internal sealed record ResponseFormatChoice
{
    /// <summary>text, json_object or json_schema.</summary>
    public string? Type { get; init; }

    /// <summary>The schema, where the type is json_schema.</summary>
    public JsonSchemaChoice? JsonSchema { get; init; }
}

/// <summary>A schema with a name.</summary>
internal sealed record JsonSchemaChoice
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>What it describes.</summary>
    public string? Description { get; init; }

    /// <summary>The JSON schema.</summary>
    public JsonElement? Schema { get; init; }
}

/// <summary>What a stream says besides.</summary>
internal sealed record StreamOptions
{
    /// <summary>Whether a last chunk tells the tokens of prompt and answer.</summary>
    public bool? IncludeUsage { get; init; }
}
