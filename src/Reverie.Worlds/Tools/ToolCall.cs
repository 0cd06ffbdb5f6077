using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reverie.Models;

namespace Reverie.Worlds;

/// <summary>A call of a tool, as Qwen3 writes it: <c>&lt;tool_call&gt;{"name": ..., "arguments": {...}}&lt;/tool_call&gt;</c>.</summary>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">Its arguments by name.</param>
public sealed record ToolCall(string Name, JsonObject Arguments)
{
    // A key that stands twice would else be found only when it is looked up.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a call compactly: a small model has few tokens.</summary>
    public static string Write(string name, params ReadOnlySpan<(string Name, JsonNode? Value)> arguments)
    {
        var values = new JsonObject();
        foreach ((string key, JsonNode? value) in arguments) values[key] = value;
        return new ToolCall(name, values).ToString();
    }

    /// <summary>The call as an actor writes it.</summary>
    public override string ToString()
    {
        var call = new JsonObject { ["name"] = Name, ["arguments"] = Arguments.DeepClone() };
        return $"{SpecialToken.ToolCallStart}{call.ToJsonString(Plain)}{SpecialToken.ToolCallEnd}";
    }

    /// <summary>The call in a turn; what stands before it is free, reasoning is passed over.</summary>
    /// <param name="turn">What an actor wrote.</param>
    /// <param name="error">What is wrong with the call, for the actor to read; null when there is none or it is well formed.</param>
    /// <returns>Null when the turn has no call, or a broken one, or more than one.</returns>
    public static ToolCall? Parse(string turn, out string? error)
    {
        error = null;
        string answer = Reply.Answer(turn);
        int start = answer.IndexOf(SpecialToken.ToolCallStart, StringComparison.Ordinal);
        if (start < 0) return null;
        int content = start + SpecialToken.ToolCallStart.Length, end = answer.IndexOf(SpecialToken.ToolCallEnd, content, StringComparison.Ordinal);
        if (end < 0) error = "the call has no end";
        else if (answer.IndexOf(SpecialToken.ToolCallStart, end, StringComparison.Ordinal) >= 0) error = "one call at a time";
        if (error is not null) return null;
        try
        {
            if (JsonNode.Parse(answer[content..end], documentOptions: Strict) is JsonObject call && call["name"] is JsonValue name && name.TryGetValue(out string? tool) && (call["arguments"] ?? new JsonObject()) is JsonObject arguments)
                return new ToolCall(tool, arguments);
            error = "the call needs a name and arguments";
        }
        catch (JsonException)
        {
            error = "the call is not JSON";
        }

        return null;
    }

    /// <summary>A text argument; null when it is missing or of another kind.</summary>
    public string? Text(string name) => Arguments[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>A whole number; null when it is missing or of another kind. A number in quotes counts.</summary>
    public int? Number(string name)
    {
        if (Arguments[name] is not JsonValue value) return null;
        if (value.TryGetValue(out int number)) return number;
        return value.TryGetValue(out string? text) && int.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out number) ? number : null;
    }
}
