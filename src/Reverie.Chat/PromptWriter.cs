using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Chat;

/// <summary>Writes a conversation in the types of Microsoft.Extensions.AI as a model's prompt.</summary>
internal static class PromptWriter
{
    private static readonly JsonSerializerOptions _plain = new(AIJsonUtilities.DefaultOptions) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = false };

    /// <summary>The tokens up to where the reply begins.</summary>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="messages">The conversation, oldest first.</param>
    /// <param name="options">Instructions, tools and whether to reason.</param>
    /// <exception cref="ReverieException">The conversation holds what a model of text cannot read, or the template refuses it.</exception>
    public static int[] Write(Tokenizer tokenizer, IEnumerable<ChatMessage> messages, ChatOptions options)
    {
        List<Message> turns = [];
        foreach (ChatMessage message in messages) Add(turns, message);
        if (options.Instructions is { Length: > 0 } instructions) turns.Insert(0, new Message(Role.System, instructions));
        if (turns.Count == 0) throw new ReverieException("The conversation has no messages. Send at least one.");

        AIFunctionDeclaration[] tools = Tools(options);
        bool templateKnowsTools = !tokenizer.ChatTemplate.IsOwn && tokenizer.ChatTemplate.Source?.Contains("tools", StringComparison.Ordinal) == true;
        if (tools.Length > 0 && !templateKnowsTools) Describe(turns, tools);
        var template = new ChatTemplateOptions
        {
            Tools = templateKnowsTools ? [.. tools.Select(DefinitionOf)] : [],
            EnableThinking = options.Reasoning?.Effort is { } effort ? effort != ReasoningEffort.None : null,
        };
        return tokenizer.ChatTemplate.Render(turns, addGenerationPrompt: true, template).Tokens;
    }

    /// <summary>The tools that the model may call; none where the caller forbids it.</summary>
    /// <exception cref="ReverieException">A tool is not a function.</exception>
    public static AIFunctionDeclaration[] Tools(ChatOptions options) => options.ToolMode is NoneChatToolMode ? [] :
    [
        .. (options.Tools ?? []).Select(t => t as AIFunctionDeclaration ?? throw new ReverieException($"The tool {t.Name} is not a function, and a model that runs here can call functions only.")),
    ];

    private static void Add(List<Message> turns, ChatMessage message)
    {
        if (message.Role == ChatRole.Tool)
        {
            foreach (AIContent content in message.Contents)
                turns.Add(new Message(Role.Tool, content is FunctionResultContent result ? ResultOf(result) : TextOf(content)));
            return;
        }

        var text = new StringBuilder();
        foreach (AIContent content in message.Contents)
        {
            text.Append(content switch
            {
                TextReasoningContent { Text.Length: > 0 } reasoning => $"{SpecialToken.ThinkStart}{reasoning.Text}{SpecialToken.ThinkEnd}",
                FunctionCallContent call => $"{SpecialToken.ToolCallStart}{CallOf(call)}{SpecialToken.ToolCallEnd}",
                FunctionResultContent => throw new ReverieException("The result of a tool stands in a message of another role. Give it the role \"tool\"."),
                UsageContent or TextReasoningContent => "",
                _ => TextOf(content),
            });
        }

        Role role = message.Role == ChatRole.Assistant ? Role.Assistant
            : message.Role == ChatRole.System || message.Role.Value == "developer" ? Role.System
            : message.Role == ChatRole.User ? Role.User
            : throw new ReverieException($"The role \"{message.Role.Value}\" is unknown. Use system, developer, user, assistant or tool.");
        turns.Add(new Message(role, text.ToString()));
    }

    private static string TextOf(AIContent content) => content is TextContent text ? text.Text
        : throw new ReverieException($"A message holds {(content is DataContent or UriContent ? "an image, sound or file" : content.GetType().Name)}, and this model reads text only.");

    private static string ResultOf(FunctionResultContent result) => result.Result switch
    {
        null => result.Exception is null ? "" : $"Error: {result.Exception.Message}",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
        TextContent text => text.Text,
        var other => JsonSerializer.Serialize(other, _plain),
    };

    private static string CallOf(FunctionCallContent call) =>
        $"{{\"name\": {JsonSerializer.Serialize(call.Name, _plain)}, \"arguments\": {JsonSerializer.Serialize(call.Arguments ?? new Dictionary<string, object?>(), _plain)}}}";

    private static JsonElement DefinitionOf(AIFunctionDeclaration tool) => JsonSerializer.SerializeToElement(
        new { type = "function", function = new { name = tool.Name, description = tool.Description, parameters = tool.JsonSchema } }, _plain);

    /// <summary>Tells the tools in the system message, for templates that know none.</summary>
    private static void Describe(List<Message> turns, AIFunctionDeclaration[] tools)
    {
        string said = turns is [{ Role: Role.System } first, ..] ? first.Content + "\n\n" : "";
        if (said.Length > 0) turns.RemoveAt(0);
        turns.Insert(0, new Message(Role.System,
            $"{said}# Tools\n\nCall a function where it helps.\n\n<tools>\n{string.Join('\n', tools.Select(t => DefinitionOf(t).GetRawText()))}\n</tools>\n\n"
            + $"A call is one JSON object in tags: {SpecialToken.ToolCallStart}{{\"name\": ..., \"arguments\": {{...}}}}{SpecialToken.ToolCallEnd}"));
    }
}
