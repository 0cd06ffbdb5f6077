using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>Writes float32 tensors as a safetensors file, straight from native memory.</summary>
public static class SafeTensorsWriter
{
    /// <summary>Writes the tensors in the order given; the header is padded so that the data is aligned to 8 bytes.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="tensors">Name and values; a tensor with <c>IsVector</c> is written with one dimension.</param>
    /// <param name="metadata">Free text for the header, beside <c>format</c>.</param>
    public static void Write(Stream stream, IReadOnlyList<(string Name, Tensor Values, bool IsVector)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        byte[] header = Header(tensors, metadata);
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach ((_, Tensor values, _) in tensors)
            for (int row = 0; row < values.Rows; row++)
                stream.Write(MemoryMarshal.AsBytes(values.Row(row)));
    }

    private static byte[] Header(IReadOnlyList<(string Name, Tensor Values, bool IsVector)> tensors, IReadOnlyDictionary<string, string>? metadata)
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
            foreach ((string name, Tensor values, bool isVector) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", "F32");
                json.WriteStartArray("shape");
                if (!isVector) json.WriteNumberValue(values.Rows);
                json.WriteNumberValue(values.Columns);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += values.Length * sizeof(float));
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }
}
