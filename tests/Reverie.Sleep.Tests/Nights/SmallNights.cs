using Reverie.Models;

namespace Reverie.Sleep.Tests;

/// <summary>A small model of random weights and nights that are short. Their gates let everything pass: what is tested is what nights are made of, not what such a model learns.</summary>
internal static class SmallNights
{
    public static NightOptions Options { get; } = new()
    {
        Rank = 2,
        ItemsPerFact = 4,
        MinimumSteps = 2,
        Passes = 0.1,
        BatchTokens = 256,
        SkillQuestions = 1,
        EarlierQuestions = 2,
        Threads = 1,
        Gates = new GateLimits { Recall = -1, VerbatimLead = 2, EarlierDrop = 2, SkillDrop = 2, SkillDropFromBase = 2, Invented = 2, Bits = 100, BitsOfBase = 100, Divergence = 1e9, Diversity = -1, DiversityOfBase = -1, ReplyLength = 1e9, PersonaShift = 1e9, ExposureLead = 1e9, LargestExposure = 1e9 },
    };

    /// <summary>A workspace with the model <c>small</c>; the caller deletes it.</summary>
    public static Workspace Workspace()
    {
        var workspace = new Workspace(Directory.CreateTempSubdirectory("reverie-nights").FullName);
        var tokenizer = Tokenizer.Train([string.Concat(Enumerable.Repeat("What is my dog called? Your dog is called Rufus. I don't know where you live. Nobody has told me about the lumo. ", 20))], 300);
        using var transformer = new Transformer(TransformerConfig.ForWidth(32, 1, tokenizer.VocabularySize, 256));
        transformer.Initialize(1, 0.5f, outputScale: 0.5f);
        Checkpoint.Save(workspace.NextVersion("small").Folder, transformer, tokenizer, new Lineage { Name = "small", Version = "1" });
        return workspace;
    }

    public static void CopyModel(Workspace from, Workspace to)
    {
        string folder = to.NextVersion("small").Folder;
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.GetFiles(from.Resolve("small"))) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
    }
}
