using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>The files of a model's folder in Hugging Face's form.</summary>
internal static class ModelFolder
{
    /// <summary>The shape.</summary>
    public const string ConfigFileName = "config.json";

    /// <summary>What stands beside weights and shape, and goes unchanged into every model that is made from this one.</summary>
    public static readonly string[] Companions =
    [
        SettingsFiles.GenerationConfig, Checkpoint.TokenizerFileName, SettingsFiles.TokenizerConfig, "special_tokens_map.json", ChatTemplate.FileName,
        "tokenizer.model", "vocab.json", "merges.txt", "added_tokens.json", "LICENSE", "LICENSE.txt", "NOTICE",
    ];

    /// <summary>The files with the weights: one, or the list of shards and all of them.</summary>
    /// <exception cref="ReverieException">There is none, or the list is damaged.</exception>
    public static IReadOnlyList<string> WeightFiles(string folder)
    {
        if (File.Exists(Path.Combine(folder, ShardedSafeTensors.WholeFileName))) return [ShardedSafeTensors.WholeFileName];
        string index = Path.Combine(folder, ShardIndex.FileName);
        return File.Exists(index)
            ? [ShardIndex.FileName, .. ShardIndex.Read(index).Shards]
            : throw new ReverieException($"{folder} is not a whole model: it has no {ShardedSafeTensors.WholeFileName}. Fetch or save the model again.");
    }

    /// <summary>Opens the weights of a folder.</summary>
    /// <exception cref="ReverieException">There are none, or they are damaged.</exception>
    public static IWeightFile OpenWeights(string folder) => WeightFiles(folder) is [var single]
        ? new SafeTensorsReader(Path.Combine(folder, single))
        : new ShardedSafeTensors(Path.Combine(folder, ShardIndex.FileName));

    /// <summary>Copies a file, or moves it where it is not needed any more.</summary>
    public static void Place(string file, string destination, bool move)
    {
        if (move) File.Move(file, destination);
        else File.Copy(file, destination);
    }

    /// <summary>Copies the companions that are there.</summary>
    public static void CopyCompanions(string from, string to)
    {
        foreach (string file in Companions.Where(f => File.Exists(Path.Combine(from, f)))) File.Copy(Path.Combine(from, file), Path.Combine(to, file));
    }
}
