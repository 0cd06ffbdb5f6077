using System.Buffers.Binary;
using System.Text;

namespace Reverie.Training;

/// <summary>
/// Walks through the metadata at the end of a Parquet file (Thrift's compact protocol) before the library reads it: where a
/// damaged count promises more entries than there are bytes, the library would loop for hours instead of failing.
/// </summary>
internal ref struct ParquetFooter
{
    private const int TailLength = 8;
    private const int MaximumDepth = 32;

    private ReadOnlySpan<byte> _rest;

    /// <summary>Throws where the metadata is not one whole structure; leaves the stream at its start.</summary>
    /// <exception cref="InvalidDataException">The file is cut off or damaged.</exception>
    public static void Check(Stream stream)
    {
        Span<byte> tail = stackalloc byte[TailLength];
        if (stream.Length < TailLength + 4) throw Damaged();
        stream.Position = stream.Length - TailLength;
        stream.ReadExactly(tail);
        int length = BinaryPrimitives.ReadInt32LittleEndian(tail);
        if (Encoding.ASCII.GetString(tail[4..]) != "PAR1" || length <= 0 || length > stream.Length - TailLength - 4) throw Damaged();
        byte[] metadata = new byte[length];
        stream.Position = stream.Length - TailLength - length;
        stream.ReadExactly(metadata);
        stream.Position = 0;
        new ParquetFooter { _rest = metadata }.SkipStruct(0);
    }

    private void SkipStruct(int depth)
    {
        while (true)
        {
            byte header = Byte();
            if (header == 0) return;
            if (header >> 4 == 0) Varint();
            int type = header & 15;
            // A field that is true or false holds its value in its type.
            if (type is not (1 or 2)) Skip(type, depth);
        }
    }

    private void Skip(int type, int depth)
    {
        if (depth > MaximumDepth) throw Damaged();
        switch (type)
        {
            case 1 or 2 or 3: Advance(1); break;
            case 4 or 5 or 6: Varint(); break;
            case 7: Advance(8); break;
            case 8: Advance(Varint()); break;
            case 9 or 10:
                byte header = Byte();
                ulong count = header >> 4 == 15 ? Varint() : (ulong)(header >> 4);
                // Every entry takes at least one byte.
                if (count > (ulong)_rest.Length) throw Damaged();
                for (ulong i = 0; i < count; i++) Skip(header & 15, depth + 1);
                break;
            case 11:
                ulong pairs = Varint();
                if (pairs > (ulong)_rest.Length) throw Damaged();
                byte types = pairs > 0 ? Byte() : (byte)0;
                for (ulong i = 0; i < pairs; i++)
                {
                    Skip(types >> 4, depth + 1);
                    Skip(types & 15, depth + 1);
                }

                break;
            case 12: SkipStruct(depth + 1); break;
            default: throw Damaged();
        }
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte b = Byte();
            value |= (ulong)(b & 127) << shift;
            if (b < 128) return value;
        }

        throw Damaged();
    }

    private byte Byte()
    {
        if (_rest.IsEmpty) throw Damaged();
        byte value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    private void Advance(ulong count)
    {
        if (count > (ulong)_rest.Length) throw Damaged();
        _rest = _rest[(int)count..];
    }

    private static InvalidDataException Damaged() => new("the metadata at the end is damaged");
}
