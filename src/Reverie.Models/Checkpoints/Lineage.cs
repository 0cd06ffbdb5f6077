using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>Where a checkpoint comes from and what its files are: the content of <c>lineage.json</c>.</summary>
public sealed record Lineage
{
    /// <summary>Name of the file in a checkpoint.</summary>
    public const string FileName = "lineage.json";

    /// <summary>The model's name.</summary>
    public required string Name { get; init; }

    /// <summary>The version's name, unique under the model's.</summary>
    public required string Version { get; init; }

    /// <summary><see cref="Id"/> of the checkpoint that this one was made from; null for the first.</summary>
    public string? Parent { get; init; }

    /// <summary><see cref="Id"/> of the adapter that this adapter was trained on top of, beside <see cref="Parent"/>; null for the model alone. Without it the adapter is not what it was.</summary>
    public string? Beneath { get; init; }

    /// <summary>All stages since the random weights, oldest first.</summary>
    public IReadOnlyList<StageRecord> Stages { get; init; } = [];

    /// <summary>When it was made, UTC.</summary>
    public DateTime Created { get; init; } = DateTime.UtcNow;

    /// <summary>Version of Reverie that made it.</summary>
    public string Engine { get; init; } = typeof(Lineage).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>SHA-256 of every other file of the checkpoint, in lower-case hexadecimal, by file name. Filled when it is saved.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>The checkpoint's identity: SHA-256 over its files' names and hashes. The same weights, config and tokenizer have the same.</summary>
    public string Id
    {
        get
        {
            var lines = new StringBuilder();
            foreach ((string file, string hash) in Files.OrderBy(f => f.Key, StringComparer.Ordinal)) lines.Append(hash).Append("  ").Append(file).Append('\n');
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines.ToString())));
        }
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="ReverieException">It is damaged.</exception>
    internal static Lineage Read(string path)
    {
        JsonFields fields = JsonFields.Read(path);
        if (!DateTime.TryParse(fields.Text("created"), CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out DateTime created))
            throw fields.Broken("its created is not a date");
        var lineage = new Lineage
        {
            Name = fields.Text("name"),
            Version = fields.Text("version"),
            Parent = fields.OptionalText("parent"),
            Beneath = fields.OptionalText("beneath"),
            Stages = [.. fields.Objects("stages").Select(ReadStage)],
            Created = created,
            Engine = fields.Text("engine"),
            Files = fields.Map("files"),
        };

        // The file must be what Write makes of its content: readers of JSON and of dates take several spellings for the same.
        if (!File.ReadAllBytes(path).AsSpan().SequenceEqual(lineage.Sealed()))
            throw fields.Broken("its content does not have the hash that it names, so it was damaged or edited");
        return lineage;
    }

    /// <summary>Writes the file.</summary>
    internal void Write(Stream stream) => stream.Write(Sealed());

    private byte[] Sealed() => Serialize(Convert.ToHexStringLower(SHA256.HashData(Serialize(null))));

    /// <summary>The file's bytes; the digest is the hash of the bytes without it.</summary>
    private byte[] Serialize(string? digest)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("name", Name);
            json.WriteString("version", Version);
            json.WriteString("id", Id);
            json.WriteString("parent", Parent);
            if (Beneath is not null) json.WriteString("beneath", Beneath);
            json.WriteString("created", Created.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture));
            json.WriteString("engine", Engine);
            json.WriteStartArray("stages");
            foreach (StageRecord stage in Stages)
            {
                json.WriteStartObject();
                json.WriteString("stage", stage.Stage);
                json.WriteNumber("steps", stage.Steps);
                json.WriteNumber("tokens", stage.Tokens);
                json.WriteString("seed", stage.Seed.ToString(CultureInfo.InvariantCulture));
                WriteMap(json, "data", stage.Data);
                json.WriteNumber("seconds", stage.Seconds);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            WriteMap(json, "files", Files);
            if (digest is not null) json.WriteString("digest", digest);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void WriteMap(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> map)
    {
        json.WriteStartObject(name);
        foreach ((string key, string value) in map.OrderBy(m => m.Key, StringComparer.Ordinal)) json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static StageRecord ReadStage(JsonFields fields) => new(
        fields.Text("stage"), fields.Long("steps"), fields.Long("tokens"),
        ulong.TryParse(fields.Text("seed"), NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed) ? seed : throw fields.Broken("a stage's seed is not a number"),
        fields.Map("data"), fields.Number("seconds"));
}
