using System.Text.Json.Nodes;
using Reverie.Models;

namespace Reverie.Worlds;

/// <summary>What a model is told about a tool: Qwen3's form, a JSON schema of the function.</summary>
/// <param name="Name">The tool.</param>
/// <param name="Description">What it does.</param>
/// <param name="Parameters">Its arguments: the name and what it means; a name that ends with <c>?</c> may be left out.</param>
public sealed record ToolDefinition(string Name, string Description, params (string Name, string Meaning)[] Parameters)
{
    /// <summary>The system message that explains the tools, for models that were not raised on them.</summary>
    public static Message Describe(string task, IEnumerable<ToolDefinition> tools) => new(Role.System,
        $"{task}\n\n# Tools\n\nCall one function in each turn.\n\n<tools>\n{string.Join('\n', tools)}\n</tools>\n\n"
        + $"A call is one JSON object in tags: {SpecialToken.ToolCallStart}{{\"name\": ..., \"arguments\": {{...}}}}{SpecialToken.ToolCallEnd}");

    /// <summary>The definition as one line of JSON.</summary>
    public override string ToString()
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach ((string name, string meaning) in Parameters)
        {
            properties[name.TrimEnd('?')] = new JsonObject { ["type"] = "string", ["description"] = meaning };
            if (!name.EndsWith('?')) required.Add(name);
        }

        var parameters = new JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = required };
        var function = new JsonObject { ["name"] = Name, ["description"] = Description, ["parameters"] = parameters };
        return new JsonObject { ["type"] = "function", ["function"] = function }.ToJsonString();
    }
}
