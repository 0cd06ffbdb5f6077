using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>
/// Writes scalars as TensorBoard events: a file of records (length, checksum, event, checksum), each event a protocol buffer
/// with <c>wall_time</c> = 1, <c>step</c> = 2, <c>file_version</c> = 3 and <c>summary</c> = 5, whose values have <c>tag</c> = 1 and
/// <c>simple_value</c> = 2 (tensorboard/compat/proto/event.proto and summary.proto). Every record is flushed, so that
/// <c>tensorboard --logdir runs</c> follows a run live. A resumed run opens a new file in the same folder: TensorBoard joins them.
/// </summary>
public sealed class TensorBoardWriter : IDisposable
{
    private readonly FileStream _stream;
    private readonly ArrayBufferWriter<byte> _event = new();
    private readonly ArrayBufferWriter<byte> _summary = new();
    private readonly ArrayBufferWriter<byte> _value = new();
    private readonly TimeProvider _time;

    /// <summary>Opens a new event file in <paramref name="folder"/>, which is made if need be.</summary>
    /// <param name="folder">The folder of the run.</param>
    /// <param name="time">The clock; the system's by default.</param>
    /// <exception cref="ReverieException">The folder cannot be written.</exception>
    public TensorBoardWriter(string folder, TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        try
        {
            Directory.CreateDirectory(folder);
            // TensorBoard reads the files of a folder in the order of their names, which begin with the second of opening.
            string prefix = Path.Combine(folder, $"events.out.tfevents.{_time.GetUtcNow().ToUnixTimeSeconds():D10}.reverie");
            int number = 0;
            while (File.Exists($"{prefix}.{number:D3}")) number++;
            FilePath = $"{prefix}.{number:D3}";
            _stream = new FileStream(FilePath, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite, 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(folder, e);
        }

        StartEvent();
        WriteBytes(_event, 3, "brain.Event:2"u8);
        WriteRecord();
    }

    /// <summary>The event file.</summary>
    public string FilePath { get; }

    /// <summary>Writes values of one step; those that are no finite number are written too, and TensorBoard marks them.</summary>
    /// <param name="step">The training step.</param>
    /// <param name="values">Name and value, such as <c>train/loss</c>; TensorBoard groups by what stands before the slash.</param>
    /// <exception cref="ReverieException">The file cannot be written.</exception>
    public void Write(long step, params ReadOnlySpan<(string Tag, double Value)> values)
    {
        StartEvent();
        WriteKey(_event, 2, 0);
        WriteVarint(_event, (ulong)step);
        _summary.ResetWrittenCount();
        foreach ((string tag, double value) in values)
        {
            _value.ResetWrittenCount();
            WriteBytes(_value, 1, Encoding.UTF8.GetBytes(tag));
            WriteKey(_value, 2, 5);
            BinaryPrimitives.WriteSingleLittleEndian(_value.GetSpan(4), (float)value);
            _value.Advance(4);
            WriteBytes(_summary, 1, _value.WrittenSpan);
        }

        WriteBytes(_event, 5, _summary.WrittenSpan);
        WriteRecord();
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _stream.Dispose();

    private void StartEvent()
    {
        _event.ResetWrittenCount();
        WriteKey(_event, 1, 1);
        BinaryPrimitives.WriteDoubleLittleEndian(_event.GetSpan(8), _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
        _event.Advance(8);
    }

    private void WriteRecord()
    {
        ReadOnlySpan<byte> data = _event.WrittenSpan;
        byte[] record = new byte[8 + 4 + data.Length + 4];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), Crc32C.Masked(record.AsSpan(0, 8)));
        data.CopyTo(record.AsSpan(12));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + data.Length), Crc32C.Masked(data));
        try
        {
            _stream.Write(record);
        }
        catch (IOException e)
        {
            throw Failed(FilePath, e);
        }
    }

    private static void WriteBytes(ArrayBufferWriter<byte> buffer, int field, ReadOnlySpan<byte> bytes)
    {
        WriteKey(buffer, field, 2);
        WriteVarint(buffer, (ulong)bytes.Length);
        buffer.Write(bytes);
    }

    private static void WriteKey(ArrayBufferWriter<byte> buffer, int field, int wireType) => WriteVarint(buffer, (ulong)((field << 3) | wireType));

    private static void WriteVarint(ArrayBufferWriter<byte> buffer, ulong value)
    {
        for (; value >= 128; value >>= 7) buffer.Write([(byte)(value | 128)]);
        buffer.Write([(byte)value]);
    }

    private static ReverieException Failed(string path, Exception e) =>
        new($"Cannot write TensorBoard events to {path}: {e.Message.TrimEnd('.')}. Free some space or choose another workspace.", e);
}
