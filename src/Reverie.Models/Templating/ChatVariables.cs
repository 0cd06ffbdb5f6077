using System.Text.Json;

namespace Reverie.Models.Templating;

/// <summary>A conversation as the variables that chat templates read.</summary>
/// <remarks>
/// An assistant's content stays as the model wrote it: it was the system message or the model's own habit that said how calls of tools
/// look, and a model must see its own words again. Two things are taken out of it where the template asks for them by name:
/// <c>reasoning_content</c>, because a template that knows it decides which thoughts a later turn still sees; and, where the
/// conversation comes with <c>tools</c>, <c>tool_calls</c>, because it is then the template that told the model how to write them
/// (Qwen's writes them back as they were, Llama's as JSON).
/// </remarks>
internal static class ChatVariables
{
    /// <summary>The variables of a conversation.</summary>
    /// <param name="source">The template's text, which says by which names it asks.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">What comes with it.</param>
    public static Dictionary<string, object?> Of(string source, IReadOnlyList<Message> messages, ChatTemplateOptions options)
    {
        bool takesThoughts = source.Contains("reasoning_content", StringComparison.Ordinal);
        bool takesCalls = options.Tools.Count > 0 && source.Contains("tool_calls", StringComparison.Ordinal);
        var variables = new Dictionary<string, object?>
        {
            ["messages"] = new Sequence([.. messages.Select((m, i) => MessageOf(m, Origin.Message(i), takesThoughts, takesCalls))]),
        };
        if (options.Tools.Count > 0) variables["tools"] = new Sequence([.. options.Tools.Select(t => ValueOf(t, Origin.OtherInput))]);
        if (options.EnableThinking is bool thinks) variables["enable_thinking"] = thinks;
        return variables;
    }

    private static Mapping MessageOf(Message message, Origin origin, bool takesThoughts, bool takesCalls)
    {
        var content = new Text(message.Content, origin);
        var mapping = new Mapping { ["role"] = new Text(NameOf(message.Role)) };
        if (message.Role == Role.Assistant)
        {
            if (takesThoughts) content = TakeThoughts(content, mapping);
            if (takesCalls) content = TakeCalls(content, mapping, origin);
        }

        mapping["content"] = content;
        return mapping;
    }

    private static string NameOf(Role role) => role switch
    {
        Role.System => "system",
        Role.Assistant => "assistant",
        Role.Tool => "tool",
        _ => "user",
    };

    /// <summary>Cuts reasoning as Qwen3's own template would.</summary>
    private static Text TakeThoughts(Text content, Mapping message)
    {
        string s = content.Characters;
        int close = s.LastIndexOf(SpecialToken.ThinkEnd, StringComparison.Ordinal);
        Text head = TextParts.Trimmed(content, null, left: true, right: false);
        if (close < 0 || !head.Characters.StartsWith(SpecialToken.ThinkStart, StringComparison.Ordinal)) return content;
        int open = s.IndexOf(SpecialToken.ThinkStart, StringComparison.Ordinal) + SpecialToken.ThinkStart.Length;
        message["reasoning_content"] = TrimLines(content.Cut(open, close));
        return TrimLines(content.Cut(close + SpecialToken.ThinkEnd.Length, s.Length));
    }

    /// <summary>Cuts the calls of tools, if all of them are whole; else they stay what they are, text.</summary>
    private static Text TakeCalls(Text content, Mapping message, Origin origin)
    {
        string s = content.Characters;
        int first = s.IndexOf(SpecialToken.ToolCallStart, StringComparison.Ordinal);
        if (first < 0) return content;
        List<object?> calls = [];
        int next = first;
        while (next >= 0)
        {
            int start = next + SpecialToken.ToolCallStart.Length, end = s.IndexOf(SpecialToken.ToolCallEnd, start, StringComparison.Ordinal);
            if (end < 0 || CallOf(s[start..end], origin) is not { } call) return content;
            calls.Add(call);
            int after = end + SpecialToken.ToolCallEnd.Length;
            next = s.IndexOf(SpecialToken.ToolCallStart, after, StringComparison.Ordinal);
            if (s[after..(next < 0 ? s.Length : next)].Trim().Length > 0) return content;
        }

        message["tool_calls"] = new Sequence(calls);
        return TrimLines(content.Cut(0, first));
    }

    private static Mapping? CallOf(string json, Origin origin)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("name", out _)) return null;
            return new Mapping { ["type"] = new Text("function"), ["function"] = ValueOf(document.RootElement, origin) };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static Text TrimLines(Text text) => TextParts.Trimmed(text, "\n", left: true, right: true);

    private static object? ValueOf(JsonElement json, Origin origin)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                var mapping = new Mapping();
                foreach (JsonProperty property in json.EnumerateObject()) mapping.Set(new Text(property.Name, origin), ValueOf(property.Value, origin));
                return mapping;
            case JsonValueKind.Array: return new Sequence([.. json.EnumerateArray().Select(item => ValueOf(item, origin))]);
            case JsonValueKind.String: return new Text(json.GetString()!, origin);
            case JsonValueKind.Number: return json.TryGetInt64(out long whole) ? (object)whole : json.GetDouble();
            case JsonValueKind.True: return true;
            case JsonValueKind.False: return false;
            default: return null;
        }
    }
}
