using Reverie.Models;
using Reverie.Sleep;
using Reverie.Worlds;

namespace Reverie.Lab.Tests;

/// <summary>A workspace with a small untrained model, erased at the end.</summary>
internal sealed class SmallWorkspace : IDisposable
{
    public const string Model = "small";

    private static readonly Lazy<Tokenizer> _tokenizer = new(() => Tokenizer.Train([.. Primer.Corpora.SelectMany(c => c.Documents(Split.Train, 1).Take(40)).Select(d => d.Text ?? string.Join('\n', d.Messages!.Select(m => m.Content)))], 600));

    public SmallWorkspace()
    {
        using var transformer = new Transformer(TransformerConfig.ForWidth(32, 2, _tokenizer.Value.VocabularySize, 512, headDimension: 16));
        transformer.Initialize(3, 0.5f, outputScale: 0.5f);
        (string version, string folder) = Workspace.NextVersion(Model);
        Checkpoint.Save(folder, transformer, _tokenizer.Value, new Lineage { Name = Model, Version = version });
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("reverie-lab-").FullName;

    public Workspace Workspace => new(Folder);

    /// <summary>Nights that are over at once.</summary>
    public static NightOptions Night { get; } = new() { Rank = 2, Alpha = 4, BatchTokens = 256, ItemsPerFact = 2, MinimumSteps = 2, Passes = 0.1, SkillQuestions = 1, EarlierQuestions = 2, Threads = 1 };

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
