using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Checkpoints;

public sealed class CheckpointTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("reverie-checkpoint").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string Saved(TransformerConfig? config = null, string name = "model")
    {
        string folder = Path.Combine(_root, name);
        using Transformer transformer = SmallModels.Transformer(config);
        Checkpoint.Save(folder, transformer, SmallModels.Tokenizer, SmallModels.Lineage());
        return folder;
    }

    /// <summary>As another program would leave it: no lineage, so no hashes.</summary>
    private string Foreign(TransformerConfig? config = null)
    {
        string folder = Saved(config, "foreign");
        File.Delete(Path.Combine(folder, Lineage.FileName));
        return folder;
    }

    private static string Fault(string folder)
    {
        string message = Assert.Throws<ReverieException>(() => Checkpoint.Load(folder)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    private static void EditConfig(string folder, Action<JsonObject> edit)
    {
        string path = Path.Combine(folder, "config.json");
        JsonObject config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        edit(config);
        File.WriteAllText(path, config.ToJsonString());
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void A_saved_model_loads_bit_for_bit(bool tied, bool queryKeyNorm)
    {
        TransformerConfig config = SmallModels.Config(tied, queryKeyNorm) with { RopeTheta = 500000, NormEpsilon = 1e-5f };
        using Transformer transformer = SmallModels.Transformer(config);
        string folder = Path.Combine(_root, "model");
        Lineage saved = Checkpoint.Save(folder, transformer, SmallModels.Tokenizer, SmallModels.Lineage() with { Parent = "0123" });
        using var loaded = Checkpoint.Load(folder);
        SmallModels.AssertSameWeights(transformer, loaded.Transformer);
        Assert.Equal(SmallModels.Tokenizer.VocabularySize, loaded.Tokenizer.VocabularySize);
        Assert.Equal(saved.Id, loaded.Lineage!.Id);
        Assert.Equal(("test", "1", "0123"), (loaded.Lineage.Name, loaded.Lineage.Version, loaded.Lineage.Parent));
        StageRecord stage = Assert.Single(loaded.Lineage.Stages);
        Assert.Equal(("pretrain", 10L, 5120L, ulong.MaxValue, 1.5), (stage.Stage, stage.Steps, stage.Tokens, stage.Seed, stage.Seconds));
        Assert.Equal("abc", stage.Data["stories"]);
        Assert.Equal(
            ["chat_template.jinja", "config.json", "generation_config.json", "lineage.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"],
            Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Weights_have_the_names_and_shapes_of_Hugging_Face()
    {
        using var reader = new SafeTensorsReader(Path.Combine(Saved(SmallModels.Config(layers: 1)), "model.safetensors"));
        Assert.Equal(
            [
                "model.embed_tokens.weight (304, 32)",
                "model.layers.0.input_layernorm.weight (32)",
                "model.layers.0.self_attn.q_proj.weight (32, 32)",
                "model.layers.0.self_attn.k_proj.weight (16, 32)",
                "model.layers.0.self_attn.v_proj.weight (16, 32)",
                "model.layers.0.self_attn.q_norm.weight (8)",
                "model.layers.0.self_attn.k_norm.weight (8)",
                "model.layers.0.self_attn.o_proj.weight (32, 32)",
                "model.layers.0.post_attention_layernorm.weight (32)",
                "model.layers.0.mlp.gate_proj.weight (48, 32)",
                "model.layers.0.mlp.up_proj.weight (48, 32)",
                "model.layers.0.mlp.down_proj.weight (32, 48)",
                "model.norm.weight (32)",
                "lm_head.weight (304, 32)",
            ],
            reader.Entries.Select(e => $"{e.Name} {e.ShapeText}"));
        using var tied = new SafeTensorsReader(Path.Combine(Saved(SmallModels.Config(tied: true), "tied"), "model.safetensors"));
        Assert.Null(tied.Find("lm_head.weight"));
    }

    [Fact]
    public void The_config_is_one_that_other_programs_read()
    {
        JsonObject config = JsonNode.Parse(File.ReadAllText(Path.Combine(Saved(), "config.json")))!.AsObject();
        Assert.Equal("Qwen3ForCausalLM", config["architectures"]![0]!.GetValue<string>());
        Assert.Equal(8, config["head_dim"]!.GetValue<int>());
        Assert.Equal(10000, config["rope_theta"]!.GetValue<double>());
        Assert.Equal(10000, config["rope_parameters"]!["rope_theta"]!.GetValue<double>());
        Assert.Equal("float32", config["torch_dtype"]!.GetValue<string>());
        Assert.Equal("float32", config["dtype"]!.GetValue<string>());
        Assert.Equal(SmallModels.Tokenizer.MessageEnd, config["eos_token_id"]![0]!.GetValue<int>());
        Assert.Equal(SmallModels.Tokenizer.EndOfText, config["pad_token_id"]!.GetValue<int>());
    }

    [Fact]
    public void The_same_content_has_the_same_identity_and_other_weights_another()
    {
        string one = Saved(), two = Saved(name: "two");
        Assert.Equal(Checkpoint.ReadLineage(one)!.Id, Checkpoint.ReadLineage(two)!.Id);
        using Transformer other = SmallModels.Transformer(seed: 2);
        Assert.NotEqual(Checkpoint.ReadLineage(one)!.Id, Checkpoint.Save(Path.Combine(_root, "three"), other, SmallModels.Tokenizer, SmallModels.Lineage()).Id);
    }

    [Fact]
    public void A_saved_model_never_changes()
    {
        string folder = Saved();
        using Transformer transformer = SmallModels.Transformer(seed: 2);
        Assert.Contains("there already", Assert.Throws<ReverieException>(() => Checkpoint.Save(folder, transformer, SmallModels.Tokenizer, SmallModels.Lineage())).Message);
        Checkpoint.Load(folder).Dispose();
    }

    [Fact]
    public void A_flipped_bit_in_any_file_is_found()
    {
        string folder = Saved();
        string[] files = Directory.GetFiles(folder);
        Gen.Select(Gen.Int[0, files.Length - 1], Gen.Double[0, 1], Gen.Int[0, 7]).Sample(flip =>
        {
            (int file, double share, int bit) = flip;
            byte[] content = File.ReadAllBytes(files[file]);
            int at = Math.Min((int)(share * content.Length), content.Length - 1);
            content[at] ^= (byte)(1 << bit);
            File.WriteAllBytes(files[file], content);
            string fault = Fault(folder);
            Assert.Contains(Path.GetFileName(files[file]), fault);
            content[at] ^= (byte)(1 << bit);
            File.WriteAllBytes(files[file], content);
        }, iter: 300, threads: 1);
        Checkpoint.Load(folder).Dispose();
    }

    [Theory]
    [InlineData("\"abc\"", "\"\\ud800\"")]
    [InlineData("\"stories\"", "\"\\ud800\"")]
    [InlineData("\"stories\"", "\"\u00ff\"")]
    [InlineData("\"config.json\"", "\"\\udc00\"")]
    [InlineData("\"name\"", "\"\\ud800\"")]
    [InlineData("\"steps\": 10", "\"steps\": 1e400")]
    [InlineData("\"seconds\": 1.5", "\"seconds\": 1e400")]
    [InlineData("\"config.json\"", "\"../config.json\"")]
    [InlineData("\"parent\"", "\"Parent\"")]
    [InlineData("Z\"", "z\"")]
    [InlineData("\"steps\": 10", "\"steps\":  10")]
    public void A_lineage_that_was_edited_is_refused(string before, string after)
    {
        string folder = Saved(), path = Path.Combine(folder, Lineage.FileName);
        string text = File.ReadAllText(path);
        Assert.Contains(before, text);
        File.WriteAllText(path, text.Replace(before, after), Encoding.Latin1);
        Assert.Contains(Lineage.FileName, Fault(folder));
        Assert.Throws<ReverieException>(() => Checkpoint.ReadLineage(folder));
    }

    [Fact]
    public void A_truncated_or_missing_file_is_named()
    {
        string folder = Saved();
        foreach (string file in Directory.GetFiles(folder))
        {
            byte[] content = File.ReadAllBytes(file);
            File.WriteAllBytes(file, content[..(content.Length / 2)]);
            Assert.Contains(Path.GetFileName(file), Fault(folder));
            if (Path.GetFileName(file) != Lineage.FileName)
            {
                File.Delete(file);
                Assert.Contains(Path.GetFileName(file), Fault(folder));
            }

            File.WriteAllBytes(file, content);
        }
    }

    [Fact]
    public void A_folder_from_elsewhere_needs_no_lineage()
    {
        string folder = Foreign();
        using var loaded = Checkpoint.Load(folder);
        Assert.Null(loaded.Lineage);
        foreach (string file in new[] { "config.json", "model.safetensors", "tokenizer.json" })
        {
            string path = Path.Combine(folder, file), aside = path + ".aside";
            File.Move(path, aside);
            Assert.Contains($"has no {file}", Fault(folder));
            File.Move(aside, path);
        }
    }

    [Theory]
    [InlineData("hidden_size", 64, "tensor model.embed_tokens.weight has shape (304, 32) where the model's config asks for (304, 64)")]
    [InlineData("vocab_size", 400, "model.embed_tokens.weight has shape (304, 32) where the model's config asks for (400, 32)")]
    [InlineData("vocab_size", 270, "The tokenizer of")]
    [InlineData("num_key_value_heads", 4, "self_attn.k_proj.weight has shape (16, 32) where the model's config asks for (32, 32)")]
    [InlineData("head_dim", 16, "q_proj.weight has shape (32, 32) where the model's config asks for (64, 32)")]
    [InlineData("num_hidden_layers", 3, "tensor model.layers.2.input_layernorm.weight is missing")]
    [InlineData("num_hidden_layers", 1, "tensor model.layers.1.input_layernorm.weight has no place")]
    [InlineData("num_hidden_layers", 16777216, "tensor model.layers.2.input_layernorm.weight is missing")]
    [InlineData("intermediate_size", 16777216, "the model's config asks for (16777216, 32)")]
    [InlineData("num_hidden_layers", 2000000000, "must be between")]
    [InlineData("hidden_size", -1, "must be between")]
    [InlineData("num_attention_heads", 0, "must be between")]
    [InlineData("num_key_value_heads", 3, "cannot share")]
    public void A_config_that_does_not_match_the_weights_is_refused_with_both_shapes(string key, int value, string fault)
    {
        string folder = Foreign();
        EditConfig(folder, config => config[key] = value);
        Assert.Contains(fault, Fault(folder));
    }

    [Fact]
    public void Other_architectures_and_odd_keys_are_refused_by_name()
    {
        string folder = Foreign();
        string original = File.ReadAllText(Path.Combine(folder, "config.json"));
        (string Fault, Action<JsonObject> Edit)[] edits =
        [
            ("GPT2LMHeadModel", c => c["architectures"] = new JsonArray("GPT2LMHeadModel")),
            ("hidden_act is gelu", c => c["hidden_act"] = "gelu"),
            ("attention_bias", c => c["attention_bias"] = true),
            ("of type yarn", c => c["rope_parameters"] = new JsonObject { ["rope_type"] = "yarn", ["rope_theta"] = 1e6 }),
            ("of type linear", c => c["rope_scaling"] = new JsonObject { ["type"] = "linear" }),
            ("no hidden_size", c => c.Remove("hidden_size")),
            ("hidden_size is not a whole number", c => c["hidden_size"] = "32"),
            ("hidden_size is not a whole number", c => c["hidden_size"] = 1e30),
            ("rope_theta 0", c => { c.Remove("rope_parameters"); c["rope_theta"] = 0; }),
            ("tie_word_embeddings is not true or false", c => c["tie_word_embeddings"] = 1),
        ];
        foreach ((string fault, Action<JsonObject> edit) in edits)
        {
            File.WriteAllText(Path.Combine(folder, "config.json"), original);
            EditConfig(folder, edit);
            Assert.Contains(fault, Fault(folder));
        }

        foreach (string broken in new[] { "", "[]", "{", "null", "{\"a\":1,\"a\":2}", "\0\0\0", new string('[', 10_000) })
        {
            File.WriteAllText(Path.Combine(folder, "config.json"), broken);
            Assert.Contains("config.json", Fault(folder));
        }
    }

    [Fact]
    public void Weights_that_diverged_are_not_saved()
    {
        using Transformer transformer = SmallModels.Transformer();
        transformer.Parameters["model.norm.weight"].Value.Span[3] = float.PositiveInfinity;
        string folder = Path.Combine(_root, "diverged");
        Assert.Contains("model.norm.weight holds NaN or infinity", Assert.Throws<ReverieException>(() => Checkpoint.Save(folder, transformer, SmallModels.Tokenizer, SmallModels.Lineage())).Message);
        Assert.Empty(Directory.GetFileSystemEntries(_root));
    }

    [Fact]
    public void A_disk_that_fills_up_leaves_nothing()
    {
        using Transformer transformer = SmallModels.Transformer();
        string folder = Path.Combine(_root, "full");
        ReverieException fault = Assert.Throws<ReverieException>(() => AtomicFolder.Write(folder, temporary =>
        {
            AtomicFile.Write(Path.Combine(temporary, "config.json"), stream => stream.Write([1, 2, 3]));
            AtomicFile.Write(Path.Combine(temporary, "model.safetensors"), stream => SafeTensorsWriter.Write(new FullDisk(stream, 10_000), WeightLayout.Weights(transformer, WeightType.F32)));
        }));
        Assert.Contains("No space left", fault.Message);
        Assert.Empty(Directory.GetFileSystemEntries(_root));
    }

    /// <summary>A stream to a disk with so many bytes left.</summary>
    private sealed class FullDisk(Stream inner, long left) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => inner.Length;

        public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if ((left -= buffer.Length) < 0) throw new IOException("No space left on device");
            inner.Write(buffer);
        }
    }
}
