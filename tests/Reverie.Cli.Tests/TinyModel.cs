using Reverie.Models;

namespace Reverie.Cli.Tests;

/// <summary>A workspace with a model of random weights, which babbles but does so in all the right forms.</summary>
public sealed class TinyModel : IDisposable
{
    public TinyModel()
    {
        var tokenizer = Tokenizer.Train([string.Concat(Enumerable.Repeat("Once upon a time there was a fox who said hello to the moon. ", 20))], 300);
        using var transformer = new Transformer(TransformerConfig.ForWidth(32, 1, tokenizer.VocabularySize, 128));
        transformer.Initialize(1, 0.5f, outputScale: 0.5f);
        var workspace = new Workspace(Folder);
        for (int i = 0; i < 2; i++)
        {
            (string version, string folder) = workspace.NextVersion("tiny");
            Checkpoint.Save(folder, transformer, tokenizer, new Lineage { Name = "tiny", Version = version, Stages = [new StageRecord("pretrain", 3, 4096, 1, new Dictionary<string, string>(), 1.5)] });
            workspace.SetCurrent("tiny", version);
        }
    }

    public string Folder { get; } = Path.Combine(Path.GetTempPath(), "reverie-cli-" + Path.GetRandomFileName());

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
