using System.Buffers.Binary;
using System.Text;

namespace Reverie.Training.Tests;

public class TensorBoardWriterTests
{
    [Fact]
    public void Checksums_are_those_of_RFC_3720()
    {
        Assert.Equal(0x8A9136AAu, Crc32C.Of(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Of(Enumerable.Repeat((byte)0xFF, 32).ToArray()));
        Assert.Equal(0x46DD794Eu, Crc32C.Of([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
        Assert.Equal(0x113FDB5Cu, Crc32C.Of([.. Enumerable.Range(0, 32).Select(i => (byte)(31 - i))]));
        Assert.Equal(0xE3069283u, Crc32C.Of("123456789"u8));
    }

    [Fact]
    public void Records_read_back_as_the_events_that_were_written()
    {
        using var folder = new TemporaryFolder();
        string path;
        using (var writer = new TensorBoardWriter(folder.At("run")))
        {
            path = writer.FilePath;
            writer.Write(1, ("train/loss", 3.5), ("train/größe", -0.25));
            writer.Write(300_000_000_000, ("x", double.NaN));
        }

        Assert.Matches(@"^events\.out\.tfevents\.\d{10}\.", Path.GetFileName(path));
        List<byte[]> records = Records(File.ReadAllBytes(path));
        Assert.Equal(3, records.Count);

        Dictionary<int, object> version = Fields(records[0]);
        Assert.Equal("brain.Event:2", Encoding.UTF8.GetString((byte[])version[3]));
        double now = BitConverter.UInt64BitsToDouble((ulong)version[1]);
        Assert.InRange(now, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1);

        Dictionary<int, object> first = Fields(records[1]);
        Assert.Equal(1UL, first[2]);
        Assert.Equal([("train/loss", 3.5f), ("train/größe", -0.25f)], Values((byte[])first[5]));
        Dictionary<int, object> second = Fields(records[2]);
        Assert.Equal(300_000_000_000UL, second[2]);
        Assert.Equal([("x", float.NaN)], Values((byte[])second[5]));
    }

    [Fact]
    public void Events_are_there_before_the_writer_is_closed_and_a_resumed_run_has_its_own_file()
    {
        using var folder = new TemporaryFolder();
        using var first = new TensorBoardWriter(folder.Path);
        first.Write(1, ("a", 1));
        using var stream = new FileStream(first.FilePath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        Assert.Equal(2, Records(bytes).Count);
        using var second = new TensorBoardWriter(folder.Path);
        Assert.True(string.CompareOrdinal(first.FilePath, second.FilePath) < 0);
    }

    private static List<byte[]> Records(ReadOnlySpan<byte> file)
    {
        var records = new List<byte[]>();
        while (!file.IsEmpty)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
            Assert.Equal(Crc32C.Masked(file[..8]), BinaryPrimitives.ReadUInt32LittleEndian(file[8..]));
            ReadOnlySpan<byte> data = file.Slice(12, length);
            Assert.Equal(Crc32C.Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(file[(12 + length)..]));
            records.Add(data.ToArray());
            file = file[(16 + length)..];
        }

        return records;
    }

    private static List<(string Tag, float Value)> Values(ReadOnlySpan<byte> summary)
    {
        var values = new List<(string, float)>();
        while (!summary.IsEmpty)
        {
            Assert.Equal((1 << 3) | 2, summary[0]);
            int length = summary[1];
            Dictionary<int, object> value = Fields(summary.Slice(2, length).ToArray());
            values.Add((Encoding.UTF8.GetString((byte[])value[1]), (float)value[2]));
            summary = summary[(2 + length)..];
        }

        return values;
    }

    private static Dictionary<int, object> Fields(ReadOnlySpan<byte> message)
    {
        var fields = new Dictionary<int, object>();
        while (!message.IsEmpty)
        {
            int key = (int)Varint(ref message);
            switch (key & 7)
            {
                case 0:
                    fields[key >> 3] = Varint(ref message);
                    break;
                case 1:
                    fields[key >> 3] = BinaryPrimitives.ReadUInt64LittleEndian(message);
                    message = message[8..];
                    break;
                case 2:
                    int length = (int)Varint(ref message);
                    fields[key >> 3] = message[..length].ToArray();
                    message = message[length..];
                    break;
                default:
                    Assert.Equal(5, key & 7);
                    fields[key >> 3] = BinaryPrimitives.ReadSingleLittleEndian(message);
                    message = message[4..];
                    break;
            }
        }

        return fields;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte b = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(b & 127) << shift;
            if (b < 128) return value;
        }
    }
}
