using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Checkpoints;

public sealed class SafeTensorsTests
{
    private static readonly byte[] _whole = Whole();

    private static byte[] Whole()
    {
        using var arena = new Arena();
        Tensor matrix = arena.Allocate(3, 5), vector = arena.Allocate(1, 4);
        for (int i = 0; i < 15; i++) matrix.Span[i] = i - 7.25f;
        for (int i = 0; i < 4; i++) vector.Span[i] = i / 3f;
        using var stream = new MemoryStream();
        SafeTensorsWriter.Write(stream, [("a", matrix, false), ("b", vector, true)]);
        return stream.ToArray();
    }

    private static byte[] File(string header, int dataBytes = 0, ulong? claimed = null)
    {
        byte[] text = Encoding.UTF8.GetBytes(header), file = new byte[8 + text.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(file, claimed ?? (ulong)text.Length);
        text.CopyTo(file, 8);
        return file;
    }

    private static SafeTensorsReader Open(byte[] file) => new(new MemoryStream(file), "model.safetensors");

    private static void ReadAll(byte[] file)
    {
        using var arena = new Arena();
        using SafeTensorsReader reader = Open(file);
        foreach (SafeTensorsEntry entry in reader.Entries)
            if (entry.Count is > 0 and < 1000) reader.Read(entry, arena.Allocate(1, (int)entry.Count));
    }

    [Fact]
    public void Shapes_names_and_numbers_come_back_exactly()
    {
        using var arena = new Arena();
        using SafeTensorsReader reader = Open(_whole);
        Assert.Equal(["a", "b"], reader.Entries.Select(e => e.Name));
        Assert.Equal([3, 5], reader.Find("a")!.Shape);
        Assert.Equal([4], reader.Find("b")!.Shape);
        Assert.Equal("pt", reader.Metadata["format"]);
        Assert.Null(reader.Find("c"));
        Tensor matrix = arena.Allocate(3, 5);
        reader.Read(reader.Find("a")!, matrix);
        for (int i = 0; i < 15; i++) Assert.Equal(i - 7.25f, matrix.Span[i]);
    }

    [Fact]
    public void Halves_and_brain_floats_are_widened()
    {
        byte[] file = File("""{"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[4,8]}}""", 8);
        byte[] data = [.. BitConverter.GetBytes((Half)1.5f), .. BitConverter.GetBytes((Half)(-0.25f)), 0xC0, 0x3F, 0x80, 0xBE];
        data.CopyTo(file, file.Length - 8);
        using var arena = new Arena();
        using SafeTensorsReader reader = Open(file);
        foreach (string name in new[] { "h", "b" })
        {
            Tensor values = arena.Allocate(1, 2);
            reader.Read(reader.Find(name)!, values);
            Assert.Equal([1.5f, -0.25f], values.Span.ToArray());
        }
    }

    [Theory]
    [InlineData("not valid JSON", "hello", 0)]
    [InlineData("not a JSON object", "[]", 0)]
    [InlineData("not valid JSON", "{", 0)]
    [InlineData("appears twice", """{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""", 0)]
    [InlineData("__metadata__ appears twice", """{"__metadata__":{},"__metadata__":{}}""", 0)]
    [InlineData("__metadata__ x is not a string", """{"__metadata__":{"x":1}}""", 0)]
    [InlineData("not described by an object", """{"a":1}""", 0)]
    [InlineData("lacks its dtype", """{"a":{"dtype":"F32","shape":[1]}}""", 4)]
    [InlineData("lacks its dtype", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""", 4)]
    [InlineData("unknown dtype", """{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}""", 4)]
    [InlineData("unknown or repeated key", """{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4)]
    [InlineData("not a size", """{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4)]
    [InlineData("not a size", """{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4)]
    [InlineData("not a size", """{"a":{"dtype":"F32","shape":[1e99],"data_offsets":[0,4]}}""", 4)]
    [InlineData("impossible shape", """{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0)]
    [InlineData("needs 8589934592 bytes", """{"a":{"dtype":"F32","shape":[2147483648],"data_offsets":[0,4]}}""", 4)]
    [InlineData("cut short", """{"a":{"dtype":"F32","shape":[2147483648],"data_offsets":[0,8589934592]}}""", 4)]
    [InlineData("more than 8 numbers", """{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}""", 4)]
    [InlineData("begins at byte 4 where 0", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8)]
    [InlineData("begins at byte 2 where 4", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 6)]
    [InlineData("belong to no tensor", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8)]
    [InlineData("not valid JSON", """{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4)]
    public void A_header_that_contradicts_itself_is_refused_in_one_line(string fault, string header, int dataBytes)
    {
        string message = Assert.Throws<ReverieException>(() => Open(File(header, dataBytes))).Message;
        Assert.Contains(fault, message);
        Assert.Contains("model.safetensors", message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Lengths_beyond_the_limit_or_the_file_are_refused_before_memory_is_taken()
    {
        Assert.Contains("too short", Assert.Throws<ReverieException>(() => Open([1, 2, 3])).Message);
        Assert.Contains("limit", Assert.Throws<ReverieException>(() => Open(File("{}", claimed: ulong.MaxValue))).Message);
        Assert.Contains("limit", Assert.Throws<ReverieException>(() => Open(File("{}", claimed: 100_000_001))).Message);
        Assert.Contains("cut short", Assert.Throws<ReverieException>(() => Open(File("{}", claimed: 99_000_000))).Message);
        string deep = string.Concat(Enumerable.Repeat("{\"a\":", 100_000));
        Assert.Contains("model.safetensors", Assert.Throws<ReverieException>(() => Open(File(deep))).Message);
        Assert.Contains("not UTF-8", Assert.Throws<ReverieException>(() => Open([1, 0, 0, 0, 0, 0, 0, 0, 0xFF])).Message);
    }

    [Fact]
    public void Numbers_that_are_not_finite_or_not_floats_are_refused_by_name()
    {
        byte[] file = [.. _whole];
        BitConverter.GetBytes(float.NaN).CopyTo(file, file.Length - 8);
        Assert.Contains("tensor b holds NaN at row 0, column 2", Assert.Throws<ReverieException>(() => ReadAll(file)).Message);
        Assert.Contains("of type I32", Assert.Throws<ReverieException>(() => ReadAll(File("""{"i":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}""", 4))).Message);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        for (int length = 0; length < _whole.Length; length++)
        {
            byte[] part = _whole[..length];
            string message = Assert.Throws<ReverieException>(() => ReadAll(part)).Message;
            Assert.DoesNotContain('\n', message);
        }
    }

    [Fact]
    public void Random_damage_is_read_or_refused_but_never_crashes()
    {
        Gen.Select(Gen.Int[0, _whole.Length - 1], Gen.Byte).Array[1, 6].Sample(damage =>
        {
            byte[] file = [.. _whole];
            foreach ((int at, byte value) in damage) file[at] = value;
            try
            {
                ReadAll(file);
            }
            catch (ReverieException e)
            {
                Assert.DoesNotContain('\n', e.Message);
            }
        }, iter: 20_000, threads: 1);
    }
}
