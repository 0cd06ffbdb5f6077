using System.Text.Json.Nodes;
using Reverie.Models.Tests.Checkpoints;
using Reverie.Tensors;
using Reverie.Training.Tests;
using Reply = Reverie.Training.Tests.LoopbackServer.Reply;

namespace Reverie.Models.Tests.Interop;

public sealed class ModelImportTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("reverie-import").FullName;
    private readonly Workspace _workspace;
    private readonly Transformer _model = SmallModels.Transformer(SmallModels.Config(tied: true, queryKeyNorm: false));

    public ModelImportTests() => _workspace = new Workspace(Path.Combine(_root, "ws"));

    public void Dispose()
    {
        _model.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    /// <summary>As another program would leave it, with settings of its own.</summary>
    private string Foreign(WeightType type = WeightType.BF16, bool shards = false)
    {
        string folder = Path.Combine(_root, "Foreign Model");
        Checkpoint.Save(folder, _model, SmallModels.Tokenizer, SmallModels.Lineage(), type);
        File.Delete(Path.Combine(folder, Lineage.FileName));
        File.WriteAllText(Path.Combine(folder, "chat_template.jinja"), "{{ 'theirs' }}");
        File.WriteAllText(Path.Combine(folder, "special_tokens_map.json"), "{ }");
        File.WriteAllText(Path.Combine(folder, "README.md"), "not ours");
        JsonObject config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!.AsObject();
        config["something_of_theirs"] = 7;
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        if (!shards) return folder;
        File.Delete(Path.Combine(folder, "model.safetensors"));
        ShardedSafeTensors.Write(folder, WeightLayout.Weights(_model, type), 9000);
        return folder;
    }

    private ModelVersion Import(string source, ImportOptions? options = null) => ModelImport.Run(_workspace, source, options ?? new ImportOptions(), cancel: TestContext.Current.CancellationToken);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_folder_comes_in_byte_for_byte_with_where_it_is_from(bool shards)
    {
        string source = Foreign(shards: shards);
        ModelVersion version = Import(source);
        Assert.Equal(("foreign-model", "1"), (version.Name, version.Version));
        foreach (string file in Directory.GetFiles(source).Where(f => !f.EndsWith(".md", StringComparison.Ordinal)))
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(version.Folder, Path.GetFileName(file))));
        Assert.False(File.Exists(Path.Combine(version.Folder, "README.md")));
        using var loaded = Checkpoint.Load(_workspace.Resolve("foreign-model"), precision: WeightPrecision.AsStored);
        Assert.Equal(WeightType.BF16, loaded.WeightTypes()[0].Type);
        StageRecord stage = Assert.Single(loaded.Lineage!.Stages);
        Assert.Equal("import", stage.Stage);
        Assert.Equal(source, Assert.Single(stage.Data).Key);
        Assert.Equal("2", Import(source).Version);
    }

    [Fact]
    public void A_model_made_from_another_keeps_its_settings()
    {
        ModelVersion version = Import(Foreign());
        using var loaded = Checkpoint.Load(version.Folder, precision: WeightPrecision.AsStored);
        string folder = Path.Combine(_root, "made");
        using Adapter adapter = SmallModels.Adapter(loaded.Transformer);
        Checkpoint.Save(folder, loaded.Transformer, loaded.Tokenizer, SmallModels.Lineage(), Checkpoint.TypeToSave(loaded.Transformer), adapter, version.Folder);
        foreach (string file in new[] { "chat_template.jinja", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "generation_config.json" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(version.Folder, file)), File.ReadAllBytes(Path.Combine(folder, file)));
        JsonNode config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!;
        Assert.Equal((7, "bfloat16"), (config["something_of_theirs"]!.GetValue<int>(), config["torch_dtype"]!.GetValue<string>()));
    }

    [Fact]
    public void Weights_with_an_adapter_are_written_as_the_merged_model_has_them()
    {
        using var kernels = new CpuKernels(2);
        using Adapter adapter = SmallModels.Adapter(_model);
        using Transformer merged = adapter.Merged(_model, kernels);
        foreach (string name in new[] { "streamed", "whole" })
            Checkpoint.Save(Path.Combine(_root, name), name == "whole" ? merged : _model, SmallModels.Tokenizer, SmallModels.Lineage(), adapter: name == "whole" ? null : adapter);
        Assert.Equal(File.ReadAllBytes(Path.Combine(_root, "whole", "model.safetensors")), File.ReadAllBytes(Path.Combine(_root, "streamed", "model.safetensors")));
    }

    [Fact]
    public void What_is_damaged_leaves_nothing_in_the_workspace()
    {
        string source = Foreign(WeightType.F32), weights = Path.Combine(source, "model.safetensors");
        byte[] whole = File.ReadAllBytes(weights);
        byte[] damaged = [.. whole];
        BitConverter.TryWriteBytes(damaged.AsSpan(damaged.Length - 4096), float.NaN);
        File.WriteAllBytes(weights, damaged);
        Assert.Contains("holds NaN", Assert.Throws<ReverieException>(() => Import(source)).Message);
        File.WriteAllBytes(weights, whole[..(whole.Length / 2)]);
        Assert.Contains("cut short", Assert.Throws<ReverieException>(() => Import(source)).Message);
        File.Delete(weights);
        Assert.Contains("no model.safetensors", Assert.Throws<ReverieException>(() => Import(source)).Message);
        Assert.Contains("nothing at", Assert.Throws<ReverieException>(() => Import(Path.Combine(_root, "nowhere"))).Message);
        using Adapter adapter = SmallModels.Adapter(_model);
        adapter.Save(Path.Combine(_root, "adapter"), SmallModels.Lineage());
        Assert.Contains("is an adapter", Assert.Throws<ReverieException>(() => Import(Path.Combine(_root, "adapter"))).Message);
        Assert.Throws<ReverieException>(() => Import(source, new ImportOptions { Name = "../x" }));
        Assert.False(Directory.Exists(_workspace.Root));
    }

    [Fact]
    public void A_model_of_the_hub_is_moved_in_with_its_commit()
    {
        string source = Foreign(), commit = new('a', 40);
        var files = Directory.GetFiles(source).ToDictionary(f => Path.GetFileName(f)!, File.ReadAllBytes);
        using var server = new LoopbackServer(r => r.Path.StartsWith("/api/", StringComparison.Ordinal)
            ? new Reply(200, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { sha = commit, siblings = files.Select(f => new { rfilename = f.Key, size = f.Value.Length }) }))
            : Reply.File(r, files[r.Path[(r.Path.LastIndexOf('/') + 1)..]], "\"1\""));
        ModelVersion version = Import("hf:owner/Tiny-Model", new ImportOptions { Hub = new HubOptions { Endpoint = server.Address, Token = null } });
        Assert.Equal("tiny-model", version.Name);
        Assert.Equal(files["model.safetensors"], File.ReadAllBytes(Path.Combine(version.Folder, "model.safetensors")));
        Assert.Equal($"hf:owner/Tiny-Model@{commit}", Assert.Single(Checkpoint.ReadLineage(version.Folder)!.Stages[0].Data).Key);
        Assert.Empty(Directory.GetFiles(_workspace.DataFolder, "model.safetensors", SearchOption.AllDirectories));
        using var model = Checkpoint.Load(version.Folder);
        using Adapter adapter = SmallModels.Adapter(model.Transformer);
        ModelExport.AdapterToFolder(Path.Combine(_root, "peft"), adapter, model);
        Assert.Equal("owner/Tiny-Model", JsonNode.Parse(File.ReadAllText(Path.Combine(_root, "peft", "adapter_config.json")))!["base_model_name_or_path"]!.GetValue<string>());
    }
}
