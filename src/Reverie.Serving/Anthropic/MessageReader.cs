using System.Text.Json;
using Microsoft.Extensions.AI;
using Reverie.Chat;
using Reverie.Models;

namespace Reverie.Serving;

/// <summary>Reads the body of <c>/v1/messages</c> as a conversation and its options.</summary>
internal static class MessageReader
{
    private const int MaxStops = 16;

    /// <summary>The conversation. A message with results of tools becomes one of the role tool, and one of the user where it says more.</summary>
    /// <exception cref="ApiException">A message makes no sense.</exception>
    public static List<ChatMessage> Messages(MessageRequest request)
    {
        if (request.Messages is not { Count: > 0 } messages) throw ApiException.Invalid("messages", "\"messages\" is missing or empty. Send at least one message.");
        List<ChatMessage> read = [];
        if (string.Concat(Texts(request.System, "system")) is { Length: > 0 } system) read.Add(new ChatMessage(ChatRole.System, system));
        for (int i = 0; i < messages.Count; i++) Add(read, messages[i], $"messages[{i}]");
        return read;
    }

    /// <summary>The options.</summary>
    /// <exception cref="ApiException">They are out of range, contradict one another or ask for what is not there.</exception>
    public static ReverieChatOptions Options(MessageRequest request, string owner)
    {
        if (request.MaxTokens is null) throw ApiException.Invalid("max_tokens", "\"max_tokens\" is missing.");
        SamplingReader.Check(request.MaxTokens >= 1, "max_tokens", request.MaxTokens, "1 or more");
        SamplingReader.Check(request.Temperature is null or (>= 0 and <= 2), "temperature", request.Temperature, "between 0 and 2");
        SamplingReader.Check(request.TopP is null or (> 0 and <= 1), "top_p", request.TopP, "above 0 and at most 1");
        SamplingReader.Check(request.TopK is null or >= 0, "top_k", request.TopK, "0 (all tokens) or more");
        if (request.StopSequences is { Count: > MaxStops }) throw ApiException.Invalid("stop_sequences", $"\"stop_sequences\" has {request.StopSequences.Count} texts; at most {MaxStops} are read.");
        if (request.StopSequences?.Any(string.IsNullOrEmpty) == true) throw ApiException.Invalid("stop_sequences", "A text of \"stop_sequences\" is empty, so nothing could be said.");
        var options = new ReverieChatOptions
        {
            Temperature = request.Temperature is > 0 and < 0.01f ? 0 : request.Temperature,
            TopP = request.TopP,
            TopK = request.TopK,
            MaxOutputTokens = request.MaxTokens,
            StopSequences = [.. request.StopSequences ?? []],
            Thinking = Thinking(request.Thinking),
            Owner = owner,
        };
        AITool[] tools = [.. (request.Tools ?? []).Select((t, i) => t?.Type is null or "custom"
            ? ToolReader.Tool(t?.Name, t?.Description, t?.InputSchema, $"tools[{i}]")
            : throw ApiException.Unsupported($"tools[{i}].type", $"\"tools[{i}].type\" is a tool of Anthropic's own; only your functions can be called here."))];
        string? mode = request.ToolChoice?.Type switch
        {
            "tool" => request.ToolChoice.Name ?? throw ApiException.Invalid("tool_choice.name", "\"tool_choice.name\" is missing."),
            null or "auto" or "any" or "none" => request.ToolChoice?.Type,
            _ => throw ApiException.Invalid("tool_choice.type", "\"tool_choice.type\" must be auto, any, tool or none."),
        };
        ToolReader.Apply(options, tools, mode, request.ToolChoice?.Type == "tool", request.ToolChoice?.DisableParallelToolUse is { } alone ? !alone : null);
        return options;
    }

    private static ThinkingBudget? Thinking(MessageThinking? thinking) => thinking?.Type switch
    {
        null or "adaptive" => null,
        "disabled" => ThinkingBudget.None,
        "enabled" when thinking.BudgetTokens is null or >= 1 => new ThinkingBudget(0, thinking.BudgetTokens ?? int.MaxValue),
        "enabled" => throw ApiException.Invalid("thinking.budget_tokens", "\"thinking.budget_tokens\" must be 1 or more."),
        _ => throw ApiException.Invalid("thinking.type", "\"thinking.type\" must be enabled, adaptive or disabled."),
    };

    private static void Add(List<ChatMessage> read, MessageTurn message, string param)
    {
        if (message?.Role is not ("user" or "assistant" or "system")) throw ApiException.Invalid($"{param}.role", $"\"{param}.role\" must be user or assistant.");
        List<AIContent> contents = [], results = [];
        if (message.Content is { ValueKind: JsonValueKind.Array } blocks)
        {
            int index = 0;
            foreach (JsonElement block in blocks.EnumerateArray())
            {
                if (Block(block, message.Role, $"{param}.content[{index++}]") is not { } content) continue;
                (content is FunctionResultContent ? results : contents).Add(content);
            }
        }
        else
        {
            contents.Add(new TextContent(JsonBody.Text(message.Content ?? default, $"{param}.content")));
        }

        if (results.Count > 0) read.Add(new ChatMessage(ChatRole.Tool, results));
        if (contents.Count > 0) read.Add(new ChatMessage(message.Role == "assistant" ? ChatRole.Assistant : message.Role == "user" ? ChatRole.User : ChatRole.System, contents));
    }

    private static AIContent? Block(JsonElement block, string role, string param)
    {
        switch (JsonBody.Text(block, "type", param))
        {
            case "text":
                return new TextContent(JsonBody.Text(block, "text", param) ?? throw ApiException.Invalid($"{param}.text", $"\"{param}.text\" is missing."));
            case "thinking":
                return new TextReasoningContent(JsonBody.Text(block, "thinking", param) ?? "");
            case "redacted_thinking":
                return null;
            case "tool_use" when role == "assistant":
                return ToolReader.Call(JsonBody.Text(block, "id", param), JsonBody.Text(block, "name", param), block.TryGetProperty("input", out JsonElement input) ? input.GetRawText() : null, param);
            case "tool_result" when role == "user":
                string id = JsonBody.Text(block, "tool_use_id", param) ?? throw ApiException.Invalid($"{param}.tool_use_id", $"\"{param}.tool_use_id\" is missing.");
                string text = string.Concat(Texts(block.TryGetProperty("content", out JsonElement content) ? content : null, $"{param}.content"));
                bool failed = block.TryGetProperty("is_error", out JsonElement error) && error.ValueKind == JsonValueKind.True;
                return new FunctionResultContent(id, failed ? $"Error: {text}" : text);
            case "image" or "document" or "file":
                throw ApiException.Unsupported(param, $"\"{param}\" is no text, and this model reads text only.");
            default:
                throw ApiException.Invalid(param, $"\"{param}\" must be a block of the type text, thinking, tool_use (of an assistant) or tool_result (of a user).");
        }
    }

    private static IEnumerable<string> Texts(JsonElement? value, string param) => value switch
    {
        null or { ValueKind: JsonValueKind.Null } => [],
        { ValueKind: JsonValueKind.Array } blocks => blocks.EnumerateArray().Select((b, i) => JsonBody.Text(b, "text", $"{param}[{i}]") ?? throw ApiException.Unsupported($"{param}[{i}]", $"\"{param}[{i}]\" is no text, and this model reads text only.")),
        { } text => [JsonBody.Text(text, param)],
    };
}
