using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>A schema and where it stands.</summary>
/// <param name="Schema">The schema.</param>
/// <param name="Path">A JSON pointer.</param>
/// <param name="IsExpanded">Whether its references and combinations are dealt with, and only what it says itself counts.</param>
internal readonly record struct SchemaPlace(JsonElement Schema, string Path, bool IsExpanded = false)
{
    /// <summary>What is wrong with a keyword.</summary>
    public ReverieException Fault(string keyword, string what) => new(OneLine($"The JSON schema cannot be enforced: {Path}/{Escape(keyword)} {what}"));

    /// <summary>A message without the line ends and the like that a schema's names may have.</summary>
    public static string OneLine(string message)
    {
        string line = string.Concat(message.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return line.Length <= 500 ? line : $"{line[..250]} ... {line[^240..]}";
    }

    /// <summary>A subschema.</summary>
    public SchemaPlace Child(string keyword, string name) => Child(keyword).Named(name);

    /// <summary>The subschema of a keyword.</summary>
    public SchemaPlace Child(string keyword) => new(Schema.GetProperty(keyword), $"{Path}/{Escape(keyword)}");

    /// <summary>One of the subschemas of a keyword that has a list.</summary>
    public SchemaPlace Child(string keyword, int index) => new(Schema.GetProperty(keyword)[index], $"{Path}/{Escape(keyword)}/{index}");

    /// <summary>The value of a keyword; null where it is not there.</summary>
    public JsonElement? Get(string keyword) => Schema.ValueKind == JsonValueKind.Object && Schema.TryGetProperty(keyword, out JsonElement value) ? value : null;

    /// <summary>How often something may be there.</summary>
    /// <exception cref="ReverieException">It is no whole number of 0 or more.</exception>
    public int? Count(string keyword)
    {
        if (Get(keyword) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDecimal(out decimal number) || number < 0 || number != decimal.Truncate(number))
            throw Fault(keyword, "must be a whole number, 0 or more.");
        return (int)Math.Min(number, int.MaxValue);
    }

    /// <summary>A number.</summary>
    /// <exception cref="ReverieException">It is none, or has more digits than are read.</exception>
    public decimal? Number(string keyword)
    {
        if (Get(keyword) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Number) throw Fault(keyword, "must be a number.");
        return value.TryGetDecimal(out decimal number) && Math.Abs(number) < 1e27m ? number : throw Fault(keyword, "is larger than 10^27 or has too many digits. Leave it out or make it smaller.");
    }

    private SchemaPlace Named(string name) => new(Schema.GetProperty(name), $"{Path}/{Escape(name)}");

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
