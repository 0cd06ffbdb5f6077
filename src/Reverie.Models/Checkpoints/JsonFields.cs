using System.Text.Json;
using System.Text.Unicode;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>The fields of a JSON object in a file, each with one clear line where it is missing or of the wrong kind.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="element">The object.</param>
internal readonly struct JsonFields(string path, JsonElement element)
{
    private const int MaximumBytes = 16 << 20;

    /// <summary>Reads a file whose content is one JSON object. The fields stay valid: they lean on no document.</summary>
    /// <exception cref="ReverieException">It cannot be read or is no JSON object.</exception>
    public static JsonFields Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaximumBytes) throw new JsonException($"more than {MaximumBytes >> 20} MiB");
            byte[] bytes = File.ReadAllBytes(path);
            if (!Utf8.IsValid(bytes)) throw new JsonException("not UTF-8");
            using JsonDocument document = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new JsonException("not an object");
            return new JsonFields(path, document.RootElement.Clone());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReverieException($"Cannot read {path}: {e.Message.TrimEnd('.')}. Check the path.", e);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ReverieException($"{path} is not valid JSON: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}. Fetch or save the model again.", e);
        }
    }

    /// <summary>Whether the object has no fields.</summary>
    public bool IsEmpty => element.GetPropertyCount() == 0;

    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>A whole number; required where <paramref name="otherwise"/> is null.</summary>
    public int Integer(string name, int? otherwise = null) => Find(name) is not { } value
        ? otherwise ?? throw Missing(name)
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : throw Wrong(name, "a whole number");

    /// <summary>A whole number of 64 bits, required.</summary>
    public long Long(string name) => Find(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out long number) ? number : throw Wrong(name, "a whole number");

    /// <summary>A number; required where <paramref name="otherwise"/> is null.</summary>
    public double Number(string name, double? otherwise = null) => Find(name) is not { } value
        ? otherwise ?? throw Missing(name)
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? number : throw Wrong(name, "a number");

    /// <summary>True or false.</summary>
    public bool Flag(string name, bool otherwise) => Find(name) is not { } value
        ? otherwise
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(name, "true or false");

    /// <summary>A text; required where <paramref name="otherwise"/> is null.</summary>
    public string Text(string name, string? otherwise = null) => Find(name) is not { } value
        ? otherwise ?? throw Missing(name)
        : value.ValueKind == JsonValueKind.String ? TextOf(value) : throw Wrong(name, "a text");

    /// <summary>A text or null.</summary>
    public string? OptionalText(string name) => Has(name) ? Text(name) : null;

    /// <summary>A text, or the <c>content</c> of an object, as Hugging Face writes special tokens; null where it is missing.</summary>
    public string? TextOrContent(string name) => Find(name) is { ValueKind: JsonValueKind.Object } ? Object(name)?.OptionalText("content") : OptionalText(name);

    /// <summary>A whole number or a list of them; empty where it is missing.</summary>
    public IReadOnlyList<int> Integers(string name)
    {
        if (Find(name) is not { } value) return [];
        if (value.ValueKind != JsonValueKind.Array) return [Integer(name)];
        var integers = new List<int>();
        foreach (JsonElement item in value.EnumerateArray())
            integers.Add(item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int number) ? number : throw Wrong(name, "a list of whole numbers"));
        return integers;
    }

    /// <summary>The object as the file has it.</summary>
    public string Raw => element.GetRawText();

    /// <summary>A list of texts; empty where it is missing.</summary>
    public IReadOnlyList<string> Texts(string name)
    {
        if (Find(name) is not { } value) return [];
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(name, "a list of texts");
        var texts = new List<string>();
        foreach (JsonElement item in value.EnumerateArray()) texts.Add(item.ValueKind == JsonValueKind.String ? TextOf(item) : throw Wrong(name, "a list of texts"));
        return texts;
    }

    /// <summary>An object whose values are texts, required.</summary>
    public IReadOnlyDictionary<string, string> Map(string name)
    {
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (Find(name) is not { ValueKind: JsonValueKind.Object } value) throw Wrong(name, "an object of texts");
        foreach (JsonProperty property in value.EnumerateObject())
            map.Add(NameOf(property), property.Value.ValueKind == JsonValueKind.String ? TextOf(property.Value) : throw Wrong(name, "an object of texts"));
        return map;
    }

    /// <summary>An object whose values are numbers; empty where it is missing.</summary>
    public IReadOnlyDictionary<string, double> Numbers(string name)
    {
        var map = new SortedDictionary<string, double>(StringComparer.Ordinal);
        if (Find(name) is not { } value) return map;
        if (value.ValueKind != JsonValueKind.Object) throw Wrong(name, "an object of numbers");
        foreach (JsonProperty property in value.EnumerateObject())
            map.Add(NameOf(property), property.Value.ValueKind == JsonValueKind.Number && property.Value.TryGetDouble(out double number) && double.IsFinite(number) ? number : throw Wrong(name, "an object of numbers"));
        return map;
    }

    /// <summary>A list of numbers, required.</summary>
    public IReadOnlyList<double> List(string name)
    {
        var list = new List<double>();
        if (Find(name) is not { ValueKind: JsonValueKind.Array } value) throw Wrong(name, "a list of numbers");
        foreach (JsonElement item in value.EnumerateArray()) list.Add(item.ValueKind == JsonValueKind.Number && item.TryGetDouble(out double number) && double.IsFinite(number) ? number : throw Wrong(name, "a list of numbers"));
        return list;
    }

    /// <summary>Whether the field is a list.</summary>
    public bool IsList(string name) => Find(name) is { ValueKind: JsonValueKind.Array };

    /// <summary>A list of objects, required.</summary>
    public IReadOnlyList<JsonFields> Objects(string name)
    {
        var objects = new List<JsonFields>();
        if (Find(name) is not { ValueKind: JsonValueKind.Array } value) throw Wrong(name, "a list of objects");
        foreach (JsonElement item in value.EnumerateArray()) objects.Add(item.ValueKind == JsonValueKind.Object ? new JsonFields(path, item) : throw Wrong(name, "a list of objects"));
        return objects;
    }

    /// <summary>An object, or null where it is missing.</summary>
    public JsonFields? Object(string name) => Find(name) is not { } value
        ? null
        : value.ValueKind == JsonValueKind.Object ? new JsonFields(path, value) : throw Wrong(name, "an object");

    /// <summary>The failure that names the file and its fault.</summary>
    public ReverieException Broken(string fault) => new($"{path} cannot be used: {fault}. Fetch or save the model again.");

    private string TextOf(JsonElement value) => Unicode(value, static v => v.GetString()!);

    private string NameOf(JsonProperty property) => Unicode(property, static p => p.Name);

    /// <summary>JSON can escape half of a surrogate pair, which is no text.</summary>
    private string Unicode<T>(T source, Func<T, string> read)
    {
        try
        {
            return read(source);
        }
        catch (InvalidOperationException)
        {
            throw Broken("it holds text that is not Unicode");
        }
    }

    private JsonElement? Find(string name) => element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private ReverieException Missing(string name) => Broken($"it has no {name}");

    private ReverieException Wrong(string name, string kind) => Broken(Has(name) ? $"its {name} is not {kind}" : $"it has no {name}");
}
