using System.Text.Json;
using Microsoft.Extensions.AI;
using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Web;

/// <summary>Turns a branch of the journal into what a model reads.</summary>
internal static class Prompt
{
    /// <summary>The messages of a branch below its system prompt.</summary>
    public static List<ChatMessage> Of(string? system, IEnumerable<JournalMessage> path)
    {
        var messages = new List<ChatMessage>();
        if (!string.IsNullOrWhiteSpace(system)) messages.Add(new ChatMessage(ChatRole.System, system));
        foreach (JournalMessage message in path)
        {
            List<AIContent> contents = [.. message.Parts.Select(Content)];
            AIContent[] results = message.Role is Role.Tool ? [] : [.. contents.OfType<FunctionResultContent>()];
            messages.Add(new ChatMessage(RoleOf(message.Role), [.. contents.Except(results)]));
            // Clients of the API may have written a call and its result into one message.
            if (results.Length > 0) messages.Add(new ChatMessage(ChatRole.Tool, [.. results]));
        }

        return messages;
    }

    /// <summary>A call's arguments as the journal keeps them.</summary>
    public static string Arguments(FunctionCallContent call) => JsonSerializer.Serialize(call.Arguments ?? new Dictionary<string, object?>(), AIJsonUtilities.DefaultOptions);

    /// <summary>A result as text.</summary>
    public static string Result(object? result) => result switch
    {
        null => "",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
        JsonElement json => json.GetRawText(),
        _ => JsonSerializer.Serialize(result, AIJsonUtilities.DefaultOptions),
    };

    private static AIContent Content(MessagePart part) => part.Kind switch
    {
        PartKind.Reasoning => new TextReasoningContent(part.Text),
        PartKind.ToolCall => new FunctionCallContent(part.CallId ?? "", part.Name ?? "", ReadArguments(part.Text)),
        PartKind.ToolResult => new FunctionResultContent(part.CallId ?? "", part.Text),
        PartKind.Document => new TextContent($"[{part.Name}]\n{part.Text}\n\n"),
        _ => new TextContent(part.Text),
    };

    private static Dictionary<string, object?>? ReadArguments(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, object?>>(json, AIJsonUtilities.DefaultOptions);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ChatRole RoleOf(Role role) => role switch
    {
        Role.System => ChatRole.System,
        Role.Assistant => ChatRole.Assistant,
        Role.Tool => ChatRole.Tool,
        _ => ChatRole.User,
    };
}
