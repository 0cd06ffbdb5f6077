using System.Text.Json;
using System.Text.Unicode;

namespace Reverie.Models;

/// <summary>
/// Reads the JSON header of a safetensors file and believes none of it: sizes, offsets and names are checked against each
/// other and against the file, as strictly as the format's own library does
/// (https://github.com/huggingface/safetensors#format).
/// </summary>
internal static class SafeTensorsHeader
{
    /// <summary>The format's own limit on the header, in bytes.</summary>
    public const long MaximumBytes = 100_000_000;

    private const int MaximumRank = 8;

    /// <summary>Parses <paramref name="header"/>; the tensors come back in the order of their bytes.</summary>
    /// <param name="header">The JSON text.</param>
    /// <param name="dataBytes">Bytes in the file after the header.</param>
    /// <param name="metadata">Receives the free text entries.</param>
    /// <exception cref="FormatException">What is wrong, as the end of a sentence about the file.</exception>
    public static SafeTensorsEntry[] Parse(ReadOnlySpan<byte> header, long dataBytes, IDictionary<string, string> metadata)
    {
        if (!Utf8.IsValid(header)) throw new FormatException("its header is not UTF-8");
        var entries = new Dictionary<string, SafeTensorsEntry>();
        bool metadataSeen = false;
        try
        {
            var reader = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = 4 });
            Expect(ref reader, JsonTokenType.StartObject, "its header is not a JSON object");
            while (Next(ref reader) == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                if (name != "__metadata__")
                {
                    SafeTensorsEntry entry = ReadEntry(ref reader, name);
                    if (!entries.TryAdd(name, entry)) throw new FormatException($"tensor {Printable(name)} appears twice");
                }
                else if (metadataSeen)
                {
                    throw new FormatException("__metadata__ appears twice");
                }
                else
                {
                    metadataSeen = true;
                    ReadMetadata(ref reader, metadata);
                }
            }

            if (reader.Read()) throw new FormatException("something follows the JSON object in its header");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // GetString throws InvalidOperationException for an escaped half of a surrogate pair.
            throw new FormatException("its header is not valid JSON", e);
        }

        SafeTensorsEntry[] ordered = [.. entries.Values.OrderBy(e => e.Begin).ThenBy(e => e.End).ThenBy(e => e.Name, StringComparer.Ordinal)];
        long end = 0;
        foreach (SafeTensorsEntry entry in ordered)
        {
            if (entry.Begin != end) throw new FormatException($"tensor {Printable(entry.Name)} begins at byte {entry.Begin} where {end} is expected");
            end = entry.End;
        }

        if (end > dataBytes) throw new FormatException($"it is cut short: its tensors take {end} bytes and {dataBytes} are there");
        if (end < dataBytes) throw new FormatException($"{dataBytes - end} bytes at its end belong to no tensor");
        return ordered;
    }

    /// <summary>Bytes of one element, or 0 for a type that the format does not know.</summary>
    public static int ElementBytes(string type) => type switch
    {
        "F64" or "I64" or "U64" => 8,
        "F32" or "I32" or "U32" => 4,
        "F16" or "BF16" or "I16" or "U16" => 2,
        "I8" or "U8" or "BOOL" or "F8_E4M3" or "F8_E5M2" => 1,
        _ => 0,
    };

    /// <summary>A name from a file, safe to stand in a one-line message.</summary>
    public static string Printable(string name)
    {
        string line = string.Concat(name.Take(100).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return name.Length > 100 ? line + "..." : line;
    }

    private static SafeTensorsEntry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        string? type = null;
        List<long>? shape = null, offsets = null;
        Expect(ref reader, JsonTokenType.StartObject, $"tensor {Printable(name)} is not described by an object");
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            if (key == "dtype" && type is null)
            {
                Expect(ref reader, JsonTokenType.String, $"the dtype of tensor {Printable(name)} is not a string");
                type = reader.GetString()!;
            }
            else if (key == "shape" && shape is null)
            {
                shape = ReadSizes(ref reader, name, key);
            }
            else if (key == "data_offsets" && offsets is null)
            {
                offsets = ReadSizes(ref reader, name, key);
            }
            else
            {
                throw new FormatException($"tensor {Printable(name)} has an unknown or repeated key {Printable(key)}");
            }
        }

        if (type is null || shape is null || offsets is not { Count: 2 }) throw new FormatException($"tensor {Printable(name)} lacks its dtype, shape or two data_offsets");
        int elementBytes = ElementBytes(type);
        if (elementBytes == 0) throw new FormatException($"tensor {Printable(name)} has the unknown dtype {Printable(type)}");
        long bytes = elementBytes;
        try
        {
            foreach (long size in shape) bytes = checked(bytes * size);
        }
        catch (OverflowException e)
        {
            throw new FormatException($"tensor {Printable(name)} has the impossible shape ({string.Join(", ", shape)})", e);
        }

        if (offsets[1] < offsets[0] || offsets[1] - offsets[0] != bytes)
            throw new FormatException($"tensor {Printable(name)} of {type} ({string.Join(", ", shape)}) needs {bytes} bytes and its data_offsets are {offsets[0]} to {offsets[1]}");
        return new SafeTensorsEntry(name, type, shape, offsets[0], offsets[1]);
    }

    private static List<long> ReadSizes(ref Utf8JsonReader reader, string name, string key)
    {
        var sizes = new List<long>();
        Expect(ref reader, JsonTokenType.StartArray, $"{key} of tensor {Printable(name)} is not a list");
        while (Next(ref reader) != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long size) || size < 0)
                throw new FormatException($"{key} of tensor {Printable(name)} holds something that is not a size");
            if (sizes.Count == MaximumRank) throw new FormatException($"{key} of tensor {Printable(name)} has more than {MaximumRank} numbers");
            sizes.Add(size);
        }

        return sizes;
    }

    private static void ReadMetadata(ref Utf8JsonReader reader, IDictionary<string, string> metadata)
    {
        Expect(ref reader, JsonTokenType.StartObject, "__metadata__ is not an object");
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            Expect(ref reader, JsonTokenType.String, $"__metadata__ {Printable(key)} is not a string");
            if (!metadata.TryAdd(key, reader.GetString()!)) throw new FormatException($"__metadata__ {Printable(key)} appears twice");
        }
    }

    private static JsonTokenType Next(ref Utf8JsonReader reader) =>
        reader.Read() ? reader.TokenType : throw new FormatException("its header ends in the middle");

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string otherwise)
    {
        if (Next(ref reader) != type) throw new FormatException(otherwise);
    }
}
