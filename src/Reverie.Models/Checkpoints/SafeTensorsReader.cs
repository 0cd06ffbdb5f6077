using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// Reads tensors from a safetensors file (https://github.com/huggingface/safetensors#format): F32 as it is, F16 and BF16
/// widened to float32. The header is checked in full before anything is read or allocated for it.
/// </summary>
public sealed class SafeTensorsReader : IWeightFile
{
    private const int LengthBytes = sizeof(ulong), ValuesAtOnce = 1 << 20;
    private readonly Stream _stream;
    private readonly string _path;
    private readonly long _dataStart;
    private readonly Dictionary<string, SafeTensorsEntry> _byName;
    private readonly Dictionary<string, string> _metadata = [];
    private readonly byte[] _buffer = new byte[1 << 16];
    private MappedFile? _map;

    /// <summary>Opens a file.</summary>
    /// <exception cref="ReverieException">It cannot be read, or its header contradicts itself or the file.</exception>
    public SafeTensorsReader(string path) : this(OpenFile(path), path) { }

    internal SafeTensorsReader(Stream stream, string path)
    {
        (_stream, _path) = (stream, path);
        try
        {
            long length = stream.Length;
            if (length < LengthBytes) throw new FormatException($"it has {length} bytes, which is too short for a header");
            Span<byte> lengthField = stackalloc byte[LengthBytes];
            stream.ReadExactly(lengthField);
            ulong headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(lengthField);
            if (headerBytes > SafeTensorsHeader.MaximumBytes) throw new FormatException($"its header claims {headerBytes} bytes, where {SafeTensorsHeader.MaximumBytes} is the limit");
            if ((long)headerBytes > length - LengthBytes) throw new FormatException($"it is cut short inside its header: {headerBytes} bytes claimed, {length - LengthBytes} there");
            byte[] header = new byte[headerBytes];
            stream.ReadExactly(header);
            _dataStart = LengthBytes + header.Length;
            Entries = SafeTensorsHeader.Parse(header, length - _dataStart, _metadata);
            _byName = Entries.ToDictionary(e => e.Name);
        }
        catch (Exception e)
        {
            stream.Dispose();
            if (e is FormatException or IOException) throw Broken(e.Message, e);
            throw;
        }
    }

    /// <summary>The tensors in the order of their bytes.</summary>
    public IReadOnlyList<SafeTensorsEntry> Entries { get; }

    /// <summary>The free text in the header.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => _byName.Keys;

    /// <summary>The tensor of that name, or null.</summary>
    public SafeTensorsEntry? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Reads a tensor into <paramref name="destination"/>, which has as many elements; its shape is the caller's business.</summary>
    /// <exception cref="ReverieException">The file cannot be read, its numbers are no floats, or one of them is NaN or infinite.</exception>
    public void Read(SafeTensorsEntry entry, Tensor destination)
    {
        if (entry.Count != destination.Length) throw new ArgumentException($"{entry.Name} has {entry.Count} elements, not {destination.Length}.", nameof(destination));
        if (entry.ElementType is not ("F32" or "F16" or "BF16"))
            throw Broken($"tensor {SafeTensorsHeader.Printable(entry.Name)} is of type {entry.ElementType}, where F32, F16 or BF16 is expected");
        try
        {
            _stream.Seek(_dataStart + entry.Begin, SeekOrigin.Begin);
            // Many rows at once: those of an adapter have a few numbers each.
            int atOnce = Math.Max(1, ValuesAtOnce / destination.Columns);
            for (int row = 0; row < destination.Rows; row += atOnce)
            {
                Span<float> values = destination.View(row, Math.Min(atOnce, destination.Rows - row)).Span;
                if (entry.ElementType == "F32") _stream.ReadExactly(MemoryMarshal.AsBytes(values));
                else ReadHalves(values, entry.ElementType == "BF16");
                int bad = values.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
                if (bad >= 0)
                    throw Broken($"tensor {SafeTensorsHeader.Printable(entry.Name)} holds {values[bad]} at row {row + (bad / destination.Columns)}, column {bad % destination.Columns}: the training that wrote it diverged, or the file is damaged");
            }
        }
        catch (IOException e)
        {
            throw Broken(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public StoredRows? Rows(string name)
    {
        if (Find(name) is not { } entry) return null;
        (long rows, long columns) = entry.Shape switch
        {
            [long only] => (1, only),
            [long many, long wide] => (many, wide),
            _ => (0, 0),
        };
        if (rows is < 1 or > int.MaxValue || columns is < 1 or > int.MaxValue) throw Broken($"tensor {SafeTensorsHeader.Printable(name)} has shape {entry.ShapeText}, which is no weight's");
        WeightType type = entry.ElementType switch
        {
            "F32" => WeightType.F32,
            "F16" => WeightType.F16,
            "BF16" => WeightType.BF16,
            _ => throw Broken($"tensor {SafeTensorsHeader.Printable(name)} is of type {entry.ElementType}, where F32, F16 or BF16 is expected"),
        };
        return new StoredRows(_map ??= new MappedFile(_path), name, type, _dataStart + entry.Begin, (int)rows, (int)columns);
    }

    /// <summary>Closes the file, which ends the weights that stay in it.</summary>
    public void Dispose()
    {
        _stream.Dispose();
        _map?.Dispose();
    }

    /// <inheritdoc/>
    public ReverieException Broken(string fault, Exception? cause = null) => cause is null
        ? new ReverieException(Message(fault))
        : new ReverieException(Message(fault), cause);

    private string Message(string fault) => $"{_path} cannot be used: {fault.TrimEnd('.')}. Fetch or save the model again.";

    private void ReadHalves(Span<float> values, bool brain)
    {
        while (values.Length > 0)
        {
            int count = Math.Min(values.Length, _buffer.Length / 2);
            _stream.ReadExactly(_buffer, 0, count * 2);
            ReadOnlySpan<ushort> halves = MemoryMarshal.Cast<byte, ushort>(_buffer.AsSpan(0, count * 2));
            for (int i = 0; i < count; i++)
                values[i] = brain ? BitConverter.UInt32BitsToSingle((uint)halves[i] << 16) : (float)BitConverter.UInt16BitsToHalf(halves[i]);
            values = values[count..];
        }
    }

    private static FileStream OpenFile(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReverieException($"Cannot read {path}: {e.Message.TrimEnd('.')}. Check the path.", e);
        }
    }
}
