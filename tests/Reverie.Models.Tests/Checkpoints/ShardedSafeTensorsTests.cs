using System.Text.Json.Nodes;
using CsCheck;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Checkpoints;

public sealed class ShardedSafeTensorsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("reverie-shards").FullName;
    private readonly Transformer _model = SmallModels.Transformer();

    public void Dispose()
    {
        _model.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private string Folder(WeightType type = WeightType.F32, long shardBytes = 9000)
    {
        string folder = Path.Combine(_root, "model");
        Checkpoint.Save(folder, _model, SmallModels.Tokenizer, SmallModels.Lineage(), type: type);
        File.Delete(Path.Combine(folder, Lineage.FileName));
        File.Delete(Path.Combine(folder, "model.safetensors"));
        ShardedSafeTensors.Write(folder, WeightLayout.Weights(_model, type), shardBytes);
        return folder;
    }

    private static string Fault(string folder)
    {
        string message = Assert.Throws<ReverieException>(() => Checkpoint.Load(folder).Dispose()).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    [Fact]
    public void A_model_in_shards_is_the_model()
    {
        string folder = Folder();
        string[] shards = [.. Directory.GetFiles(folder, "*.safetensors").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];
        Assert.True(shards.Length > 3);
        Assert.Equal($"model-00001-of-{shards.Length:D5}.safetensors", shards[0]);
        JsonNode index = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, ShardIndex.FileName)))!;
        Assert.Equal(4 * _model.Config.ParameterCount, index["metadata"]!["total_size"]!.GetValue<long>());
        using var loaded = Checkpoint.Load(folder);
        SmallModels.AssertSameWeights(_model, loaded.Transformer);
    }

    [Fact]
    public void A_bf16_model_saved_again_has_the_same_bytes()
    {
        string folder = Folder(WeightType.BF16), again = Path.Combine(_root, "again");
        using (var loaded = Checkpoint.Load(folder))
        {
            Checkpoint.Save(again, loaded.Transformer, loaded.Tokenizer, SmallModels.Lineage(), type: WeightType.BF16);
            ShardedSafeTensors.Write(again, WeightLayout.Weights(loaded.Transformer, WeightType.BF16), 9000);
        }

        foreach (string shard in Directory.GetFiles(folder, "model-*")) Assert.Equal(File.ReadAllBytes(shard), File.ReadAllBytes(Path.Combine(again, Path.GetFileName(shard))));
        Assert.Equal("bfloat16", JsonNode.Parse(File.ReadAllText(Path.Combine(again, "config.json")))!["torch_dtype"]!.GetValue<string>());
        using var stored = Checkpoint.Load(folder, precision: WeightPrecision.AsStored);
        ShardedSafeTensors.Write(Path.Combine(_root, "stored"), WeightLayout.Weights(stored.Transformer, WeightType.BF16), 9000);
        foreach (string shard in Directory.GetFiles(folder, "model-*")) Assert.Equal(File.ReadAllBytes(shard), File.ReadAllBytes(Path.Combine(_root, "stored", Path.GetFileName(shard))));
    }

    [Theory]
    [InlineData(1e30f, WeightType.F16)]
    [InlineData(-65520f, WeightType.F16)]
    [InlineData(float.MaxValue, WeightType.BF16)]
    public void A_number_beyond_the_type_is_refused_with_the_tensors_name(float number, WeightType type)
    {
        _model.Parameters["model.layers.1.self_attn.qkv_proj.weight"].Value.Row(40)[3] = number;
        string message = Assert.Throws<ReverieException>(() => Folder(type)).Message;
        Assert.Contains("model.layers.1.self_attn.k_proj.weight", message);
        Assert.Empty(Directory.GetFileSystemEntries(_root));
    }

    [Fact]
    public void Halves_are_rounded_to_the_nearest_even()
    {
        Tensor row = _model.Parameters["model.norm.weight"].Value;
        (row.Span[0], row.Span[1], row.Span[2]) = (1 + 1f / 2048, 1 + 3f / 2048, 1 + 1.001f / 2048);
        using var half = Checkpoint.Load(Folder(WeightType.F16));
        Assert.Equal([1, 1 + 2f / 1024, 1 + 1f / 1024], half.Transformer.Parameters["model.norm.weight"].Value.Span[..3].ToArray());
    }

    [Fact]
    public void Lists_that_lie_are_refused()
    {
        string folder = Folder(), path = Path.Combine(folder, ShardIndex.FileName), text = File.ReadAllText(path);
        string first = JsonNode.Parse(text)!["weight_map"]!["model.embed_tokens.weight"]!.GetValue<string>(), last = JsonNode.Parse(text)!["weight_map"]!["lm_head.weight"]!.GetValue<string>();
        (string Fault, Action<JsonObject> Edit)[] edits =
        [
            ("../" + first, m => m["model.norm.weight"] = "../" + first),
            ("/etc/passwd", m => m["model.norm.weight"] = "/etc/passwd"),
            (".safetensors file beside it", m => m["model.norm.weight"] = ""),
            (".safetensors file beside it", m => m["model.norm.weight"] = ".hidden.safetensors"),
            (ShardIndex.FileName, m => m["model.norm.weight"] = ShardIndex.FileName),
            ("is not there", m => m["model.norm.weight"] = "model-00099-of-00099.safetensors"),
            ($"where the list says {last}", m => m["model.layers.0.input_layernorm.weight"] = last),
            ("does not have it", m => m.Remove("model.norm.weight")),
            ("is not in", m => m["nothing"] = first),
            ("not an object of texts", m => m["model.norm.weight"] = 7),
            ("names 0 files", m => m.Clear()),
        ];
        foreach ((string fault, Action<JsonObject> edit) in edits)
        {
            JsonNode index = JsonNode.Parse(text)!;
            edit(index["weight_map"]!.AsObject());
            File.WriteAllText(path, index.ToJsonString());
            Assert.Contains(fault, Fault(folder));
        }

        foreach (string bomb in new[] { new string('[', 1_000_000), "{\"weight_map\":" + new string('{', 100_000), "{\"weight_map\":{" + string.Join(",", Enumerable.Range(0, 20_000).Select(i => $"\"w{i}\":\"{i}.safetensors\"")) + "}}" })
        {
            File.WriteAllText(path, bomb);
            Fault(folder);
        }
    }

    [Fact]
    public void Random_damage_is_read_or_refused_but_never_crashes()
    {
        string folder = Folder();
        string[] files = [Path.Combine(folder, ShardIndex.FileName), .. Directory.GetFiles(folder, "*.safetensors"), Path.Combine(folder, "config.json")];
        Gen.Select(Gen.Int[0, files.Length - 1], Gen.Double[0, 1], Gen.Int[0, 7], Gen.Bool).Sample((file, share, bit, cut) =>
        {
            byte[] content = File.ReadAllBytes(files[file]), damaged = [.. content];
            int at = Math.Min((int)(share * Math.Min(2000, content.Length)), content.Length - 1);
            damaged[at] ^= (byte)(1 << bit);
            File.WriteAllBytes(files[file], cut ? damaged[..at] : damaged);
            try
            {
                using var loaded = Checkpoint.Load(folder, precision: WeightPrecision.AsStored);
            }
            catch (ReverieException e)
            {
                Assert.DoesNotContain('\n', e.Message);
            }
            finally
            {
                File.WriteAllBytes(files[file], content);
            }
        }, iter: 400, threads: 1);
    }
}
