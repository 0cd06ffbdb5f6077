using System.Text.Json;
using Microsoft.Extensions.AI;
using Reverie.Chat;

namespace Reverie.Serving;

/// <summary>Reads the body of <c>/v1/responses</c> as messages and options.</summary>
internal static class ResponseReader
{
    /// <summary>What "include" names where the probabilities of the text's tokens are told.</summary>
    public const string TellsTokens = "message.output_text.logprobs";

    /// <summary>What is said anew.</summary>
    /// <exception cref="ApiException">An item makes no sense.</exception>
    public static List<ChatMessage> Input(JsonElement? input)
    {
        List<ChatMessage> read = [];
        switch (input)
        {
            case { ValueKind: JsonValueKind.String } text:
                read.Add(new ChatMessage(ChatRole.User, JsonBody.Text(text, "input")));
                break;
            case { ValueKind: JsonValueKind.Array } items:
                int index = 0;
                foreach (JsonElement item in items.EnumerateArray()) Add(read, item, $"input[{index++}]");
                break;
            case null or { ValueKind: JsonValueKind.Null }:
                break;
            default:
                throw ApiException.Invalid("input", "\"input\" must be a text or a list of items.", "invalid_type");
        }

        return read.Count > 0 ? read : throw ApiException.Invalid("input", "\"input\" is missing or empty.", "missing_required_parameter");
    }

    /// <summary>The options.</summary>
    /// <exception cref="ApiException">They are out of range, contradict one another or ask for what is not there.</exception>
    public static ReverieChatOptions Options(ResponseRequest request, string owner)
    {
        if (request.Background == true) throw ApiException.Unsupported("background", "\"background\" is not supported: the answer comes at once or as a stream.");
        if (request.Conversation is { ValueKind: not JsonValueKind.Null }) throw ApiException.Unsupported("conversation", "\"conversation\" is not supported. Use \"previous_response_id\".");
        if (request.Prompt is { ValueKind: not JsonValueKind.Null }) throw ApiException.Unsupported("prompt", "\"prompt\" is not supported. Send \"instructions\" and \"input\".");
        if (request.Truncation is not (null or "disabled")) throw ApiException.Unsupported("truncation", "\"truncation\" must be disabled: nothing is left out of a conversation unasked.");
        SamplingReader.Check(request.Temperature is null or (>= 0 and <= 2), "temperature", request.Temperature, "between 0 and 2");
        SamplingReader.Check(request.TopP is null or (> 0 and <= 1), "top_p", request.TopP, "above 0 and at most 1");
        SamplingReader.Check(request.MaxOutputTokens is null or >= 1, "max_output_tokens", request.MaxOutputTokens, "1 or more");
        bool tellsTokens = request.Include?.Contains(TellsTokens) == true;
        if (request.TopLogprobs > 0 && !tellsTokens) throw ApiException.Invalid("top_logprobs", $"\"top_logprobs\" is set without \"include\": [\"{TellsTokens}\"]. Set both, or neither.");
        ResponseTextFormat? format = request.Text?.Format;
        var options = new ReverieChatOptions
        {
            Instructions = request.Instructions,
            Temperature = request.Temperature is > 0 and < 0.01f ? 0 : request.Temperature,
            TopP = request.TopP,
            MaxOutputTokens = request.MaxOutputTokens,
            Reasoning = SamplingReader.Effort(request.Reasoning?.Effort, "reasoning.effort"),
            ResponseFormat = ChatCompletionReader.Format(format?.Type, format?.Schema, format?.Name, format?.Description, "text.format"),
            LogProbabilities = SamplingReader.Alternatives(tellsTokens, request.TopLogprobs),
            Owner = owner,
        };
        AITool[] tools = [.. (request.Tools ?? []).Select((t, i) => t?.Type is "function"
            ? ToolReader.Tool(t.Name, t.Description, t.Parameters, $"tools[{i}]")
            : throw ApiException.Unsupported($"tools[{i}].type", $"\"tools[{i}].type\" must be function; this server has no tools of its own."))];
        (string? mode, bool isFunction) = request.ToolChoice switch
        {
            null or { ValueKind: JsonValueKind.Null } => (null, false),
            { ValueKind: JsonValueKind.String } text => (JsonBody.Text(text, "tool_choice"), false),
            { } named => (JsonBody.Text(named, "name", "tool_choice") ?? throw ApiException.Unsupported("tool_choice", "\"tool_choice\" must be none, auto, required, or an object that names a function."), true),
        };
        ToolReader.Apply(options, tools, mode, isFunction, request.ParallelToolCalls);
        return options;
    }

    private static void Add(List<ChatMessage> read, JsonElement item, string param)
    {
        switch (JsonBody.Text(item, "type", param) ?? "message")
        {
            case "message":
                ChatRole role = JsonBody.Text(item, "role", param) switch
                {
                    "user" => ChatRole.User,
                    "assistant" => ChatRole.Assistant,
                    "system" or "developer" => ChatRole.System,
                    _ => throw ApiException.Invalid($"{param}.role", $"\"{param}.role\" must be system, developer, user or assistant."),
                };
                Join(read, role, [.. ChatCompletionReader.Content(item.TryGetProperty("content", out JsonElement content) ? content : null, $"{param}.content")]);
                break;
            case "function_call":
                Join(read, ChatRole.Assistant, [ToolReader.Call(JsonBody.Text(item, "call_id", param), JsonBody.Text(item, "name", param), JsonBody.Text(item, "arguments", param), param)]);
                break;
            case "function_call_output":
                string id = JsonBody.Text(item, "call_id", param) ?? throw ApiException.Invalid($"{param}.call_id", $"\"{param}.call_id\" is missing.");
                string output = string.Concat(ChatCompletionReader.Content(item.TryGetProperty("output", out JsonElement result) ? result : null, $"{param}.output").Select(c => ((TextContent)c).Text));
                read.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(id, output)]));
                break;
            case "reasoning":
                string thought = item.TryGetProperty("content", out JsonElement parts) && parts.ValueKind == JsonValueKind.Array
                    ? string.Concat(parts.EnumerateArray().Select((p, i) => JsonBody.Text(p, "text", $"{param}.content[{i}]"))) : "";
                if (thought.Length > 0) Join(read, ChatRole.Assistant, [new TextReasoningContent(thought)]);
                break;
            default:
                throw ApiException.Unsupported($"{param}.type", $"\"{param}.type\" must be message, function_call, function_call_output or reasoning.");
        }
    }

    /// <summary>What an assistant thought, said and called is one message for the model.</summary>
    private static void Join(List<ChatMessage> read, ChatRole role, List<AIContent> contents)
    {
        if (role == ChatRole.Assistant && read.Count > 0 && read[^1].Role == ChatRole.Assistant)
            foreach (AIContent content in contents) read[^1].Contents.Add(content);
        else read.Add(new ChatMessage(role, contents));
    }
}
