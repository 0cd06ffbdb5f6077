using Reverie.Models.Tests.Checkpoints;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Interop;

public sealed class ModelExportTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("reverie-export").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private Checkpoint Saved(bool tied = false, bool queryKeyNorm = true, WeightType type = WeightType.F32)
    {
        string folder = Path.Combine(_root, "saved");
        if (!Directory.Exists(folder))
        {
            using Transformer transformer = SmallModels.Transformer(SmallModels.Config(tied, queryKeyNorm) with { Width = 64, FeedForward = 96 });
            Checkpoint.Save(folder, transformer, SmallModels.Tokenizer, SmallModels.Lineage(), type);
        }

        return Checkpoint.Load(folder, precision: WeightPrecision.AsStored);
    }

    private static float[] Weights(Checkpoint model) =>
    [
        .. WeightLayout.Weights(model.Transformer, WeightType.F32).SelectMany(w => Enumerable.Range(0, w.Rows).SelectMany(row =>
        {
            float[] values = new float[w.Columns];
            w.Fill(row, values);
            return values;
        })),
    ];

    [Theory]
    [InlineData(WeightType.F32, false, true)]
    [InlineData(WeightType.BF16, true, false)]
    public void There_and_back_is_exact(WeightType type, bool tied, bool queryKeyNorm)
    {
        using Checkpoint model = Saved(tied, queryKeyNorm, type);
        ModelExport.ToFolder(Path.Combine(_root, "folder"), model);
        string gguf = Path.Combine(_root, "model.gguf");
        ModelExport.ToGguf(gguf, model);
        using var folder = Checkpoint.Load(Path.Combine(_root, "folder"), precision: WeightPrecision.AsStored);
        using var file = Checkpoint.Load(gguf, precision: WeightPrecision.AsStored);
        ModelExport.ToFolder(Path.Combine(_root, "back"), file);
        using var back = Checkpoint.Load(Path.Combine(_root, "back"), precision: WeightPrecision.AsStored);
        float[] weights = Weights(model);
        foreach (Checkpoint other in new[] { folder, file, back })
        {
            Assert.Equal(model.Transformer.Config, other.Transformer.Config);
            Assert.Equal(weights, Weights(other));
            Assert.True(model.Tokenizer.IsSameAs(other.Tokenizer));
            Assert.Equal(model.Tokenizer.ChatTemplate.Source, other.Tokenizer.ChatTemplate.Source);
        }

        Assert.Contains("FROM ./model.gguf", File.ReadAllText(Path.Combine(_root, "Modelfile")));
    }

    [Fact]
    public void Nothing_is_written_over()
    {
        using Checkpoint model = Saved();
        File.WriteAllText(Path.Combine(_root, "Modelfile"), "mine");
        string path = Path.Combine(_root, "a.gguf");
        Assert.Equal(path + ".Modelfile", ModelExport.ToGguf(path, model, WeightType.Q8_0));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(_root, "Modelfile")));
        Assert.Contains("there already", Assert.Throws<ReverieException>(() => ModelExport.ToGguf(path, model)).Message);
        Assert.Contains("there already", Assert.Throws<ReverieException>(() => ModelExport.ToFolder(_root, model)).Message);
        Assert.Contains("not q8_0", Assert.Throws<ReverieException>(() => ModelExport.ToFolder(Path.Combine(_root, "b"), model, WeightType.Q8_0)).Message);
    }

    [Fact]
    public void An_import_may_be_quantised()
    {
        using (Checkpoint model = Saved()) { }
        ModelVersion version = ModelImport.Run(new Workspace(Path.Combine(_root, "ws")), Path.Combine(_root, "saved"), new ImportOptions { Quantize = WeightType.Q8_0 }, cancel: TestContext.Current.CancellationToken);
        using var loaded = Checkpoint.Load(version.Folder, precision: WeightPrecision.AsStored);
        Assert.Equal(WeightType.Q8_0, loaded.WeightTypes()[0].Type);
        Assert.Equal(["pretrain", "import"], loaded.Lineage!.Stages.Select(s => s.Stage));
        Assert.NotNull(loaded.Tokenizer.ChatTemplate.Source);
    }

    [Fact]
    public void Shapes_that_people_know_are_made_from_a_seed()
    {
        var workspace = new Workspace(Path.Combine(_root, "ws"));
        TransformerConfig config = ModelShape.Find("stories260k", null, 512);
        Assert.Equal(260_032, config.ParameterCount);
        Assert.Equal(134_515_008, ModelShape.Find("SmolLM2-135M", null, 512).ParameterCount);
        Assert.Equal(596_049_920, ModelShape.Find("qwen3-0.6b", null, 512).ParameterCount);
        Assert.Equal(494_032_768, ModelShape.Find("qwen2.5-0.5b", null, 512).ParameterCount);
        Assert.Equal(1_235_814_400, ModelShape.Find("llama3.2-1b", null, 512).ParameterCount);
        Assert.Equal(6_738_415_616, ModelShape.Find("llama2-7b", null, 512).ParameterCount);
        Assert.Equal((64, 2, 700), ModelShape.Find("house:64,2", 700, 512) is var house ? (house.Width, house.Layers, house.VocabularySize) : default);
        Assert.Contains("house:WIDTH,LAYERS", Assert.Throws<ReverieException>(() => ModelShape.Find("gpt5", null, 512)).Message);
        Assert.Contains("263 tokens", Assert.Throws<ReverieException>(() => ModelMaker.Make(workspace, "small", config with { VocabularySize = 100 }, WeightType.F32, 1)).Message);
        ModelVersion one = ModelMaker.Make(workspace, "one", config, WeightType.BF16, 1), two = ModelMaker.Make(workspace, "two", config, WeightType.BF16, 1), other = ModelMaker.Make(workspace, "other", config, WeightType.Q8_0, 2);
        Assert.Equal(File.ReadAllBytes(Path.Combine(one.Folder, "model.safetensors")), File.ReadAllBytes(Path.Combine(two.Folder, "model.safetensors")));
        using var loaded = Checkpoint.Load(other.Folder, precision: WeightPrecision.AsStored);
        Assert.Equal(WeightType.Q8_0, loaded.WeightTypes()[0].Type);
        Assert.Empty(Directory.GetFileSystemEntries(other.Folder, "*.tmp"));
    }

    [Fact]
    public void Rotary_scaling_of_Llama_3_goes_there_and_back()
    {
        using var transformer = new Transformer(SmallModels.Config(tied: true, queryKeyNorm: false) with { RopeScaling = new RopeScaling(8, 1, 4, 64), RopeTheta = 500_000 });
        transformer.Initialize(1);
        string folder = Path.Combine(_root, "llama3");
        Checkpoint.Save(folder, transformer, SmallModels.Tokenizer, SmallModels.Lineage());
        Assert.Equal(transformer.Config, Checkpoint.ReadConfig(folder));
        string path = Path.Combine(folder, "config.json"), text = File.ReadAllText(path);
        File.WriteAllText(path, text.Replace("\"llama3\"", "\"yarn\"", StringComparison.Ordinal));
        Assert.Contains("yarn", Assert.Throws<ReverieException>(() => Checkpoint.ReadConfig(folder)).Message);
        File.WriteAllText(path, text.Replace("\"factor\": 8", "\"factor\": 0.5", StringComparison.Ordinal));
        Assert.Contains("rotary scaling", Assert.Throws<ReverieException>(() => Checkpoint.ReadConfig(folder)).Message);
    }
}
