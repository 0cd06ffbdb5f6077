using System.Buffers.Binary;
using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>Writes tensors as safetensors files: float32 as they are, or rounded to 16 bits.</summary>
public static class SafeTensorsWriter
{
    /// <summary>Writes the tensors in the order given; the header is padded so that the data is aligned to 8 bytes.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="tensors">Name and values; a tensor with <c>IsVector</c> is written with one dimension.</param>
    /// <param name="metadata">Free text for the header, beside <c>format</c>.</param>
    public static void Write(Stream stream, IReadOnlyList<(string Name, Tensor Values, bool IsVector)> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        Write(stream, [.. tensors.Select(t => SavedWeight.Of(t.Name, t.Values, t.IsVector))], metadata);

    /// <summary>The same for weights in any type that the format has: F32, F16 or BF16.</summary>
    /// <exception cref="ReverieException">A number is beyond the range of its type.</exception>
    internal static void Write(Stream stream, IReadOnlyList<SavedWeight> weights, IReadOnlyDictionary<string, string>? metadata = null)
    {
        byte[] header = Header(weights, metadata);
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (SavedWeight weight in weights) weight.Write(stream);
    }

    private static byte[] Header(IReadOnlyList<SavedWeight> weights, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString("format", "pt");
            foreach ((string key, string value) in metadata ?? new Dictionary<string, string>()) json.WriteString(key, value);
            json.WriteEndObject();
            long offset = 0;
            foreach (SavedWeight weight in weights)
            {
                if (weight.Type is not (WeightType.F32 or WeightType.F16 or WeightType.BF16)) throw new ArgumentException($"safetensors has no {weight.Type}.", nameof(weights));
                json.WriteStartObject(weight.Name);
                json.WriteString("dtype", weight.Type.ToString());
                json.WriteStartArray("shape");
                if (!weight.IsVector) json.WriteNumberValue(weight.Rows);
                json.WriteNumberValue(weight.Columns);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += weight.Bytes);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }
}
