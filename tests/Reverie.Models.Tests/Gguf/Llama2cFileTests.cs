using CsCheck;
using Reverie.Models.Tests.Checkpoints;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Gguf;

public sealed class Llama2cFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reverie-llama2c").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Path => System.IO.Path.Combine(_folder, "m.bin");

    private static readonly TransformerConfig _shape = SmallModels.Config(queryKeyNorm: false) with { VocabularySize = 7, Width = 16, Heads = 4, KeyValueHeads = 2, HeadDimension = 4, FeedForward = 24, ContextLength = 8, NormEpsilon = 1e-5f };

    /// <summary>A file in which number i is i.</summary>
    private static byte[] Counting(bool tied)
    {
        TransformerConfig c = _shape;
        int keys = c.KeyValueHeads * c.HeadDimension;
        int[] header = [c.Width, c.FeedForward, c.Layers, c.Heads, c.KeyValueHeads, tied ? c.VocabularySize : -c.VocabularySize, c.ContextLength];
        int count = (c.VocabularySize * c.Width) + (c.Layers * ((2 * c.Width) + (2 * c.Width * c.Width) + (2 * keys * c.Width) + (3 * c.Width * c.FeedForward))) + c.Width + (c.ContextLength * c.HeadDimension) + (tied ? 0 : c.VocabularySize * c.Width);
        return [.. header.SelectMany(BitConverter.GetBytes), .. Enumerable.Range(0, count).SelectMany(i => BitConverter.GetBytes((float)i))];
    }

    private string Refusal(byte[] file)
    {
        File.WriteAllBytes(Path, file);
        string message = Assert.Throws<ReverieException>(() => new Llama2cFile(Path).Dispose()).Message;
        Assert.Contains("m.bin", message);
        Assert.DoesNotContain('\n', message);
        return message;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_weight_is_found_at_its_place(bool tied)
    {
        File.WriteAllBytes(Path, Counting(tied));
        using var file = new Llama2cFile(Path);
        Assert.Equal(_shape with { TiedEmbeddings = tied }, file.Config);
        float First(string name, int row = 0)
        {
            StoredRows rows = file.Rows(name)!;
            float[] values = new float[rows.Columns];
            rows.Expand(row, values);
            return values[0];
        }

        const int Table = 7 * 16, Queries = Table + (2 * 16), Keys = Queries + (2 * 16 * 16), Values = Keys + (2 * 8 * 16), Outputs = Values + (2 * 8 * 16),
            MlpNorms = Outputs + (2 * 16 * 16), Gates = MlpNorms + (2 * 16), Downs = Gates + (2 * 24 * 16), Ups = Downs + (2 * 24 * 16), Norm = Ups + (2 * 24 * 16);
        Assert.Equal(16 * 3, First("model.embed_tokens.weight", 3));
        Assert.Equal(Table + 16, First("model.layers.1.input_layernorm.weight"));

        // Rows 0, 2, 1, 3 of a head of 4.
        Assert.Equal(Queries + 256 + (16 * (4 + 2)), First("model.layers.1.self_attn.q_proj.weight", 4 + 1));
        Assert.Equal(Keys + 128 + (16 * (4 + 1)), First("model.layers.1.self_attn.k_proj.weight", 4 + 2));
        Assert.Equal(Values + 128 + 16, First("model.layers.1.self_attn.v_proj.weight", 1));
        Assert.Equal(Outputs + 256, First("model.layers.1.self_attn.o_proj.weight"));
        Assert.Equal(MlpNorms, First("model.layers.0.post_attention_layernorm.weight"));
        Assert.Equal(Gates + 384, First("model.layers.1.mlp.gate_proj.weight"));
        Assert.Equal(Downs + 384 + 24, First("model.layers.1.mlp.down_proj.weight", 1));
        Assert.Equal(Ups + 384, First("model.layers.1.mlp.up_proj.weight"));
        Assert.Equal(Norm, First("model.norm.weight"));
        if (!tied) Assert.Equal(Norm + 16 + (8 * 4), First("lm_head.weight"));
        else Assert.Null(file.Rows("lm_head.weight"));
        using Transformer model = WeightLayout.Read(file, file.Config);
        Assert.Equal(file.Names.Count, WeightLayout.Slices(file.Config).Count());
    }

    [Fact]
    public void Sizes_that_do_not_make_the_file_are_refused()
    {
        byte[] whole = Counting(true);
        Assert.Contains("too short", Refusal([]));
        Assert.Contains("too short", Refusal(whole[..27]));
        for (int length = 28; length < whole.Length; length += 97) Assert.Contains("it is cut short or no llama2.c model", Refusal(whole[..length]));
        Assert.Contains("it is cut short or no llama2.c model", Refusal([.. whole, 0]));
        foreach (int value in new[] { 0, -1, int.MinValue, int.MaxValue, 1 << 24 })
        {
            for (int field = 0; field < 7; field++)
            {
                // A negative vocabulary is one with a head of its own.
                byte[] file = [.. whole];
                BitConverter.GetBytes(value).CopyTo(file, field * 4);
                Refusal(file);
            }
        }

        whole[0] = 17;
        Assert.Contains("a width of 17, 4 heads", Refusal(whole));
    }

    [Fact]
    public void Random_damage_is_read_or_refused_but_never_crashes()
    {
        byte[] whole = Counting(false);
        Gen.Select(Gen.Int[0, 27], Gen.Byte).Array[1, 4].Sample(damage =>
        {
            byte[] file = [.. whole];
            foreach ((int at, byte value) in damage) file[at] = value;
            File.WriteAllBytes(Path, file);
            try
            {
                using var read = new Llama2cFile(Path);
                WeightLayout.Read(read, read.Config).Dispose();
            }
            catch (ReverieException e)
            {
                Assert.DoesNotContain('\n', e.Message);
            }
        }, iter: 300, threads: 1);
    }

    [Fact]
    public void A_model_without_a_tokenizer_says_where_it_belongs()
    {
        File.WriteAllBytes(Path, Counting(true));
        Assert.Contains("neither tokenizer.bin nor tok7.bin", Assert.Throws<ReverieException>(() => Checkpoint.Load(Path)).Message);
        File.WriteAllBytes(System.IO.Path.Combine(_folder, "tok7.bin"), [1, 2]);
        Assert.Contains("tok7.bin", Assert.Throws<ReverieException>(() => Checkpoint.Load(Path)).Message);
    }
}
