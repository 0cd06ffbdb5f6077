using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using Reverie.Chat;

namespace Reverie.Serving;

/// <summary>Reads tools, how they may be called, and calls that were made.</summary>
internal static partial class ToolReader
{
    private static readonly JsonElement _noArguments = JsonDocument.Parse("""{"type":"object","properties":{}}""").RootElement.Clone();

    /// <summary>A tool that a model may call.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">When to call it.</param>
    /// <param name="schema">JSON schema of its arguments; null for none.</param>
    /// <param name="param">Where it stands in the request.</param>
    /// <exception cref="ApiException">The name or the schema is none.</exception>
    public static AITool Tool(string? name, string? description, JsonElement? schema, string param)
    {
        if (name is null || !Name().IsMatch(name)) throw ApiException.Invalid($"{param}.name", $"\"{param}.name\" must be 1 to 64 letters, digits, _ and -.");
        if (schema is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) }) throw ApiException.Invalid($"{param}.parameters", $"\"{param}.parameters\" must be a JSON schema: an object.", "invalid_schema");
        return AIFunctionFactory.CreateDeclaration(name, description, schema is { ValueKind: JsonValueKind.Object } given ? given : _noArguments);
    }

    /// <summary>Puts tools into the options of a request, and how they may be called.</summary>
    /// <param name="options">The options.</param>
    /// <param name="tools">The tools.</param>
    /// <param name="mode">none, auto, required, or any other name for that function; null for auto.</param>
    /// <param name="isFunction">Whether the mode is the name of a function.</param>
    /// <param name="parallel">Whether a reply may hold several calls.</param>
    /// <exception cref="ApiException">They contradict one another.</exception>
    public static void Apply(ReverieChatOptions options, IReadOnlyList<AITool> tools, string? mode, bool isFunction, bool? parallel)
    {
        if (tools.GroupBy(t => t.Name).FirstOrDefault(g => g.Count() > 1) is { } twice) throw ApiException.Invalid("tools", $"\"tools\" has the function \"{twice.Key}\" twice.");
        if (tools.Count > 0) options.Tools = [.. tools];
        options.AllowMultipleToolCalls = parallel;
        options.ToolMode = mode switch
        {
            null => null,
            _ when isFunction => tools.Any(t => t.Name == mode) ? ChatToolMode.RequireSpecific(mode) : throw ApiException.Invalid("tool_choice", "\"tool_choice\" names a function that is not in \"tools\"."),
            "none" => ChatToolMode.None,
            "auto" => ChatToolMode.Auto,
            "required" or "any" => tools.Count > 0 ? ChatToolMode.RequireAny : throw ApiException.Invalid("tool_choice", "\"tool_choice\" demands a call, and there are no \"tools\"."),
            _ => throw ApiException.Invalid("tool_choice", "\"tool_choice\" must be none, auto, required, or an object that names a function."),
        };
        bool mustCall = options.ToolMode is RequiredChatToolMode;
        if (mustCall && options.ResponseFormat is ChatResponseFormatJson) throw ApiException.Invalid("tool_choice", "\"tool_choice\" demands a call and \"response_format\" demands JSON text. Ask for one of them.");
        if (mustCall && options.Grammar is not null) throw ApiException.Invalid("tool_choice", "\"tool_choice\" demands a call and \"grammar\" says what the text is. Ask for one of them.");
    }

    /// <summary>A call that an assistant made.</summary>
    /// <param name="id">Names it.</param>
    /// <param name="name">The function.</param>
    /// <param name="arguments">A JSON object as text.</param>
    /// <param name="param">Where it stands in the request.</param>
    /// <exception cref="ApiException">A part is missing or the arguments are no object.</exception>
    public static FunctionCallContent Call(string? id, string? name, string? arguments, string param)
    {
        if (string.IsNullOrEmpty(id)) throw ApiException.Invalid($"{param}.id", $"\"{param}.id\" is missing.");
        if (string.IsNullOrEmpty(name)) throw ApiException.Invalid($"{param}.name", $"\"{param}.name\" is missing.");
        try
        {
            return new FunctionCallContent(id, name, string.IsNullOrWhiteSpace(arguments) ? new Dictionary<string, object?>() : JsonSerializer.Deserialize(arguments, ApiJson.Default.DictionaryStringObject));
        }
        catch (JsonException)
        {
            throw ApiException.Invalid($"{param}.arguments", $"\"{param}.arguments\" must be a JSON object as text.", "invalid_json");
        }
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
