using System.Buffers.Binary;
using System.Runtime.ExceptionServices;
using System.Text;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// Writes a GGUF file of version 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md): keys and tensors are collected, then all is
/// written in one pass, the numbers of a few rows at a time.
/// </summary>
internal sealed class GgufOutput
{
    private const int ChunkBytes = 4 << 20;

    private readonly MemoryStream _pairs = new();
    private readonly List<Source> _tensors = [];
    private ulong _pairCount;

    /// <summary>Writes the bytes of one row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="destination">As many bytes as the tensor's type takes.</param>
    public delegate void RowWriter(int row, Span<byte> destination);

    /// <summary>Adds a text.</summary>
    public void Text(string key, string value)
    {
        Pair(key, 8);
        Write(_pairs, value);
    }

    /// <summary>Adds a whole number, unsigned.</summary>
    public void Integer(string key, int value)
    {
        Pair(key, 4);
        Write(_pairs, (uint)value);
    }

    /// <summary>Adds a float32.</summary>
    public void Number(string key, float value)
    {
        Pair(key, 6);
        Write(_pairs, BitConverter.SingleToUInt32Bits(value));
    }

    /// <summary>Adds true or false.</summary>
    public void Flag(string key, bool value)
    {
        Pair(key, 7);
        _pairs.WriteByte(value ? (byte)1 : (byte)0);
    }

    /// <summary>Adds a list of texts.</summary>
    public void Texts(string key, IReadOnlyCollection<string> values)
    {
        List(key, 8, values.Count);
        foreach (string value in values) Write(_pairs, value);
    }

    /// <summary>Adds a list of whole numbers.</summary>
    public void Integers(string key, IReadOnlyCollection<int> values)
    {
        List(key, 5, values.Count);
        foreach (int value in values) Write(_pairs, (uint)value);
    }

    /// <summary>Adds a list of float32.</summary>
    public void Numbers(string key, IReadOnlyCollection<float> values)
    {
        List(key, 6, values.Count);
        foreach (float value in values) Write(_pairs, BitConverter.SingleToUInt32Bits(value));
    }

    /// <summary>Adds a tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">How its numbers are kept.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Whole blocks.</param>
    /// <param name="isVector">Whether it has one dimension.</param>
    /// <param name="write">Gives the rows; called from several threads at once.</param>
    public void Tensor(string name, WeightType type, int rows, int columns, bool isVector, RowWriter write) =>
        _tensors.Add(new Source(new GgufTensor(name, type, rows, columns, isVector ? 1 : 2, 0), write));

    /// <summary>Writes all of it.</summary>
    public void Write(Stream stream)
    {
        Write(stream, GgufHeader.Magic);
        Write(stream, 3u);
        Write(stream, (ulong)_tensors.Count);
        Write(stream, _pairCount);
        _pairs.WriteTo(stream);
        long position = (3 * sizeof(ulong)) + _pairs.Length, offset = 0;
        foreach ((GgufTensor tensor, _) in _tensors)
        {
            Write(stream, tensor.Name);
            Write(stream, (uint)tensor.Rank);
            Write(stream, (ulong)tensor.Columns);
            if (tensor.Rank == 2) Write(stream, (ulong)tensor.Rows);
            Write(stream, GgufTensor.NumberOf(tensor.Type));
            Write(stream, (ulong)offset);
            position += sizeof(ulong) + Encoding.UTF8.GetByteCount(tensor.Name) + sizeof(uint) + (tensor.Rank * sizeof(ulong)) + sizeof(uint) + sizeof(ulong);
            offset += tensor.Bytes + Padding(tensor.Bytes);
        }

        Pad(stream, position);
        byte[] chunk = [];
        foreach ((GgufTensor tensor, RowWriter write) in _tensors)
        {
            int rowBytes = checked((int)WeightFormat.Bytes(tensor.Type, tensor.Columns)), most = Math.Clamp(ChunkBytes / rowBytes, 1, tensor.Rows);
            if (chunk.Length < most * rowBytes) chunk = new byte[most * rowBytes];
            for (int first = 0; first < tensor.Rows; first += most)
            {
                int count = Math.Min(most, tensor.Rows - first), start = first;
                try
                {
                    byte[] bytes = chunk;
                    Parallel.For(0, count, row => write(start + row, bytes.AsSpan(row * rowBytes, rowBytes)));
                }
                catch (AggregateException e)
                {
                    ExceptionDispatchInfo.Throw(e.InnerException!);
                }

                stream.Write(chunk, 0, count * rowBytes);
            }

            Pad(stream, tensor.Bytes);
        }
    }

    private static long Padding(long bytes) => -bytes & (GgufHeader.DefaultAlignment - 1);

    private static void Pad(Stream stream, long bytes) => stream.Write(new byte[Padding(bytes)]);

    private void List(string key, uint type, int count)
    {
        Pair(key, 9);
        Write(_pairs, type);
        Write(_pairs, (ulong)count);
    }

    private void Pair(string key, uint type)
    {
        _pairCount++;
        Write(_pairs, key);
        Write(_pairs, type);
    }

    private static void Write(Stream stream, string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        Write(stream, (ulong)bytes.Length);
        stream.Write(bytes);
    }

    private static void Write(Stream stream, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private static void Write(Stream stream, ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private sealed record Source(GgufTensor Tensor, RowWriter Write);
}
