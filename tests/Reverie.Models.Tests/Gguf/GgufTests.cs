using Reverie.Models.Tests.Checkpoints;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Gguf;

public sealed class GgufTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reverie-gguf").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string At(string name) => Path.Combine(_folder, name);

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void A_model_comes_back_exactly_with_its_vocabulary_and_template(bool queryKeyNorm, bool tied)
    {
        using Transformer model = SmallModels.Transformer(SmallModels.Config(tied, queryKeyNorm) with { RopeTheta = 5000, NormEpsilon = 1e-5f });
        GgufWriter.Write(At("m.gguf"), model, SmallModels.Tokenizer, WeightType.F32, "small", "{{ messages }}");
        using var back = Checkpoint.Load(At("m.gguf"));
        SmallModels.AssertSameWeights(model, back.Transformer);
        Assert.Equal(SmallModels.Tokenizer.VocabularySize, back.Tokenizer.VocabularySize);
        Assert.Equal(model.Config, Checkpoint.ReadConfig(At("m.gguf")));
        foreach (string text in new[] { "the lazy dog, it's 12 o'clock\n\n  <think>é</think>", "" })
        {
            Assert.Equal(SmallModels.Tokenizer.Encode(text), back.Tokenizer.Encode(text));
            Assert.Equal(SmallModels.Tokenizer.EncodeWithSpecialTokens(text), back.Tokenizer.EncodeWithSpecialTokens(text));
        }

        foreach (SpecialToken special in SpecialToken.Defaults) Assert.Equal(special, back.Tokenizer.Special(SmallModels.Tokenizer.Id(special.Text)!.Value));
        using var file = new GgufFile(At("m.gguf"));
        Assert.Equal("{{ messages }}", file.ChatTemplate);
        Assert.Equal("{{ messages }}", back.Tokenizer.ChatTemplate.Source);
        Assert.Equal(queryKeyNorm ? "qwen3" : "llama", file.Architecture);
        Assert.Equal("small", file.Metadata.Text("general.name"));
        Assert.Equal(304, file.Metadata.Texts("tokenizer.ggml.tokens")!.Length);
        Assert.Equal("[PAD303]", file.Metadata.Texts("tokenizer.ggml.tokens")![^1]);
    }

    [Theory]
    [InlineData(WeightType.F16)]
    [InlineData(WeightType.BF16)]
    [InlineData(WeightType.Q8_0)]
    [InlineData(WeightType.Q4_K)]
    public void Weights_of_a_type_are_written_again_byte_for_byte(WeightType type)
    {
        foreach (bool queryKeyNorm in new[] { true, false })
        {
            TransformerConfig config = SmallModels.Config(tied: true, queryKeyNorm, layers: 1) with { Width = 256, HeadDimension = 64, FeedForward = 288 };
            using Transformer model = SmallModels.Transformer(config);
            GgufWriter.Write(At("one.gguf"), model, SmallModels.Tokenizer, type, "small");
            using (var stored = Checkpoint.Load(At("one.gguf"), precision: WeightPrecision.AsStored))
            {
                GgufWriter.Write(At("two.gguf"), stored.Transformer, stored.Tokenizer, type, "small");
                GgufWriter.Write(At("three.gguf"), stored.Transformer, stored.Tokenizer, null, "small");
            }

            Assert.Equal(File.ReadAllBytes(At("one.gguf")), File.ReadAllBytes(At("two.gguf")));
            using GgufFile one = new(At("one.gguf")), three = new(At("three.gguf"));
            Assert.Equal(one.Tensors.Select(t => t.Type), three.Tensors.Select(t => t.Type));

            // Rows of 288 are no whole blocks of 256.
            WeightType narrow = type == WeightType.Q4_K ? WeightType.Q8_0 : type;
            Assert.Equal(narrow, one.Tensors.Single(t => t.Name == "blk.0.ffn_down.weight").Type);
            Assert.Equal(type, one.Tensors.Single(t => t.Name == "blk.0.attn_q.weight").Type);
            Assert.Equal(WeightType.F32, one.Tensors.Single(t => t.Name == "blk.0.attn_norm.weight").Type);

            using var floats = Checkpoint.Load(At("one.gguf"));
            foreach ((Parameter before, Parameter after) in model.Parameters.All.Zip(floats.Transformer.Parameters.All))
            {
                float most = 0, worst = 0;
                foreach ((float a, float b) in before.Value.Span.ToArray().Zip(after.Value.Span.ToArray()))
                {
                    most = MathF.Max(most, MathF.Abs(a));
                    worst = MathF.Max(worst, MathF.Abs(a - b));
                }

                Assert.InRange(worst, 0, most * (type == WeightType.Q4_K ? 0.1f : 0.01f));
            }
        }
    }

    [Fact]
    public void Rows_of_rotary_heads_stand_interleaved_in_a_llama_file()
    {
        using Transformer model = SmallModels.Transformer(SmallModels.Config(queryKeyNorm: false));
        GgufWriter.Write(At("m.gguf"), model, SmallModels.Tokenizer, WeightType.F32, "small");
        using var file = new GgufFile(At("m.gguf"));
        Tensor fused = model.Parameters["model.layers.1.self_attn.qkv_proj.weight"].Value;
        StoredRows queries = file.Stored(file.Tensors.Single(t => t.Name == "blk.1.attn_q.weight")), values = file.Stored(file.Tensors.Single(t => t.Name == "blk.1.attn_v.weight"));
        float[] row = new float[32];

        // Rows 0, 4, 1, 5, ... of a head of 8.
        queries.Expand(8 + 3, row);
        Assert.Equal(fused.Row(8 + 5).ToArray(), row);
        values.Expand(3, row);
        Assert.Equal(fused.Row(32 + 16 + 3).ToArray(), row);
    }

    [Fact]
    public void Biases_and_rotary_scaling_come_back()
    {
        TransformerConfig config = SmallModels.Config(queryKeyNorm: false) with { AttentionBias = true, RopeScaling = new RopeScaling(8, 1, 4, 64) };
        using Transformer model = SmallModels.Transformer(config);
        GgufWriter.Write(At("m.gguf"), model, SmallModels.Tokenizer, WeightType.F32, "small");
        using (var back = Checkpoint.Load(At("m.gguf"))) SmallModels.AssertSameWeights(model, back.Transformer);
        using var file = new GgufFile(At("m.gguf"));
        Assert.Equal("qwen2", file.Architecture);
        Assert.Equal(config.RopeScaling.Divisors(config.RopeTheta, 8).Length, file.Tensors.Single(t => t.Name == "rope_freqs.weight").Columns);
    }

    [Fact]
    public void A_SentencePiece_vocabulary_comes_back()
    {
        string[] tokens = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>"), "\u2581", "a", "b", "ab", "\u2581a", "\u2581ab"];
        float[] scores = [.. Enumerable.Range(0, 259).Select(_ => 0f), -5, -6, -7, -1, -2, -3];
        TokenType[] types = [TokenType.Unknown, TokenType.Control, TokenType.Control, .. Enumerable.Repeat(TokenType.Byte, 256), .. Enumerable.Repeat(TokenType.Normal, 6)];
        var tokenizer = Tokenizer.FromSentencePiece(tokens, scores, types, "test", settings: new TokenizerSettings { BeginOfText = 1, AddsBeginOfText = true, EndTokens = [2] });
        using Transformer model = SmallModels.Transformer(SmallModels.Config(queryKeyNorm: false));
        GgufWriter.Write(At("m.gguf"), model, tokenizer, WeightType.F32, "small");
        using var back = Checkpoint.Load(At("m.gguf"));
        Assert.Equal(265, back.Tokenizer.VocabularySize);
        Assert.Equal(scores, back.Tokenizer.Scores());
        Assert.Equal(tokenizer.EncodeDocument("ab ba \u00e9 aab"), back.Tokenizer.EncodeDocument("ab ba \u00e9 aab"));
        Assert.Equal((1, 2, true, true), (back.Tokenizer.BeginOfText!.Value, back.Tokenizer.Settings.EndTokens[0], back.Tokenizer.AddsBeginOfText, back.Tokenizer.StartsWithSpace));
    }

    [Fact]
    public void A_folder_may_hold_its_model_as_gguf()
    {
        using Transformer model = SmallModels.Transformer();
        GgufWriter.Write(At("model.gguf"), model, SmallModels.Tokenizer, WeightType.F32, "small");
        Assert.Equal(Path.GetFullPath(_folder), new Workspace(At("workspace")).Resolve(_folder));
        Assert.Equal(At("model.gguf"), new Workspace(At("workspace")).Resolve(At("model.gguf")));
        using var back = Checkpoint.Load(_folder);
        SmallModels.AssertSameWeights(model, back.Transformer);
        Assert.True(back.Tokenizer.ChatTemplate.IsOwn);
    }

    [Fact]
    public void A_weight_that_is_not_finite_or_does_not_fit_is_not_written()
    {
        using Transformer model = SmallModels.Transformer();
        File.WriteAllText(At("m.gguf"), "old");
        model.Embedding.Span[40] = 1e30f;
        string message = Assert.Throws<ReverieException>(() => GgufWriter.Write(At("m.gguf"), model, SmallModels.Tokenizer, WeightType.F16, "small")).Message;
        Assert.Contains("token_embd.weight does not fit F16", message);
        model.Embedding.Span[40] = float.NaN;
        message = Assert.Throws<ReverieException>(() => GgufWriter.Write(At("m.gguf"), model, SmallModels.Tokenizer, WeightType.F32, "small")).Message;
        Assert.Contains("NaN", message);
        Assert.DoesNotContain('\n', message);
        Assert.Equal("old", File.ReadAllText(At("m.gguf")));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void An_adapter_has_the_names_shapes_and_row_order_of_its_model()
    {
        using Transformer model = SmallModels.Transformer(SmallModels.Config(queryKeyNorm: false));
        using var arena = new Arena();
        Tensor down = arena.Allocate(4, 32), up = arena.Allocate(32, 4);
        for (int i = 0; i < 128; i++) (down.Span[i], up.Span[i]) = (i, -i);
        GgufWriter.WriteAdapter(At("a.gguf"), model.Config, [new GgufAddition("model.layers.1.self_attn.q_proj.weight", down, up, 3)], 6, "addition");
        using var file = new GgufFile(At("a.gguf"));
        Assert.Equal(("adapter", "lora", "llama", 6f), (file.Metadata.Text("general.type"), file.Metadata.Text("adapter.type"), file.Architecture, file.Metadata.Number("adapter.lora.alpha")));
        Assert.Equal(["blk.1.attn_q.weight.lora_a", "blk.1.attn_q.weight.lora_b"], file.Tensors.Select(t => t.Name));
        float[] row = new float[4];
        file.Stored(file.Tensors[1]).Expand(8 + 3, row);

        // llama.cpp scales by 6 / 4; 3 was asked for.
        Assert.Equal([.. up.Row(8 + 5).ToArray().Select(v => 2 * v)], row);
        Assert.Contains("holds a adapter and no model", Assert.Throws<ReverieException>(() => Checkpoint.Load(At("a.gguf"))).Message);
    }
}
