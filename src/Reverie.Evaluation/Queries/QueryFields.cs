using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Evaluation;

/// <summary>The fields of one document, read with a clear message where one is not as it should be.</summary>
/// <param name="document">The object.</param>
/// <param name="where">File and line, for messages.</param>
public sealed class QueryFields(JsonElement document, string where)
{
    /// <summary>The document as one line of JSON.</summary>
    public string Json => document.GetRawText();

    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => document.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>A string; a number is taken as its digits.</summary>
    /// <exception cref="ReverieException">It is not there, or something else.</exception>
    public string Text(string name) => TextOf(Field(name), name);

    /// <summary>An integer, also one in quotation marks.</summary>
    /// <exception cref="ReverieException">It is not there, or not an integer.</exception>
    public int Integer(string name)
    {
        JsonElement value = Field(name);
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number)) return number;
        if (value.ValueKind == JsonValueKind.String && int.TryParse(value.GetString(), System.Globalization.CultureInfo.InvariantCulture, out number)) return number;
        throw Wrong(name, "a whole number");
    }

    /// <summary>A list of strings.</summary>
    /// <exception cref="ReverieException">It is not there, or not such a list.</exception>
    public string[] Texts(string name)
    {
        JsonElement value = Field(name);
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(name, "a list of strings");
        return [.. value.EnumerateArray().Select(v => TextOf(v, name))];
    }

    /// <summary>The fields of an object inside.</summary>
    /// <exception cref="ReverieException">It is not there, or not an object.</exception>
    public QueryFields Object(string name) => Field(name) is { ValueKind: JsonValueKind.Object } value ? new QueryFields(value, where) : throw Wrong(name, "an object");

    /// <summary>The fields of each object of a list.</summary>
    /// <exception cref="ReverieException">It is not there, or not such a list.</exception>
    public QueryFields[] Objects(string name)
    {
        JsonElement value = Field(name);
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(v => v.ValueKind != JsonValueKind.Object)) throw Wrong(name, "a list of objects");
        return [.. value.EnumerateArray().Select(v => new QueryFields(v, where))];
    }

    /// <summary>The index of the right option.</summary>
    /// <exception cref="ReverieException">There is no such option.</exception>
    public int Gold(int index, int options) => index >= 0 && index < options
        ? index
        : throw new ReverieException($"{where}: the right option is number {index}, but there are {options}, counted from 0. Correct the file.");

    /// <summary>An exception that says what is wrong with a field.</summary>
    public ReverieException Wrong(string name, string wanted) => new($"{where}: {name} must be {wanted}. Correct the file or name another --format.");

    private JsonElement Field(string name) => document.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
        ? value
        : throw new ReverieException($"{where}: there is no {name}. Correct the file or name another --format.");

    private string TextOf(JsonElement value, string name) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        _ => throw Wrong(name, "a string"),
    };
}
