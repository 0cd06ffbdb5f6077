using System.Text.Json;

namespace Reverie.Serving;

/// <summary>The body of <c>/v1/responses</c>. Fields that are not here are ignored.</summary>
internal sealed record ResponseRequest
{
    /// <summary>Name, name@version or name+adapter; the server's default where it is missing.</summary>
    public string? Model { get; init; }

    /// <summary>A text, or a list of messages, calls and their results.</summary>
    public JsonElement? Input { get; init; }

    /// <summary>Instructions for this answer alone.</summary>
    public string? Instructions { get; init; }

    /// <summary>The answer that this one follows; it must have been stored.</summary>
    public string? PreviousResponseId { get; init; }

    /// <summary>Whether the answer is kept; it is where this is missing.</summary>
    public bool? Store { get; init; }

    /// <summary>Whether the answer comes as server-sent events.</summary>
    public bool? Stream { get; init; }

    /// <summary>Functions that the model may call.</summary>
    public IReadOnlyList<ResponseTool>? Tools { get; init; }

    /// <summary>none, auto, required, or an object that names a function.</summary>
    public JsonElement? ToolChoice { get; init; }

    /// <summary>Whether a reply may hold several calls.</summary>
    public bool? ParallelToolCalls { get; init; }

    /// <summary>What form the answer has.</summary>
    public ResponseText? Text { get; init; }

    /// <summary>How much the answer may reason.</summary>
    public ResponseReasoning? Reasoning { get; init; }

    /// <summary>Most tokens of the answer.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>0 to 2; 0 takes the likeliest token.</summary>
    public float? Temperature { get; init; }

    /// <summary>Above 0 to 1.</summary>
    public float? TopP { get; init; }

    /// <summary>What else is told: <see cref="ResponseReader.TellsTokens"/>; others are ignored, because nothing that they name is here.</summary>
    public IReadOnlyList<string>? Include { get; init; }

    /// <summary>How many alternatives are told of each token, where the probabilities of tokens are.</summary>
    public int? TopLogprobs { get; init; }

    /// <summary>Whether what the key's user typed earlier, on the page, is put before the conversation where it fits what was said last. An extension of ours.</summary>
    public bool? Memory { get; init; }

    /// <summary>Kept with the answer.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Refused, unless it is disabled: nothing is left out of a conversation unasked.</summary>
    public string? Truncation { get; init; }

    /// <summary>Refused: answers are given at once.</summary>
    public bool? Background { get; init; }

    /// <summary>Refused: use <see cref="PreviousResponseId"/>.</summary>
    public JsonElement? Conversation { get; init; }

    /// <summary>Refused: prompts are not kept here.</summary>
    public JsonElement? Prompt { get; init; }
}

/// <summary>A function that a model may call.</summary>
internal sealed record ResponseTool
{
    /// <summary>function.</summary>
    public string? Type { get; init; }

    /// <summary>Letters, digits, - and _.</summary>
    public string? Name { get; init; }

    /// <summary>When to call it.</summary>
    public string? Description { get; init; }

    /// <summary>A JSON schema of its arguments.</summary>
    public JsonElement? Parameters { get; init; }

    /// <summary>Taken as true: arguments always follow the schema.</summary>
    public bool? Strict { get; init; }
}

/// <summary>What form an answer has.</summary>
internal sealed record ResponseText
{
    /// <summary>The form.</summary>
    public ResponseTextFormat? Format { get; init; }
}

/// <summary>text, json_object or json_schema.</summary>
internal sealed record ResponseTextFormat
{
    /// <summary>text, json_object or json_schema.</summary>
    public string? Type { get; init; }

    /// <summary>The schema's name.</summary>
    public string? Name { get; init; }

    /// <summary>What it describes.</summary>
    public string? Description { get; init; }

    /// <summary>The JSON schema.</summary>
    public JsonElement? Schema { get; init; }
}

/// <summary>How much an answer may reason.</summary>
internal sealed record ResponseReasoning
{
    /// <summary>none, minimal, low, medium, high or xhigh.</summary>
    public string? Effort { get; init; }
}

/// <summary>A stored answer is gone.</summary>
internal sealed record ResponseDeleted(string Id)
{
    /// <summary>response.</summary>
    public string Object => "response";

    /// <summary>True.</summary>
    public bool Deleted => true;
}
