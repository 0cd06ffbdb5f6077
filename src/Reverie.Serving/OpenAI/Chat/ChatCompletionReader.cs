using System.Text.Json;
using Microsoft.Extensions.AI;
using Reverie.Chat;

namespace Reverie.Serving;

/// <summary>Reads the body of <c>/v1/chat/completions</c> as a conversation and its options.</summary>
internal static class ChatCompletionReader
{
    /// <summary>The conversation.</summary>
    /// <exception cref="ApiException">A message makes no sense.</exception>
    public static List<ChatMessage> Messages(ChatCompletionRequest request)
    {
        if (request.Messages is not { Count: > 0 } messages) throw ApiException.Invalid("messages", "\"messages\" is missing or empty. Send at least one message.", "missing_required_parameter");
        return [.. messages.Select((m, i) => Message(m, $"messages[{i}]"))];
    }

    /// <summary>The options.</summary>
    /// <param name="request">The request.</param>
    /// <param name="model">The model that is asked.</param>
    /// <param name="owner">Who asks.</param>
    /// <exception cref="ApiException">They are out of range, contradict one another or ask for what is not there.</exception>
    public static ReverieChatOptions Options(ChatCompletionRequest request, ChatModel model, string owner)
    {
        Refuse(request);
        if (request is { MaxTokens: { } old, MaxCompletionTokens: { } now } && old != now) throw ApiException.Invalid("max_tokens", $"\"max_tokens\" is {old} and \"max_completion_tokens\" {now}. Send one of them.");
        SamplingReader.Check(request.MaxCompletionTokens is null or >= 1, "max_completion_tokens", request.MaxCompletionTokens, "1 or more");
        if (request.StreamOptions is not null && request.Stream != true) throw ApiException.Invalid("stream_options", "\"stream_options\" is set without \"stream\": true.");

        ReverieChatOptions options = SamplingReader.Read(request, model, owner);
        options.MaxOutputTokens ??= request.MaxCompletionTokens;
        options.LogProbabilities = SamplingReader.Alternatives(request.Logprobs, request.TopLogprobs);
        options.Reasoning = SamplingReader.Effort(request.ReasoningEffort, "reasoning_effort")
            ?? (request.ChatTemplateKwargs is { ValueKind: JsonValueKind.Object } more && more.TryGetProperty("enable_thinking", out JsonElement think) && think.ValueKind == JsonValueKind.False ? SamplingReader.Effort("none", "") : null);
        options.ResponseFormat = Format(request.ResponseFormat?.Type, request.ResponseFormat?.JsonSchema?.Schema, request.ResponseFormat?.JsonSchema?.Name, request.ResponseFormat?.JsonSchema?.Description, "response_format");
        if (options is { Grammar: not null, ResponseFormat: ChatResponseFormatJson }) throw ApiException.Invalid("grammar", "\"grammar\" and \"response_format\" both say what the answer looks like. Send one of them.");
        AITool[] tools = [.. (request.Tools ?? []).Select((t, i) => t?.Type is null or "function"
            ? ToolReader.Tool(t?.Function?.Name, t?.Function?.Description, t?.Function?.Parameters, $"tools[{i}].function")
            : throw ApiException.Unsupported($"tools[{i}].type", $"\"tools[{i}].type\" is \"{t.Type}\"; only functions can be called here."))];
        (string? mode, bool isFunction) = ToolMode(request.ToolChoice);
        ToolReader.Apply(options, tools, mode, isFunction, request.ParallelToolCalls);
        return options;
    }

    /// <summary>What form an answer has.</summary>
    /// <exception cref="ApiException">The form is unknown or its schema is missing.</exception>
    public static ChatResponseFormat? Format(string? type, JsonElement? schema, string? name, string? description, string param) => type switch
    {
        null => null,
        "text" => ChatResponseFormat.Text,
        "json_object" => ChatResponseFormat.Json,
        "json_schema" when schema is { ValueKind: JsonValueKind.Object } given => ChatResponseFormat.ForJsonSchema(given, name, description),
        "json_schema" => throw ApiException.Invalid(param, $"\"{param}\" is json_schema, and its \"schema\" is no object.", "invalid_schema"),
        _ => throw ApiException.Invalid($"{param}.type", $"\"{param}.type\" must be text, json_object or json_schema."),
    };

