using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>The weights of a model that is cut into several safetensors files, and how they are cut.</summary>
internal sealed class ShardedSafeTensors : IWeightFile
{
    /// <summary>The name of the file of a model that is not cut.</summary>
    public const string WholeFileName = "model.safetensors";

    /// <summary>Bytes of a shard at most, but for a weight that is larger by itself: what transformers takes.</summary>
    public const long ShardBytes = 5_000_000_000;

    private readonly string _path;
    private readonly ShardIndex _index;
    private readonly Dictionary<string, SafeTensorsReader> _shards = [];

    /// <summary>Opens the files that a <c>model.safetensors.index.json</c> names, and checks that each weight is in exactly the one that it says.</summary>
    /// <exception cref="ReverieException">A file is missing, damaged or not what the list says.</exception>
    public ShardedSafeTensors(string indexPath)
    {
        _path = indexPath;
        _index = ShardIndex.Read(indexPath);
        try
        {
            string folder = Path.GetDirectoryName(indexPath)!;
            if (_index.Shards.FirstOrDefault(s => !File.Exists(Path.Combine(folder, s))) is { } missing) throw Broken($"{missing}, which it names, is not there");
            foreach (string shard in _index.Shards)
            {
                var reader = new SafeTensorsReader(Path.Combine(folder, shard));
                _shards.Add(shard, reader);
                if (reader.Names.FirstOrDefault(n => _index.Weights.GetValueOrDefault(n) != shard) is { } odd)
                    throw Broken($"tensor {SafeTensorsHeader.Printable(odd)} is in {shard}, where the list {(_index.Weights.TryGetValue(odd, out string? other) ? "says " + other : "does not have it")}");
            }

            foreach ((string name, string shard) in _index.Weights)
                if (_shards[shard].Find(name) is null) throw Broken($"tensor {SafeTensorsHeader.Printable(name)} is not in {shard}, where the list has it");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => [.. _index.Weights.Keys];

    /// <inheritdoc/>
    public StoredRows? Rows(string name) => _index.Weights.TryGetValue(name, out string? shard) ? _shards[shard].Rows(name) : null;

    /// <inheritdoc/>
    public ReverieException Broken(string fault, Exception? cause = null)
    {
        string message = $"{_path} cannot be used: {fault.TrimEnd('.')}. Fetch or save the model again.";
        return cause is null ? new ReverieException(message) : new ReverieException(message, cause);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SafeTensorsReader reader in _shards.Values) reader.Dispose();
    }

    /// <summary>Writes weights into a folder: one file, or shards and their list where they are too large for one.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="shardBytes">Bytes of a file at most.</param>
    /// <exception cref="ReverieException">A number is beyond the range of its type, or the disk is full.</exception>
    public static void Write(string folder, IReadOnlyList<SavedWeight> weights, long shardBytes = ShardBytes)
    {
        var shards = new List<List<SavedWeight>>();
        long bytes = long.MaxValue;
        foreach (SavedWeight weight in weights)
        {
            if (bytes > shardBytes - weight.Bytes)
            {
                shards.Add([]);
                bytes = 0;
            }

            shards[^1].Add(weight);
            bytes += weight.Bytes;
        }

        string NameOf(int shard) => shards.Count == 1 ? WholeFileName : $"model-{shard + 1:D5}-of-{shards.Count:D5}.safetensors";
        for (int i = 0; i < shards.Count; i++) AtomicFile.Write(Path.Combine(folder, NameOf(i)), stream => SafeTensorsWriter.Write(stream, shards[i]));
        if (shards.Count == 1) return;
        AtomicFile.Write(Path.Combine(folder, ShardIndex.FileName), stream =>
        {
            using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
            json.WriteStartObject();
            json.WriteStartObject("metadata");
            json.WriteNumber("total_size", weights.Sum(w => w.Bytes));
            json.WriteEndObject();
            json.WriteStartObject("weight_map");
            for (int i = 0; i < shards.Count; i++)
                foreach (SavedWeight weight in shards[i]) json.WriteString(weight.Name, NameOf(i));
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }
}
