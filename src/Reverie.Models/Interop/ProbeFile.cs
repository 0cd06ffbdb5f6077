using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// A reference on disk: JSON with <c>vocabulary</c>, <c>ids</c>, <c>tolerance</c> and for each place the likeliest <c>tokens</c>, their
/// <c>logits</c> and the <c>log_sum_exp</c> over all. Any program that runs the model can write one.
/// </summary>
public static class ProbeFile
{
    /// <summary>Tokens that are kept of each place.</summary>
    public const int Kept = 64;

    private const int MaximumLength = 1 << 16;

    /// <summary>Writes a reference.</summary>
    /// <exception cref="ReverieException">The file cannot be written.</exception>
    public static void Write(string path, ModelProbe probe, double tolerance) => AtomicFile.Write(path, stream =>
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        json.WriteNumber("vocabulary", probe.Vocabulary);
        json.WriteNumber("tolerance", tolerance);
        WriteList("ids", probe.Ids, json.WriteNumberValue);
        json.WriteStartArray("positions");
        foreach (ProbePosition position in probe.Positions.Select(p => p.Likeliest(Kept)))
        {
            json.WriteStartObject();
            json.WriteNumber("log_sum_exp", position.LogSumExp);
            WriteList("tokens", position.Tokens, json.WriteNumberValue);
            WriteList("logits", position.Logits, json.WriteNumberValue);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();

        void WriteList<T>(string name, IEnumerable<T> values, Action<T> write)
        {
            json.WriteStartArray(name);
            foreach (T value in values) write(value);
            json.WriteEndArray();
        }
    });

    /// <summary>Reads a reference and the difference that it allows.</summary>
    /// <exception cref="ReverieException">It is damaged.</exception>
    public static (ModelProbe Probe, double Tolerance) Read(string path)
    {
        JsonFields fields = JsonFields.Read(path);
        int vocabulary = fields.Integer("vocabulary");
        double tolerance = fields.Number("tolerance", ModelProbe.Tolerance);
        int[] ids = Ids(fields, "ids");
        IReadOnlyList<JsonFields> places = fields.Objects("positions");
        if (ids.Length is 0 or > MaximumLength || places.Count != ids.Length) throw fields.Broken($"it has {ids.Length} ids and {places.Count} positions");
        return (new ModelProbe(vocabulary, ids, [.. places.Select(place =>
        {
            int[] tokens = Ids(place, "tokens");
            float[] logits = [.. place.List("logits").Select(v => (float)v)];
            if (tokens.Length == 0 || tokens.Length != logits.Length || tokens.Distinct().Count() < tokens.Length) throw fields.Broken("a position's tokens and logits do not belong together");
            return new ProbePosition(tokens, logits, place.Number("log_sum_exp"));
        })]), tolerance);

        int[] Ids(JsonFields from, string name) => [.. from.List(name).Select(v => v >= 0 && v < vocabulary && v == Math.Floor(v) ? (int)v : throw fields.Broken($"its {name} hold {v}, which is no token"))];
    }
}
