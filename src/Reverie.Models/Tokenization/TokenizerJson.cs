using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>The fields of <c>tokenizer.json</c>, each with one clear line where it is missing or of the wrong kind.</summary>
/// <param name="path">The file, for messages.</param>
internal sealed class TokenizerJson(string path)
{
    /// <summary>A field that must be there.</summary>
    public JsonElement Member(JsonElement parent, string name, JsonValueKind kind) =>
        Optional(parent, name, kind) ?? throw Fault($"it has no {name}");

    /// <summary>A field, or null where it is missing or null.</summary>
    public JsonElement? Optional(JsonElement parent, string name, JsonValueKind kind)
    {
        if (!parent.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind == kind ? value : throw Fault($"its {name} is not of the JSON type {kind.ToString().ToLowerInvariant()}");
    }

    /// <summary>A text or null.</summary>
    public string? Text(JsonElement parent, string name) => Optional(parent, name, JsonValueKind.String)?.GetString();

    /// <summary>True or false.</summary>
    public bool Flag(JsonElement parent, string name, bool missing = false)
    {
        if (!parent.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null) return missing;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Fault($"its {name} is not true or false");
    }

    /// <summary>The objects of a list.</summary>
    public IEnumerable<JsonElement> Objects(JsonElement parent, string name)
    {
        foreach (JsonElement item in Member(parent, name, JsonValueKind.Array).EnumerateArray())
            yield return item.ValueKind == JsonValueKind.Object ? item : throw Fault($"its {name} holds what is not an object");
    }

    /// <summary>The steps of a part of the pipeline: none where it is missing, those of a Sequence, or the one that it is.</summary>
    public JsonElement[] Steps(JsonElement root, string name, string list)
    {
        if (Optional(root, name, JsonValueKind.Object) is not { } part) return [];
        return Text(part, "type") == "Sequence" ? [.. Objects(part, list)] : [part];
    }

    /// <summary>The id of <paramref name="token"/>.</summary>
    public int Id(JsonElement value, string token) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int id) && id >= 0
            ? id
            : throw Fault($"the token {VocabularyBuilder.Show(token)} has an id that is not a whole number from 0 on");

    /// <summary>The failure that names the file and its fault.</summary>
    public ReverieException Fault(string what) => new(Message(what));

    /// <summary>Its text.</summary>
    public string Message(string what) =>
        $"The tokenizer {path} cannot be used: {what}. Take the tokenizer.json that belongs to the model, or train a new one.";
}
