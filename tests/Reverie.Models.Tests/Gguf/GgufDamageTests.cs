using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Reverie.Models.Tests.Checkpoints;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Gguf;

public sealed class GgufDamageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reverie-gguf").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Path => System.IO.Path.Combine(_folder, "m.gguf");

    private static byte[] Small()
    {
        var output = new GgufOutput();
        output.Text("general.architecture", "llama");
        output.Integer("general.alignment", 32);
        output.Flag("flag", true);
        output.Number("number", 1.5f);
        output.Texts("texts", ["a", "bc", ""]);
        output.Integers("integers", [1, -2]);
        output.Numbers("numbers", [1, 2]);
        foreach (WeightType type in new[] { WeightType.F32, WeightType.F16, WeightType.BF16, WeightType.Q8_0, WeightType.Q4_K })
            output.Tensor($"t{(int)type}", type, 2, 256, false, (_, bytes) => bytes.Clear());
        output.Tensor("v", WeightType.F32, 1, 3, true, (_, bytes) => bytes.Clear());
        using var stream = new MemoryStream();
        output.Write(stream);
        return stream.ToArray();
    }

    private static byte[] Header(ulong tensors, ulong pairs, params byte[][] rest)
    {
        byte[] start = new byte[24];
        "GGUF"u8.CopyTo(start);
        start[4] = 3;
        BinaryPrimitives.WriteUInt64LittleEndian(start.AsSpan(8), tensors);
        BinaryPrimitives.WriteUInt64LittleEndian(start.AsSpan(16), pairs);
        return [.. start, .. rest.SelectMany(r => r)];
    }

    private static byte[] Long(ulong value) => BitConverter.GetBytes(value);

    private static byte[] Int(uint value) => BitConverter.GetBytes(value);

    private static byte[] Text(string text) => [.. Long((ulong)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Tensor(string name, ulong[] sizes, uint type = 0, ulong offset = 0) =>
        [.. Text(name), .. Int((uint)sizes.Length), .. sizes.SelectMany(Long), .. Int(type), .. Long(offset)];

    private string Refusal(byte[] file)
    {
        File.WriteAllBytes(Path, file);
        string message = Assert.Throws<ReverieException>(() => ReadAll(Path)).Message;
        Assert.Contains("m.gguf", message);
        Assert.DoesNotContain('\n', message);
        return message;
    }

    private static void ReadAll(string path)
    {
        using var file = new GgufFile(path);
        foreach (GgufTensor tensor in file.Tensors)
        {
            StoredRows rows = file.Stored(tensor);
            float[] values = new float[tensor.Columns];
            for (int row = 0; row < tensor.Rows; row++) rows.Expand(row, values);
        }

        foreach (string name in file.Names) file.Rows(name);
    }

    [Fact]
    public void Keys_of_every_type_come_back()
    {
        byte[][] pairs =
        [
            [.. Text("a"), .. Int(0), 200], [.. Text("b"), .. Int(1), 200], [.. Text("c"), .. Int(2), 1, 200], [.. Text("d"), .. Int(3), 1, 200], [.. Text("e"), .. Int(4), .. Int(uint.MaxValue)],
            [.. Text("f"), .. Int(5), .. Int(uint.MaxValue)], [.. Text("g"), .. Int(6), .. BitConverter.GetBytes(0.5f)], [.. Text("h"), .. Int(7), 1], [.. Text("i"), .. Int(8), .. Text("é")],
            [.. Text("j"), .. Int(9), .. Int(9), .. Long(2), .. Int(7), .. Long(1), 1, .. Int(10), .. Long(1), .. Long(7)], [.. Text("k"), .. Int(10), .. Long(5)],
            [.. Text("l"), .. Int(11), .. Long(ulong.MaxValue)], [.. Text("m"), .. Int(12), .. BitConverter.GetBytes(0.25)],
        ];
        File.WriteAllBytes(Path, Header(0, (ulong)pairs.Length, pairs));
        using var file = new GgufFile(Path);
        GgufMetadata keys = file.Metadata;
        Assert.Equal(
            new object[] { (byte)200, (sbyte)-56, (ushort)51201, (short)-14335, uint.MaxValue, -1, 0.5f, true, "é", 5ul, -1L, 0.25 },
            "abcdefghiklm".Select(k => keys[k.ToString()]!));
        object[] lists = Assert.IsType<object[]>(keys["j"]);
        Assert.Equal([true], Assert.IsType<bool[]>(lists[0]));
        Assert.Equal([7ul], Assert.IsType<ulong[]>(lists[1]));
        Assert.Equal((200, -1, 0.25f, true), (keys.Integer("a"), keys.Integer("l"), keys.Number("m"), keys.Flag("h", false)));
        Assert.Contains("its e is not a whole number below 2^31", Assert.Throws<ReverieException>(() => keys.Integer("e")).Message);
        Assert.Contains("its h is not a text", Assert.Throws<ReverieException>(() => keys.Text("h")).Message);
        Assert.Contains("it has no z", Assert.Throws<ReverieException>(() => keys.Text("z")).Message);
    }

    [Fact]
    public void A_header_that_contradicts_itself_is_refused_in_one_line()
    {
        Assert.Contains("does not begin with GGUF", Refusal([]));
        Assert.Contains("does not begin with GGUF", Refusal([.. "GGML"u8, .. new byte[40]]));
        Assert.Contains("its version is 1", Refusal([.. "GGUF"u8, .. Int(1), .. new byte[16]]));
        Assert.Contains("big-endian", Refusal([.. "GGUF"u8, .. Int(0x03000000), .. new byte[16]]));
        Assert.Contains("ends in the middle", Refusal([.. "GGUF"u8, .. Int(3), .. new byte[8]]));
        foreach (ulong many in new[] { 2ul, 1ul << 32, ulong.MaxValue })
        {
            Assert.Contains($"claims {many} tensors", Refusal(Header(many, 0, new byte[40])));
            Assert.Contains($"claims {many} keys", Refusal(Header(0, many, new byte[20])));
            Assert.Contains("ends in the middle", Refusal(Header(0, 1, Long(many * 20), new byte[20])));
            Assert.Contains($"claims {many} items of x", Refusal(Header(0, 1, Text("x"), Int(9), Int(10), Long(many), new byte[8])));
        }

        Assert.Contains("unknown type 13", Refusal(Header(0, 1, Text("x"), Int(13), new byte[8])));
        Assert.Contains("a list of the unknown type 99", Refusal(Header(0, 1, Text("x"), Int(9), Int(99), Long(0))));
        Assert.Contains("x is 2, where true or false", Refusal(Header(0, 1, Text("x"), Int(7), [2], new byte[8])));
        Assert.Contains("nested deeper than 4", Refusal(Header(0, 1, [.. Text("x"), .. Int(9), .. Enumerable.Repeat<byte[]>([.. Int(9), .. Long(1)], 50).SelectMany(b => b)])));
        Assert.Contains("the key x is there twice", Refusal(Header(0, 2, Text("x"), Int(7), [1], Text("x"), Int(7), [1], new byte[8])));
        Assert.Contains("empty or not UTF-8", Refusal(Header(0, 1, Text(""), Int(10), Long(1))));
        Assert.Contains("empty or not UTF-8", Refusal(Header(0, 1, Long(1), [0xFF], Int(10), Long(1))));
        foreach (uint alignment in new uint[] { 0, 1, 48, 1u << 31 }) Assert.Contains("general.alignment", Refusal(Header(0, 1, Text("general.alignment"), Int(4), Int(alignment))));
        Assert.Contains("general.alignment", Refusal(Header(0, 1, Text("general.alignment"), Int(8), Text("32"))));
    }

    [Fact]
    public void Tensors_that_cannot_be_are_refused_by_name()
    {
        byte[] data = new byte[512];
        Assert.Contains("tensor x has 0 dimensions", Refusal(Header(1, 0, Tensor("x", []), data)));
        Assert.Contains("tensor x has 5 dimensions", Refusal(Header(1, 0, Tensor("x", [1, 1, 1, 1, 1]), data)));
        Assert.Contains("tensor x has a dimension of 0", Refusal(Header(1, 0, Tensor("x", [4, 0]), data)));
        Assert.Contains("a dimension of 4294967296", Refusal(Header(1, 0, Tensor("x", [1ul << 32]), data)));
        Assert.Contains("more than 2147483647 rows", Refusal(Header(1, 0, Tensor("x", [4, 1 << 30, 1 << 30]), data)));
        Assert.Contains("larger than the file", Refusal(Header(1, 0, Tensor("x", [int.MaxValue, int.MaxValue]), data)));
        Assert.Contains("larger than the file", Refusal(Header(1, 0, Tensor("x", [4, 100_000]), data)));
        Assert.Contains("cut short", Refusal(Header(1, 0, Tensor("x", [4, 2], offset: 512), data)));
        Assert.Contains("cut short", Refusal(Header(1, 0, Tensor("x", [4, 2], offset: long.MaxValue - 31), data)));
        Assert.Contains($"begins at byte {ulong.MaxValue - 31}", Refusal(Header(1, 0, Tensor("x", [4, 2], offset: ulong.MaxValue - 31), data)));
        Assert.Contains("no multiple of the alignment 32", Refusal(Header(1, 0, Tensor("x", [4, 2], offset: 16), data)));
        Assert.Contains("of type Q5_K, where", Refusal(Header(1, 0, Tensor("x", [256], 13), data)));
        Assert.Contains("of type 77, which is unknown, where", Refusal(Header(1, 0, Tensor("x", [256], 77), data)));
        Assert.Contains("rows of 40 numbers, which are no whole blocks of Q8_0 (32)", Refusal(Header(1, 0, Tensor("x", [40], 8), data)));
        Assert.Contains("tensor x is there twice", Refusal(Header(2, 0, Tensor("x", [4]), Tensor("x", [4], offset: 32), data)));
        Assert.Contains("tensor model.norm.weight is there twice", Refusal(Header(2, 0, Tensor("output_norm.weight", [4]), Tensor("model.norm.weight", [4], offset: 32), data)));
        Assert.Contains("tensor y overlaps", Refusal(Header(2, 0, Tensor("x", [16]), Tensor("y", [4], offset: 32), data)));
        byte[] broken = Small();
        BitConverter.GetBytes(float.NaN).CopyTo(broken, broken.Length - 32);
        Assert.Contains("tensor v holds NaN", Refusal(broken));
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] whole = Small();
        File.WriteAllBytes(Path, whole);
        ReadAll(Path);

        // The last tensor is 12 bytes; the rest fills up.
        int end = whole.Length - 20;
        for (int length = 0; length < end; length += length < 800 ? 1 : 13) Refusal(whole[..length]);
    }

    [Fact]
    public void Random_damage_is_read_or_refused_but_never_crashes()
    {
        byte[] whole = Small();
        int header = whole.Length - (2 * (1024 + 512 + 512 + 272 + 144)) - 32;
        for (int at = 0; at < header; at++)
            foreach (byte value in new byte[] { 0, 0x7F, 0xFF, (byte)(whole[at] + 1) }) Try(at, value);
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Array[1, 6].Sample(damage =>
        {
            foreach ((int at, byte value) in damage) whole[at] = value;
            ReadOrRefuse(whole);
            whole = Small();
        }, iter: 2_000, threads: 1);

        void Try(int at, byte value)
        {
            byte before = whole[at];
            whole[at] = value;
            ReadOrRefuse(whole);
            whole[at] = before;
        }
    }

    [Fact]
    public void A_damaged_model_is_read_or_refused_but_never_crashes()
    {
        using (Transformer model = SmallModels.Transformer(SmallModels.Config(queryKeyNorm: false, layers: 1)))
            GgufWriter.Write(Path, model, SmallModels.Tokenizer, WeightType.Q8_0, "small");
        byte[] whole = File.ReadAllBytes(Path);
        int header;
        using (var file = new GgufFile(Path)) header = (int)file.Tensors[0].Offset;
        Gen.Select(Gen.Int[0, header - 1], Gen.Byte).Array[1, 3].Sample(damage =>
        {
            byte[] file = [.. whole];
            foreach ((int at, byte value) in damage) file[at] = value;
            File.WriteAllBytes(Path, file);
            try
            {
                Checkpoint.Load(Path).Dispose();
            }
            catch (ReverieException e)
            {
                Assert.DoesNotContain('\n', e.Message);
            }
        }, iter: 400, threads: 1);
    }

    [Theory]
    [InlineData("its architecture is gemma, where qwen3, qwen2 or llama is expected", "general.architecture", "gemma")]
    [InlineData("mixture of experts", "llama.expert_count", 8)]
    [InlineData("scaled by yarn", "llama.rope.scaling.type", "yarn")]
    [InlineData("its heads have the width 0", "llama.attention.key_length", 0)]
    [InlineData("scaled by linear", "llama.rope.scaling.factor", 2f)]
    [InlineData("its tokenizer.ggml.bos_token_id is 400", "tokenizer.ggml.bos_token_id", 400)]
    [InlineData("its tokenizer is of the model bert", "tokenizer.ggml.model", "bert")]
    [InlineData("\"nobody\" is none of", "tokenizer.ggml.pre", "nobody")]
    [InlineData("only a part of its heads is rotated", "llama.rope.dimension_count", 4)]
    [InlineData("one part of a split model", "split.count", 3)]
    [InlineData("it has no llama.block_count", "llama.block_count", null)]
    [InlineData("llama.block_count is not a whole number", "llama.block_count", "two")]
    [InlineData("num_hidden_layers is 99999999", "llama.block_count", 99999999)]
    [InlineData("tensor model.layers.2.input_layernorm.weight is missing", "llama.block_count", 3)]
    [InlineData("asks for", "llama.feed_forward_length", 64)]
    public void A_model_that_is_not_ours_is_refused_in_one_line(string fault, string key, object? value)
    {
        TransformerConfig config = SmallModels.Config(queryKeyNorm: false);
        (string Key, object? Value)[] keys =
        [
            ("general.architecture", "llama"), ("llama.block_count", 2), ("llama.embedding_length", 32), ("llama.feed_forward_length", 48), ("llama.context_length", 64),
            ("llama.attention.head_count", 4), ("llama.attention.head_count_kv", 2), ("llama.attention.layer_norm_rms_epsilon", 1e-5f),
        ];
        var output = new GgufOutput();
        foreach ((string name, object? its) in keys.Where(k => k.Key != key).Append((key, value)))
        {
            if (its is string text) output.Text(name, text);
            if (its is int number) output.Integer(name, number);
            if (its is float single) output.Number(name, single);
        }

        if (!key.StartsWith("tokenizer", StringComparison.Ordinal))
        {
            GgufTokenizer.Write(output, SmallModels.Tokenizer, config.VocabularySize, null);
        }
        else
        {
            output.Texts("tokenizer.ggml.tokens", [.. Enumerable.Range(0, SmallModels.Tokenizer.VocabularySize).Select(SmallModels.Tokenizer.Spelling)]);
            output.Texts("tokenizer.ggml.merges", []);
            if (key != "tokenizer.ggml.model") output.Text("tokenizer.ggml.model", "gpt2");
            if (key != "tokenizer.ggml.pre") output.Text("tokenizer.ggml.pre", "qwen2");
        }

        foreach (WeightLayout.Slice slice in WeightLayout.Slices(config))
            output.Tensor(GgufNames.FromHub(slice.Name), WeightType.F32, (int)slice.Rows, (int)slice.Columns, slice.IsVector, (_, bytes) => bytes.Clear());
        AtomicFile.Write(Path, output.Write);
        string message = Assert.Throws<ReverieException>(() => Checkpoint.Load(Path)).Message;
        Assert.Contains(fault, message);
        Assert.Contains("m.gguf", message);
        Assert.DoesNotContain('\n', message);
    }

    private void ReadOrRefuse(byte[] file)
    {
        File.WriteAllBytes(Path, file);
        try
        {
            ReadAll(Path);
        }
        catch (ReverieException e)
        {
            Assert.DoesNotContain('\n', e.Message);
        }
    }
}
