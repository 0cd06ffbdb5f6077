using System.Text.Json.Nodes;
using CsCheck;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Checkpoints;

public sealed class AdapterFileTests : IDisposable
{
    private const string Weights = "adapter_model.safetensors", Config = "adapter_config.json";
    private readonly string _root = Directory.CreateTempSubdirectory("reverie-adapter").FullName;
    private readonly Transformer _model = SmallModels.Transformer();

    public void Dispose()
    {
        _model.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private string Saved(Transformer? model = null, string name = "adapter")
    {
        string folder = Path.Combine(_root, name);
        using Adapter adapter = SmallModels.Adapter(model ?? _model);
        adapter.Save(folder, SmallModels.Lineage() with { Parent = "0123456789abcdef" });
        return folder;
    }

    /// <summary>As PEFT would leave it: no lineage, so no hashes.</summary>
    private string Foreign()
    {
        string folder = Saved(name: "foreign");
        File.Delete(Path.Combine(folder, Lineage.FileName));
        return folder;
    }

    private string Fault(string folder, string? modelId = null)
    {
        string message = Assert.Throws<ReverieException>(() => Adapter.Load(folder, _model, modelId)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void A_saved_adapter_loads_bit_for_bit(bool tied, bool queryKeyNorm)
    {
        using Transformer model = SmallModels.Transformer(SmallModels.Config(tied, queryKeyNorm));
        using Adapter adapter = SmallModels.Adapter(model);
        string folder = Path.Combine(_root, "adapter");
        Lineage saved = adapter.Save(folder, SmallModels.Lineage() with { Parent = "0123" });
        using var loaded = Adapter.Load(folder, model, "0123");
        Assert.Equal((adapter.Rank, adapter.Alpha), (loaded.Rank, loaded.Alpha));
        Assert.True(adapter.Parameters.Values.Span.SequenceEqual(loaded.Parameters.Values.Span));
        Assert.Equal(saved.Id, Checkpoint.ReadLineage(folder)!.Id);
        Assert.Equal([Config, Weights, Lineage.FileName], Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("there already", Assert.Throws<ReverieException>(() => adapter.Save(folder, SmallModels.Lineage())).Message);
    }

    [Fact]
    public void Tensors_have_the_names_and_shapes_of_PEFT()
    {
        using Transformer model = SmallModels.Transformer(SmallModels.Config(layers: 1));
        string folder = Saved(model);
        using var reader = new SafeTensorsReader(Path.Combine(folder, Weights));
        (string Module, int Inputs, int Outputs)[] modules =
        [
            ("self_attn.q_proj", 32, 32), ("self_attn.k_proj", 32, 16), ("self_attn.v_proj", 32, 16), ("self_attn.o_proj", 32, 32),
            ("mlp.gate_proj", 32, 48), ("mlp.up_proj", 32, 48), ("mlp.down_proj", 48, 32),
        ];
        Assert.Equal(
            modules.SelectMany(m => new[]
            {
                $"base_model.model.model.layers.0.{m.Module}.lora_A.weight (4, {m.Inputs})",
                $"base_model.model.model.layers.0.{m.Module}.lora_B.weight ({m.Outputs}, 4)",
            }),
            reader.Entries.Select(e => $"{e.Name} {e.ShapeText}"));
        JsonObject config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, Config)))!.AsObject();
        Assert.Equal(("LORA", 4, 6.0), (config["peft_type"]!.GetValue<string>(), config["r"]!.GetValue<int>(), config["lora_alpha"]!.GetValue<double>()));
        Assert.Equal(7, config["target_modules"]!.AsArray().Count);
    }

    [Fact]
    public void An_adapter_of_another_model_is_refused()
    {
        string folder = Saved();
        Assert.Contains("0123456789ab", Fault(folder, "fedcba9876543210"));
        Adapter.Load(folder, _model, "0123456789abcdef").Dispose();
        Adapter.Load(Foreign(), _model, "fedcba9876543210").Dispose();
        using Transformer wide = SmallModels.Transformer(SmallModels.Config() with { FeedForward = 64 }), deep = SmallModels.Transformer(SmallModels.Config(layers: 3)), flat = SmallModels.Transformer(SmallModels.Config(layers: 1));
        Assert.Contains("mlp.gate_proj.lora_B.weight has shape (48, 4)", Assert.Throws<ReverieException>(() => Adapter.Load(folder, wide)).Message);
        Assert.Contains("layers.2.self_attn.q_proj.lora_A.weight is missing", Assert.Throws<ReverieException>(() => Adapter.Load(folder, deep)).Message);
        Assert.Contains("layers.1", Assert.Throws<ReverieException>(() => Adapter.Load(folder, flat)).Message);
    }

    [Fact]
    public void A_missing_file_and_odd_settings_are_named()
    {
        string folder = Foreign(), path = Path.Combine(folder, Config), original = File.ReadAllText(path);
        (string Fault, Action<JsonObject> Edit)[] edits =
        [
            ("peft_type is IA3", c => c["peft_type"] = "IA3"),
            ("use_dora", c => c["use_dora"] = true),
            ("modules_to_save", c => c["modules_to_save"] = new JsonArray("lm_head")),
            ("layer_replication", c => c["layer_replication"] = new JsonArray(new JsonArray(0, 1))),
            ("alora_invocation_tokens", c => c["alora_invocation_tokens"] = new JsonArray(1)),
            ("biases", c => c["bias"] = "all"),
            ("different strengths", c => c["alpha_pattern"] = new JsonObject { ["q_proj"] = 3 }),
            ("is an expression", c => c["rank_pattern"] = new JsonObject { ["layers\\.[0-3]\\..*"] = 8 }),
            ("not an object of numbers", c => c["rank_pattern"] = new JsonObject { ["q_proj"] = "8" }),
            ("ask for (8, 32)", c => c["rank_pattern"] = new JsonObject { ["q_proj"] = 8 }),
            ("has no r", c => c.Remove("r")),
            ("r 0", c => c["r"] = 0),
            ("ask for (8, 32)", c => c["r"] = 8),
            ("(65536, 32)", c => c["r"] = 65536),
            ("lora_alpha", c => c["lora_alpha"] = -1),
            ("lora_alpha", c => c["lora_alpha"] = 1e300),
        ];
        foreach ((string fault, Action<JsonObject> edit) in edits)
        {
            JsonObject config = JsonNode.Parse(original)!.AsObject();
            edit(config);
            File.WriteAllText(path, config.ToJsonString());
            Assert.Contains(fault, Fault(folder));
        }

        File.WriteAllText(path, original);
        File.Move(Path.Combine(folder, Weights), Path.Combine(folder, "aside"));
        Assert.Contains($"has no {Weights}", Fault(folder));
        Assert.Contains("no adapter at", Fault(Path.Combine(_root, "nowhere")));
    }

    [Fact]
    public void Weights_that_diverged_are_not_saved()
    {
        using Adapter adapter = SmallModels.Adapter(_model);
        adapter.Parameters.All[1].Value.Span[0] = float.NaN;
        Assert.Contains("lora_B.weight holds NaN", Assert.Throws<ReverieException>(() => adapter.Save(Path.Combine(_root, "nan"), SmallModels.Lineage())).Message);
        Assert.Empty(Directory.GetFileSystemEntries(_root));
    }

    [Fact]
    public void A_flipped_bit_in_any_file_is_found()
    {
        string folder = Saved();
        Damage(folder, 100, message => Assert.NotNull(message));
    }

    [Fact]
    public void Random_damage_is_read_or_refused_but_never_crashes() => Damage(Foreign(), 1000, _ => { });

    private void Damage(string folder, int iterations, Action<string?> check)
    {
        string[] files = Directory.GetFiles(folder);
        Gen.Select(Gen.Int[0, files.Length - 1], Gen.Double[0, 1], Gen.Bool, Gen.Int[0, 7]).Sample((file, share, early, bit) =>
        {
            byte[] content = File.ReadAllBytes(files[file]), damaged = [.. content];
            int at = Math.Min((int)(share * (early ? Math.Min(3000, content.Length) : content.Length)), content.Length - 1);
            damaged[at] ^= (byte)(1 << bit);
            File.WriteAllBytes(files[file], damaged);
            string? message = null;
            try
            {
                Adapter.Load(folder, _model).Dispose();
            }
            catch (ReverieException e)
            {
                message = e.Message;
                Assert.DoesNotContain('\n', message);
            }
            finally
            {
                File.WriteAllBytes(files[file], content);
            }

            check(message);
        }, iter: iterations, threads: 1);
    }
}