    /// <summary>The texts of a message's content.</summary>
    /// <exception cref="ApiException">It holds what is no text.</exception>
    public static IEnumerable<AIContent> Content(JsonElement? content, string param)
    {
        switch (content)
        {
            case null or { ValueKind: JsonValueKind.Null }:
                break;
            case { ValueKind: JsonValueKind.String } text:
                yield return new TextContent(JsonBody.Text(text, param));
                break;
            case { ValueKind: JsonValueKind.Array } parts:
                int index = 0;
                foreach (JsonElement part in parts.EnumerateArray()) yield return Part(part, $"{param}[{index++}]");
                break;
            default:
                throw ApiException.Invalid(param, $"\"{param}\" must be a text or a list of parts.", "invalid_type");
        }
    }

    private static TextContent Part(JsonElement part, string param) => JsonBody.Text(part, "type", param) switch
    {
        "text" or "input_text" or "output_text" => new TextContent(JsonBody.Text(part, "text", param) ?? throw ApiException.Invalid($"{param}.text", $"\"{param}.text\" is missing.")),
        "refusal" => new TextContent(JsonBody.Text(part, "refusal", param) ?? ""),
        "image_url" or "input_image" or "image" => throw ApiException.Unsupported(param, $"\"{param}\" is an image, and this model reads text only."),
        "input_audio" => throw ApiException.Unsupported(param, $"\"{param}\" is sound, and this model reads text only."),
        "file" or "input_file" or "document" => throw ApiException.Unsupported(param, $"\"{param}\" is a file, and this model reads text only. Send its text."),
        _ => throw ApiException.Invalid(param, $"\"{param}\" must be a part of the type text."),
    };

    private static ChatMessage Message(ChatCompletionMessage message, string param)
    {
        if (message is null) throw ApiException.Invalid(param, $"\"{param}\" is null; it must be a message.");
        List<AIContent> contents = [.. Content(message.Content, $"{param}.content")];
        if (message.ToolCalls is { Count: > 0 } && message.Role != "assistant") throw ApiException.Invalid($"{param}.tool_calls", $"\"{param}\" has calls; only an assistant calls tools.");
        switch (message.Role)
        {
            case "system" or "developer":
                return new ChatMessage(ChatRole.System, contents);
            case "user":
                if (contents.Count == 0) throw ApiException.Invalid($"{param}.content", $"\"{param}.content\" is missing.");
                return new ChatMessage(ChatRole.User, contents);
            case "assistant":
                if (message.ReasoningContent is { Length: > 0 } reasoning) contents.Insert(0, new TextReasoningContent(reasoning));
                contents.AddRange((message.ToolCalls ?? []).Select((c, i) => ToolReader.Call(c?.Id, c?.Function?.Name, c?.Function?.Arguments, $"{param}.tool_calls[{i}]")));
                return new ChatMessage(ChatRole.Assistant, contents);
            case "tool":
                if (string.IsNullOrEmpty(message.ToolCallId)) throw ApiException.Invalid($"{param}.tool_call_id", $"\"{param}.tool_call_id\" is missing: which call does the tool answer?");
                return new ChatMessage(ChatRole.Tool, [new FunctionResultContent(message.ToolCallId, string.Concat(contents.Select(c => ((TextContent)c).Text)))]);
            default:
                throw ApiException.Invalid($"{param}.role", $"\"{param}.role\" must be system, developer, user, assistant or tool.");
        }
    }

    private static (string? Mode, bool IsFunction) ToolMode(JsonElement? choice) => choice switch
    {
        null or { ValueKind: JsonValueKind.Null } => (null, false),
        { ValueKind: JsonValueKind.String } mode => (JsonBody.Text(mode, "tool_choice"), false),
        { ValueKind: JsonValueKind.Object } named when named.TryGetProperty("function", out JsonElement function) => (JsonBody.Text(function, "name", "tool_choice.function"), true),
        _ => throw ApiException.Invalid("tool_choice", "\"tool_choice\" must be none, auto, required, or an object that names a function."),
    };

    private static void Refuse(ChatCompletionRequest request)
    {
        if (request.Functions is { ValueKind: not JsonValueKind.Null } || request.FunctionCall is { ValueKind: not JsonValueKind.Null })
            throw ApiException.Unsupported("functions", "\"functions\" and \"function_call\" are the older way. Use \"tools\" and \"tool_choice\".");
        if (request.Audio is { ValueKind: not JsonValueKind.Null } || request.Modalities?.Any(m => m != "text") == true)
            throw ApiException.Unsupported("modalities", "This model speaks text only. Leave \"audio\" out, and \"modalities\" or make them [\"text\"].");
        if (request.WebSearchOptions is { ValueKind: not JsonValueKind.Null }) throw ApiException.Unsupported("web_search_options", "This server does not search the web. Give the model a tool that does.");
    }
}
