using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// Reads the header of a GGUF file (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md) from its map and believes none of it: every
/// count is compared with the bytes that are left before anything is taken for it, so that time and memory follow from the file's size.
/// </summary>
internal ref struct GgufHeader(MappedFile file)
{
    /// <summary>The bytes <c>GGUF</c> as a little-endian number.</summary>
    public const uint Magic = 0x46554747;

    /// <summary>What tensors are aligned to where the file does not say.</summary>
    public const int DefaultAlignment = 32;

    private const int MaximumAlignment = 1 << 20, MaximumDepth = 4, MaximumRank = 4;

    private long _position;

    private readonly long Remaining => file.Length - _position;

    /// <summary>Reads all of it.</summary>
    /// <param name="tensors">Receives the tensors in the file's order, all inside the file.</param>
    /// <exception cref="FormatException">What is wrong, as the end of a sentence about the file.</exception>
    public Dictionary<string, object> Read(List<GgufTensor> tensors)
    {
        if (Remaining < sizeof(uint) || Read<uint>() != Magic) throw new FormatException("it does not begin with GGUF");
        uint version = Read<uint>();
        if (version is 0x02000000 or 0x03000000) throw new FormatException("it is big-endian, where little-endian is expected");
        if (version is not (2 or 3)) throw new FormatException($"its version is {version}, where 2 or 3 is expected");
        ulong tensorCount = Read<ulong>(), pairCount = Read<ulong>();

        // The least of a tensor: length of its name, rank, a dimension, type, offset. Of a pair: length of its key, type, value.
        CheckCount("tensors", tensorCount, 32);
        CheckCount("keys", pairCount, 13);
        var values = new Dictionary<string, object>();
        for (ulong i = 0; i < pairCount; i++)
        {
            string key = Name("key");
            if (!values.TryAdd(key, Value(key, Read<uint>(), 0))) throw new FormatException($"the key {SafeTensorsHeader.Printable(key)} is there twice");
        }

        long alignment = DefaultAlignment;
        if (values.TryGetValue("general.alignment", out object? given)) alignment = given is uint and >= 8 and <= MaximumAlignment ? (uint)given : 0;
        if (alignment == 0 || !long.IsPow2(alignment)) throw new FormatException($"its general.alignment is no power of two from 8 to {MaximumAlignment}");
        for (ulong i = 0; i < tensorCount; i++) tensors.Add(Tensor());
        long dataStart = (_position + alignment - 1) / alignment * alignment;
        Place(tensors, dataStart, alignment);
        return values;
    }

    private void Place(List<GgufTensor> tensors, long dataStart, long alignment)
    {
        var names = new HashSet<string>();
        for (int i = 0; i < tensors.Count; i++)
        {
            GgufTensor tensor = tensors[i];
            string name = SafeTensorsHeader.Printable(tensor.Name);
            if (!names.Add(tensor.Name)) throw new FormatException($"tensor {name} is there twice");
            if (tensor.Offset % alignment != 0) throw new FormatException($"tensor {name} begins at byte {tensor.Offset} of the data, which is no multiple of the alignment {alignment}");
            if (tensor.Offset > file.Length - dataStart || tensor.Bytes > file.Length - dataStart - tensor.Offset)
                throw new FormatException($"tensor {name} needs {tensor.Bytes} bytes from byte {tensor.Offset} of the data on, and the file has {Math.Max(0, file.Length - dataStart)} there: it is cut short");
            tensors[i] = tensor with { Offset = dataStart + tensor.Offset };
        }

        long end = 0;
        foreach (GgufTensor tensor in tensors.OrderBy(t => t.Offset))
        {
            if (tensor.Offset < end) throw new FormatException($"tensor {SafeTensorsHeader.Printable(tensor.Name)} overlaps the one before it");
            end = tensor.Offset + tensor.Bytes;
        }
    }

    private GgufTensor Tensor()
    {
        string name = Name("tensor");
        uint rank = Read<uint>();
        if (rank is < 1 or > MaximumRank) throw new FormatException($"tensor {SafeTensorsHeader.Printable(name)} has {rank} dimensions");
        long columns = 1, rows = 1;
        for (int i = 0; i < rank; i++)
        {
            ulong size = Read<ulong>();
            if (size is < 1 or > int.MaxValue) throw new FormatException($"tensor {SafeTensorsHeader.Printable(name)} has a dimension of {size}");
            if (i == 0) columns = (long)size;
            else rows *= (long)size;
            if (rows > int.MaxValue) throw new FormatException($"tensor {SafeTensorsHeader.Printable(name)} has more than {int.MaxValue} rows");
        }

        uint number = Read<uint>();
        WeightType type = GgufTensor.TypeOf(number) ?? throw new FormatException($"tensor {SafeTensorsHeader.Printable(name)} is of type {GgufTensor.NameOf(number)}, where F32, F16, BF16, Q8_0, Q4_K or Q6_K is expected");
        ulong offset = Read<ulong>();
        if (offset > long.MaxValue) throw new FormatException($"tensor {SafeTensorsHeader.Printable(name)} begins at byte {offset}");
        int block = WeightFormat.BlockElements(type);
        if (columns % block != 0) throw new FormatException($"tensor {SafeTensorsHeader.Printable(name)} has rows of {columns} numbers, which are no whole blocks of {type} ({block})");
        if (rows > file.Length / WeightFormat.Bytes(type, columns)) throw new FormatException($"tensor {SafeTensorsHeader.Printable(name)} of {rows} rows of {columns} numbers is larger than the file: it is cut short");
        return new GgufTensor(name, type, (int)rows, (int)columns, (int)rank, (long)offset);
    }

    private object Value(string key, uint type, int depth) => type switch
    {
        0 => Read<byte>(),
        1 => Read<sbyte>(),
        2 => Read<ushort>(),
        3 => Read<short>(),
        4 => Read<uint>(),
        5 => Read<int>(),
        6 => Read<float>(),
        7 => Flag(key),
        8 => Text(),
        9 when depth < MaximumDepth => List(key, depth),
        9 => throw new FormatException($"the lists of {SafeTensorsHeader.Printable(key)} are nested deeper than {MaximumDepth}"),
        10 => Read<ulong>(),
        11 => Read<long>(),
        12 => Read<double>(),
        _ => throw new FormatException($"{SafeTensorsHeader.Printable(key)} has a value of the unknown type {type}"),
    };

    private object List(string key, int depth)
    {
        uint type = Read<uint>();
        ulong count = Read<ulong>();
        int least = type switch
        {
            0 or 1 or 7 => 1,
            2 or 3 => 2,
            4 or 5 or 6 => 4,
            8 or 10 or 11 or 12 => 8,
            9 => 12,
            _ => throw new FormatException($"{SafeTensorsHeader.Printable(key)} has a list of the unknown type {type}"),
        };
        CheckCount($"items of {SafeTensorsHeader.Printable(key)}", count, least);
        if (count > (ulong)(int.MaxValue / least)) throw new FormatException($"{SafeTensorsHeader.Printable(key)} has {count} items, which is more than a list may have");
        switch (type)
        {
            case 0: return Numbers<byte>((int)count);
            case 1: return Numbers<sbyte>((int)count);
            case 2: return Numbers<ushort>((int)count);
            case 3: return Numbers<short>((int)count);
            case 4: return Numbers<uint>((int)count);
            case 5: return Numbers<int>((int)count);
            case 6: return Numbers<float>((int)count);
            case 10: return Numbers<ulong>((int)count);
            case 11: return Numbers<long>((int)count);
            case 12: return Numbers<double>((int)count);
            case 7:
                bool[] flags = new bool[count];
                for (int i = 0; i < flags.Length; i++) flags[i] = Flag(key);
                return flags;
            case 8:
                string[] texts = new string[count];
                for (int i = 0; i < texts.Length; i++) texts[i] = Text();
                return texts;
            default:
                object[] lists = new object[count];
                for (int i = 0; i < lists.Length; i++) lists[i] = Value(key, 9, depth + 1);
                return lists;
        }
    }

    private T[] Numbers<T>(int count) where T : unmanaged => MemoryMarshal.Cast<byte, T>(Take((ulong)count * (ulong)Marshal.SizeOf<T>())).ToArray();

    private bool Flag(string key)
    {
        byte value = Read<byte>();
        return value <= 1 ? value == 1 : throw new FormatException($"{SafeTensorsHeader.Printable(key)} is {value}, where true or false is expected");
    }

    private string Name(string what)
    {
        ReadOnlySpan<byte> bytes = Take(Read<ulong>());
        if (bytes.Length == 0 || !Utf8.IsValid(bytes)) throw new FormatException($"the name of a {what} is empty or not UTF-8");
        return Encoding.UTF8.GetString(bytes);
    }

    private string Text() => Encoding.UTF8.GetString(Take(Read<ulong>()));

    private T Read<T>() where T : unmanaged => MemoryMarshal.Read<T>(Take((ulong)Marshal.SizeOf<T>()));

    private readonly void CheckCount(string what, ulong count, int least)
    {
        if (count > (ulong)(Remaining / least)) throw new FormatException($"it claims {count} {what} and has {Remaining} bytes left");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)Remaining || count > int.MaxValue) throw new FormatException($"its header ends in the middle: {count} bytes are claimed at byte {_position} and {Remaining} are there");
        ReadOnlySpan<byte> bytes = file.Span(_position, (int)count);
        _position += (long)count;
        return bytes;
    }
}
