using System.Security.Cryptography;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// A model on disk and in memory: an immutable folder of <c>model.safetensors</c>, <c>config.json</c>,
/// <c>generation_config.json</c>, <c>tokenizer.json</c>, <c>tokenizer_config.json</c>, <c>chat_template.jinja</c> and
/// <c>lineage.json</c>. Other programs read all but the last.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    /// <summary>The tokenizer's file in the folder.</summary>
    public const string TokenizerFileName = "tokenizer.json";

    /// <summary>Larger files are not hashed at every loading: that would read weights which stay in their file.</summary>
    private const long HashedAtLoading = 1L << 30;

    private const string ModelConfigFile = ModelFolder.ConfigFileName;

    private readonly IWeightFile? _weights;

    private Checkpoint(string folder, Transformer transformer, Tokenizer tokenizer, Lineage? lineage, IWeightFile? weights) =>
        (Folder, Transformer, Tokenizer, Lineage, _weights) = (folder, transformer, tokenizer, lineage, weights);

    /// <summary>Where it was read from.</summary>
    public string Folder { get; }

    /// <summary>The model.</summary>
    public Transformer Transformer { get; }

    /// <summary>The tokenizer that it was trained with.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Where it comes from; null for a folder that another program made.</summary>
    public Lineage? Lineage { get; }

    /// <summary>Name and version in its lineage, else the name of its folder or file.</summary>
    public string Name => Lineage is { } lineage ? $"{lineage.Name}@{lineage.Version}" : Path.GetFileNameWithoutExtension(Folder.TrimEnd(Path.DirectorySeparatorChar));

    /// <summary>The types of its weights as they are now, with their bytes; the most first.</summary>
    public IReadOnlyList<(WeightType Type, long Bytes)> WeightTypes() => TypesOf(Transformer);

    /// <summary>The type in which a model made from this one is saved: its own 16 bits, else float32.</summary>
    public static WeightType TypeToSave(Transformer transformer) => TypesOf(transformer)[0].Type is (WeightType.F16 or WeightType.BF16) and var own ? own : WeightType.F32;

    private static IReadOnlyList<(WeightType Type, long Bytes)> TypesOf(Transformer transformer) =>
    [
        .. transformer.Parameters.All
            .SelectMany(p => p.Value.Stored is { } stored ? stored.Parts.Select(part => (part.Type, part.Bytes)) : [(Type: WeightType.F32, Bytes: p.Value.Length * sizeof(float))])
            .GroupBy(p => p.Type, p => p.Bytes).Select(g => (g.Key, g.Sum())).OrderByDescending(g => g.Item2),
    ];

    /// <summary>Saves a model as a new folder, whole or not at all.</summary>
    /// <param name="folder">Must not be there yet.</param>
    /// <param name="transformer">The weights.</param>
    /// <param name="tokenizer">Must fit the model's vocabulary.</param>
    /// <param name="lineage">Its history; the hashes are filled in here.</param>
    /// <param name="type">F32, F16 or BF16.</param>
    /// <param name="adapter">Added to the weights as they are written; null for nothing.</param>
    /// <param name="madeFrom">The folder of the model that this one was made from, whose tokenizer, template and settings are kept as they are; null for one of our own.</param>
    /// <returns>The lineage as saved, with <see cref="Lineage.Files"/> and so its <see cref="Lineage.Id"/>.</returns>
    /// <exception cref="ReverieException">The folder exists, the disk is full, a weight is not finite or beyond the type's range, or the tokenizer does not fit: nothing is left on disk.</exception>
    public static Lineage Save(string folder, Transformer transformer, Tokenizer tokenizer, Lineage lineage, WeightType type = WeightType.F32, Adapter? adapter = null, string? madeFrom = null)
    {
        CheckTokenizer(folder, transformer.Config, tokenizer);
        CheckFinite(transformer.Parameters, "model");
        if (adapter is not null) CheckFinite(adapter.Parameters, "adapter");
        IReadOnlyList<SavedWeight> weights = WeightLayout.Weights(transformer, type, adapter);
        AtomicFolder.Write(folder, temporary => lineage = Fill(temporary, weights, transformer.Config, tokenizer, lineage, type, madeFrom));
        return lineage;
    }

    /// <summary>Writes all files of a model into a folder that becomes one.</summary>
    internal static Lineage Fill(string folder, IReadOnlyList<SavedWeight> weights, TransformerConfig config, Tokenizer tokenizer, Lineage lineage, WeightType type, string? madeFrom)
    {
        string At(string file) => Path.Combine(folder, file);
        ShardedSafeTensors.Write(folder, weights);
        if (madeFrom is not null && File.Exists(Path.Combine(madeFrom, TokenizerFileName)) && File.Exists(Path.Combine(madeFrom, ModelConfigFile)))
        {
            AtomicFile.Write(At(ModelConfigFile), stream => ConfigFile.Copy(Path.Combine(madeFrom, ModelConfigFile), stream, type));
            ModelFolder.CopyCompanions(madeFrom, folder);
        }
        else
        {
            AtomicFile.Write(At(ModelConfigFile), stream => ConfigFile.Write(stream, config, tokenizer, type));
            tokenizer.Save(At(TokenizerFileName));
            SettingsFiles.Write(folder, tokenizer, config.ContextLength);
        }

        return SealLineage(folder, lineage);
    }

    /// <summary>Reads a model: a folder of ours or a dense Qwen3 or Llama model in Hugging Face's form, a folder with <c>model.gguf</c>, or a single GGUF or llama2.c file.</summary>
    /// <param name="folder">The folder or file; see <see cref="Workspace.Resolve"/> for names.</param>
    /// <param name="verify">Compares every file up to 1 GiB with the hash in <c>lineage.json</c>, where there is one; see <see cref="Verify(string)"/>.</param>
    /// <param name="precision">What becomes of the matrices.</param>
    /// <param name="vocabulary">The tokenizer of a llama2.c file; null for the one beside it.</param>
    /// <exception cref="ReverieException">A file is missing, damaged or does not fit the others: one line that names it.</exception>
    public static Checkpoint Load(string folder, bool verify = true, WeightPrecision precision = WeightPrecision.Float32, string? vocabulary = null)
    {
        string? single = ModelFile.Find(folder);
        if (single is null && !Directory.Exists(folder)) throw new ReverieException($"There is no model at {folder}. Check the path.");
        string At(string file) => Path.Combine(folder, file);
        Lineage? lineage = File.Exists(At(Lineage.FileName)) ? Lineage.Read(At(Lineage.FileName)) : null;
        if (verify && lineage is not null) Verify(folder, lineage, HashedAtLoading);
        if (single is not null)
        {
            (IWeightFile file, TransformerConfig its, Tokenizer words) = ModelFile.Open(single, vocabulary);
            return Read(folder, file, its, words, lineage, precision);
        }

        foreach (string file in new[] { ModelConfigFile, TokenizerFileName })
            if (!File.Exists(At(file))) throw new ReverieException($"{folder} is not a whole model: it has no {file}. Fetch or save the model again.");

        TransformerConfig config = ConfigFile.Read(At(ModelConfigFile));
        var tokenizer = Tokenizer.LoadFolder(folder);
        return Read(folder, ModelFolder.OpenWeights(folder), config, tokenizer, lineage, precision);
    }

    /// <summary>Compares all files of a folder with the hashes in <c>lineage.json</c>, where there is one.</summary>
    /// <exception cref="ReverieException">A file is missing or damaged.</exception>
    public static void Verify(string folder)
    {
        if (ReadLineage(folder) is { } lineage) Verify(folder, lineage);
    }

    /// <summary>Only the lineage of a folder, without its weights; null for a folder that another program made.</summary>
    /// <exception cref="ReverieException">The file is damaged.</exception>
    public static Lineage? ReadLineage(string folder)
    {
        string path = Path.Combine(folder, Lineage.FileName);
        return File.Exists(path) ? Lineage.Read(path) : null;
    }

    /// <summary>Only the shape of the model in a folder or file, without its weights.</summary>
    /// <exception cref="ReverieException">The file is missing or damaged.</exception>
    public static TransformerConfig ReadConfig(string folder) =>
        ModelFile.Find(folder) is { } file ? ModelFile.ReadConfig(file) : ConfigFile.Read(Path.Combine(folder, ModelConfigFile));

    /// <summary>Frees the model and closes the file that its weights stay in.</summary>
    public void Dispose()
    {
        Transformer.Dispose();
        _weights?.Dispose();
    }

    /// <summary>Writes the lineage of all files in a folder.</summary>
    internal static Lineage SealLineage(string folder, Lineage lineage)
    {
        lineage = lineage with { Files = Directory.GetFiles(folder).ToDictionary(f => Path.GetFileName(f), Hash) };
        AtomicFile.Write(Path.Combine(folder, Lineage.FileName), lineage.Write);
        return lineage;
    }

    /// <exception cref="ReverieException">A parameter holds NaN or infinity.</exception>
    internal static void CheckFinite(ParameterSet parameters, string what)
    {
        foreach (Parameter parameter in parameters.All.Where(p => p.Value.Stored is null))
            for (int row = 0; row < parameter.Value.Rows; row++)
                if (parameter.Value.Row(row).ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
                    throw new ReverieException($"The {what} is not saved: {parameter.Name} holds NaN or infinity, so its training diverged. Train with a lower learning rate.");
    }

    /// <summary>Compares the files of a folder with the hashes in its lineage.</summary>
    /// <exception cref="ReverieException">A file is missing or damaged.</exception>
    internal static void Verify(string folder, Lineage lineage, long largest = long.MaxValue)
    {
        foreach ((string file, string hash) in lineage.Files)
        {
            string path = Path.Combine(folder, file);
            if (Path.GetFileName(file) != file || !File.Exists(path)) throw new ReverieException($"{folder} is not whole: it has no {file}, which its {Lineage.FileName} names. Fetch or save the model again.");
            if (new FileInfo(path).Length <= largest && Hash(path) != hash) throw new ReverieException($"{path} is damaged: its content does not have the hash in {Lineage.FileName}. Fetch or save the model again.");
        }
    }

    private static Checkpoint Read(string folder, IWeightFile weights, TransformerConfig config, Tokenizer tokenizer, Lineage? lineage, WeightPrecision precision)
    {
        bool stays = false;
        try
        {
            CheckTokenizer(folder, config, tokenizer);
            Transformer transformer = WeightLayout.Read(weights, config, precision);
            stays = transformer.Parameters.HasStored;
            return new Checkpoint(folder, transformer, tokenizer, lineage, stays ? weights : null);
        }
        finally
        {
            if (!stays) weights.Dispose();
        }
    }

    private static string Hash(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ReverieException($"Cannot read {path}: {e.Message.TrimEnd('.')}. Check its permissions.", e);
        }
    }

    internal static void CheckTokenizer(string folder, TransformerConfig config, Tokenizer tokenizer)
    {
        if (tokenizer.VocabularySize > config.VocabularySize)
            throw new ReverieException($"The tokenizer of {folder} has {tokenizer.VocabularySize} tokens and the model {config.VocabularySize}. Take the tokenizer that the model was trained with.");
    }
}
