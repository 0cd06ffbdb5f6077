using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// The list of a model that is cut into several safetensors files: <c>model.safetensors.index.json</c>, whose <c>weight_map</c>
/// says which file holds each weight (huggingface.co/docs/transformers, "Sharding checkpoints").
/// </summary>
internal sealed class ShardIndex
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "model.safetensors.index.json";

    private const int MaximumShards = 10_000;

    private ShardIndex(IReadOnlyDictionary<string, string> weights, IReadOnlyList<string> shards) => (Weights, Shards) = (weights, shards);

    /// <summary>The file of each weight.</summary>
    public IReadOnlyDictionary<string, string> Weights { get; }

    /// <summary>The files, by name: plain names, which lie in the folder of the list.</summary>
    public IReadOnlyList<string> Shards { get; }

    /// <summary>Reads a list.</summary>
    /// <exception cref="ReverieException">It is damaged, or names a file that is no plain safetensors file beside it.</exception>
    public static ShardIndex Read(string path)
    {
        JsonFields fields = JsonFields.Read(path);
        IReadOnlyDictionary<string, string> weights = fields.Map("weight_map");
        string[] shards = [.. weights.Values.Distinct().Order(StringComparer.Ordinal)];
        if (shards.Length is 0 or > MaximumShards) throw fields.Broken($"it names {shards.Length} files, where 1 to {MaximumShards} are expected");
        foreach (string shard in shards)
            if (!IsPlain(shard)) throw fields.Broken($"its weight_map names {SafeTensorsHeader.Printable(shard)}, where a .safetensors file beside it is expected");
        return new ShardIndex(weights, shards);
    }

    private static bool IsPlain(string name) => name.Length is > 0 and <= 255 && name[0] != '.' && name.EndsWith(".safetensors", StringComparison.Ordinal)
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
