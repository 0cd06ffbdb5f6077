using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>Makes models that nobody trained: a known shape with random weights and a tokenizer of bytes, to measure with and to start from.</summary>
public static class ModelMaker
{
    /// <summary>Makes a tokenizer that has only the 256 bytes and the special tokens.</summary>
    public static Tokenizer ByteTokenizer() => Tokenizer.Train([], 256 + new TokenizerTrainingOptions().SpecialTokens.Count);

    /// <summary>Makes a model of the workspace.</summary>
    /// <param name="workspace">Where to.</param>
    /// <param name="name">Its name.</param>
    /// <param name="config">Its shape.</param>
    /// <param name="type">The type of its matrices.</param>
    /// <param name="seed">Fixes the weights.</param>
    /// <exception cref="ReverieException">The disk is full, or the vocabulary has no room for the bytes and special tokens: nothing is left on disk.</exception>
    public static ModelVersion Make(Workspace workspace, string name, TransformerConfig config, WeightType type, ulong seed)
    {
        (string version, string folder) = workspace.NextVersion(name);
        var lineage = new Lineage { Name = name, Version = version, Stages = [new StageRecord("new", 0, 0, seed, new Dictionary<string, string>(), 0)] };
        AtomicFolder.Write(folder, temporary =>
        {
            if (IsPlain(type)) Fill(temporary, config, type, seed, lineage);
            else
            {
                WriteGguf(Path.Combine(temporary, ModelFile.Name), name, config, type, seed);
                Checkpoint.SealLineage(temporary, lineage);
            }
        });
        workspace.SetCurrent(name, version);
        return new ModelVersion(name, version, folder, IsCurrent: true);
    }

    /// <summary>Makes a GGUF file.</summary>
    /// <param name="path">Must not be there yet.</param>
    /// <param name="name">What the model is called in it.</param>
    /// <param name="config">Its shape.</param>
    /// <param name="type">The type of its matrices.</param>
    /// <param name="seed">Fixes the weights.</param>
    /// <exception cref="ReverieException">The file exists, the disk is full, or the vocabulary has no room for the bytes and special tokens.</exception>
    public static void WriteGguf(string path, string name, TransformerConfig config, WeightType type, ulong seed)
    {
        if (Path.Exists(path)) throw new ReverieException($"{path} is there already. Choose another name.");
        string full = Path.GetFullPath(path), drawn = $"{full}.drawn.{Environment.ProcessId}{AtomicFolder.TemporarySuffix}";
        try
        {
            // Drawn into a file first, so that a model larger than the memory can be made.
            Directory.CreateDirectory(drawn);
            Fill(drawn, config, IsPlain(type) ? type : WeightType.BF16, seed, new Lineage { Name = name, Version = "1" });
            using var model = Checkpoint.Load(drawn, verify: false, precision: WeightPrecision.AsStored);
            GgufWriter.Write(full, model.Transformer, model.Tokenizer, type, name, model.Tokenizer.ChatTemplate.Source);
        }
        finally
        {
            if (Directory.Exists(drawn)) Directory.Delete(drawn, recursive: true);
        }
    }

    private static bool IsPlain(WeightType type) => type is WeightType.F32 or WeightType.F16 or WeightType.BF16;

    private static void Fill(string folder, TransformerConfig config, WeightType type, ulong seed, Lineage lineage)
    {
        Tokenizer tokenizer = ByteTokenizer();
        Checkpoint.CheckTokenizer(folder, config, tokenizer);
        Checkpoint.Fill(folder, RandomWeights.Of(config, seed, type), config, tokenizer, lineage, type, madeFrom: null);
    }
}
