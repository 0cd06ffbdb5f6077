using System.Text.Json;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>
/// Data sets from the Hugging Face hub as Parquet files, through its list of converted files
/// (<c>/api/datasets/NAME/parquet</c>, huggingface.co/docs/dataset-viewer/parquet). Files stay in a folder, where they are used
/// again without a network; a download that was stopped goes on where it stopped.
/// </summary>
public sealed class HuggingFaceHub : IDisposable
{
    private const string IndexFile = "index.json";
    private const string FilesFile = "files.json";

    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true };

    private readonly string _folder;
    private readonly HubOptions _options;
    private readonly HubConnection _connection;

    /// <summary>Uses <paramref name="folder"/>, such as the workspace's <c>data/hub</c>, which is made when something comes.</summary>
    /// <exception cref="ReverieException">The endpoint is not an address.</exception>
    public HuggingFaceHub(string folder, HubOptions? options = null)
    {
        _folder = folder;
        _options = options ?? new HubOptions();
        _connection = new HubConnection(_options, ", or whether the data set has Parquet files", "give files by path instead: text, .jsonl or .parquet");
    }

    /// <summary>Fetches the files of a data set, or finds those that are here.</summary>
    /// <param name="dataset">Which one.</param>
    /// <param name="maximumBytes">Stops with the file that brings the total to this: the hub has data sets of terabytes.</param>
    /// <param name="progress">Told about every megabyte.</param>
    /// <param name="cancel">Stops the download; the next call goes on from there.</param>
    /// <returns>The Parquet files, at least one, in the hub's order.</returns>
    /// <exception cref="ReverieException">There is no such data set, configuration or split; the hub cannot be reached; a file is not what the hub names; the disk is full.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was set.</exception>
    public async Task<IReadOnlyList<string>> DownloadAsync(
        HubDatasetName dataset, long maximumBytes = long.MaxValue, IProgress<HubProgress>? progress = null, CancellationToken cancel = default)
    {
        string folder = Path.Combine(_folder, Safe(dataset.Name.Replace("/", "--", StringComparison.Ordinal)));
        (string config, string split, string[] urls) = Choose(dataset, await Index(dataset, folder, cancel));
        folder = Path.Combine(folder, Safe(config), Safe(split));
        string filesPath = Path.Combine(folder, FilesFile);
        List<HubFile> known = Read<List<HubFile>>(filesPath) ?? [];
        var files = new List<string>();
        long total = 0;
        for (int i = 0; i < urls.Length && total < maximumBytes; i++)
        {
            string url = urls[i], path = Path.Combine(folder, $"{i:D5}.parquet");
            int number = i + 1;
            HubFile? file = known.Find(f => f?.Url == url);
            if (file is null || !File.Exists(path) || new FileInfo(path).Length != file.Size)
            {
                Directory.CreateDirectory(folder);
                file = await _connection.Download(url, path, (bytes, size) => progress?.Report(new HubProgress(number, urls.Length, bytes, size)), cancel);
                known.RemoveAll(f => f?.Url == url);
                known.Add(file);
                AtomicFile.WriteText(filesPath, JsonSerializer.Serialize(known, _json));
            }

            files.Add(path);
            total += file.Size ?? 0;
        }

        return files;
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _connection.Dispose();

    /// <summary>The addresses of all files by configuration and split: kept from an earlier run, or asked for.</summary>
    private async Task<Dictionary<string, Dictionary<string, string[]>>> Index(HubDatasetName dataset, string folder, CancellationToken cancel)
    {
        string path = Path.Combine(folder, IndexFile);
        if (Read<Dictionary<string, Dictionary<string, string[]>>>(path) is { Count: > 0 } kept) return kept;
        string url = $"{_options.Endpoint.TrimEnd('/')}/api/datasets/{dataset.Name}/parquet";
        byte[] json = await _connection.Read(url, cancel);
        try
        {
            Dictionary<string, Dictionary<string, string[]>>? index = JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, string[]>>>(json);
            if (index is not { Count: > 0 } || index.Values.Any(s => s is null || s.Values.Any(u => u is null || !u.All(IsAddress))))
                throw new ReverieException($"The hub lists no Parquet files for {dataset}; download the files in another form and give them by path.");
            AtomicFile.Write(path, stream => stream.Write(json));
            return index;
        }
        catch (JsonException e)
        {
            throw new ReverieException($"The answer of {url} is not a list of files; check HF_ENDPOINT.", e);
        }
    }

    private (string Config, string Split, string[] Urls) Choose(HubDatasetName dataset, Dictionary<string, Dictionary<string, string[]>> index)
    {
        string? config = dataset.Config ?? (index.ContainsKey("default") ? "default" : index.Count == 1 ? index.Keys.First() : index.ContainsKey("main") ? "main" : null);
        if (config is null || !index.TryGetValue(config, out Dictionary<string, string[]>? splits))
            throw new ReverieException($"{dataset} has the configurations {List(index.Keys)}; name one: hf:{dataset.Name}:{index.Keys.Order(StringComparer.Ordinal).First()}.");
        string? split = dataset.Split ?? (splits.ContainsKey("train") ? "train" : splits.Count == 1 ? splits.Keys.First() : null);
        if (split is null || !splits.TryGetValue(split, out string[]? urls) || urls.Length == 0)
            throw new ReverieException($"{dataset} has the splits {List(splits.Keys)}; name one: hf:{dataset.Name}:{config}@SPLIT.");
        // A mirror hands on the addresses of the hub itself.
        return (config, split, [.. urls.Select(u => u.StartsWith("https://huggingface.co/", StringComparison.Ordinal) ? _options.Endpoint.TrimEnd('/') + u["https://huggingface.co".Length..] : u)]);
    }

    private static string List(IEnumerable<string> names)
    {
        string[] sorted = [.. names.Order(StringComparer.Ordinal)];
        return string.Join(", ", sorted.Take(12)) + (sorted.Length > 12 ? $" and {sorted.Length - 12} more" : "");
    }

    private static bool IsAddress(string? url) => Uri.TryCreate(url, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https";

    /// <summary>A name as a folder: what comes from the network must not choose where files go.</summary>
    private static string Safe(string name)
    {
        string safe = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_'));
        return safe.StartsWith('.') ? "_" + safe : safe;
    }

    private static T? Read<T>(string path) where T : class
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<T>(File.ReadAllText(path)) : null;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            // Only a cache: what cannot be read is fetched again.
            return null;
        }
    }
}
