using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// Models from the Hugging Face hub: the repository's list of files (<c>/api/models/NAME/revision/REVISION?blobs=true</c>,
/// huggingface.co/docs/hub/api), then those that make a model or an adapter. They stay in a folder of their commit; a download
/// that was stopped goes on where it stopped.
/// </summary>
public sealed class HubModels : IDisposable
{
    private const string ListFile = ".files.json", WeightsFile = "model.safetensors", AdapterWeightsFile = "adapter_model.safetensors";

    /// <summary>What a model is made of beside its weights.</summary>
    private static readonly string[] _besides =
    [
        "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja",
        "adapter_config.json",
    ];

    private readonly string _folder;
    private readonly HubOptions _options;
    private readonly HubConnection _connection;

    /// <summary>Uses <paramref name="folder"/>, such as the workspace's <c>data/hub</c>, which is made when something comes.</summary>
    /// <exception cref="ReverieException">The endpoint is not an address.</exception>
    public HubModels(string folder, HubOptions? options = null)
    {
        _folder = folder;
        _options = options ?? new HubOptions();
        _connection = new HubConnection(_options, ", or the revision after @", "give a folder or a .gguf file by path instead");
    }

    /// <summary>One file of a repository.</summary>
    private sealed record Listed(string Name, long? Size, string? Sha256);

    /// <summary>Fetches the files of a model, or finds those that are here; without a network, those of the last time.</summary>
    /// <param name="model">Which one.</param>
    /// <param name="progress">Told about every megabyte.</param>
    /// <param name="cancel">Stops the download; the next call goes on from there.</param>
    /// <exception cref="ReverieException">There is no such model, revision or file; it has no weights that can be read; the hub cannot be reached; a file is not what the hub names; the disk is full.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was set.</exception>
    public async Task<HubModel> DownloadAsync(HubModelName model, IProgress<HubProgress>? progress = null, CancellationToken cancel = default)
    {
        string place = Path.Combine(_folder, Safe("models--" + model.Name.Replace("/", "--", StringComparison.Ordinal)));
        string listPath = Path.Combine(place, Safe(model.Revision ?? "main") + ListFile);
        string url = $"{_options.Endpoint.TrimEnd('/')}/api/models/{model.Name}/revision/{Uri.EscapeDataString(model.Revision ?? "main")}?blobs=true";
        (string commit, List<Listed> list) = await List(model, url, listPath, cancel);
        string folder = Path.Combine(place, commit);
        if (model.File is not null)
        {
            Listed file = list.Find(f => f.Name == model.File) ?? throw new ReverieException($"{model} is not there: the repository has no {model.File}. It has {Some(list, ".gguf")}.");
            await Fetch(model, commit, folder, [file], progress, cancel);
            return new HubModel(At(folder, model.File), commit);
        }

        List<Listed> files = [.. list.Where(f => _besides.Contains(f.Name))];
        bool isModel = list.Exists(f => f.Name == "config.json") && list.Exists(f => f.Name is WeightsFile or ShardIndex.FileName);
        bool isAdapter = list.Exists(f => f.Name == "adapter_config.json") && list.Exists(f => f.Name == AdapterWeightsFile);
        if (!isModel && !isAdapter) throw Unreadable(model, list);
        if (isModel && !list.Exists(f => f.Name == "tokenizer.json"))
            throw new ReverieException($"{model} has no tokenizer.json" + (list.Exists(f => f.Name == "tokenizer.model")
                ? ", only a tokenizer.model, which is not read. Take a repository of the model that has a tokenizer.json, or one of its .gguf files."
                : ". Take a repository of the model that has one, or one of its .gguf files."));
        if (isAdapter) files.Add(list.Find(f => f.Name == AdapterWeightsFile)!);
        if (isModel && list.Find(f => f.Name == WeightsFile) is { } single) files.Add(single);
        else if (isModel)
        {
            // The index is fetched first: it names the shards.
            Listed index = list.Find(f => f.Name == ShardIndex.FileName)!;
            await Fetch(model, commit, folder, [index], null, cancel);
            files.Add(index);
            foreach (string shard in ShardIndex.Read(At(folder, index.Name)).Shards)
                files.Add(list.Find(f => f.Name == shard) ?? throw new ReverieException($"{model} is not whole: it has no {shard}, which its {ShardIndex.FileName} names. Take another revision."));
        }

        await Fetch(model, commit, folder, files, progress, cancel);
        return new HubModel(folder, commit);
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _connection.Dispose();

    private async Task Fetch(HubModelName model, string commit, string folder, IReadOnlyList<Listed> files, IProgress<HubProgress>? progress, CancellationToken cancel)
    {
        for (int i = 0; i < files.Count; i++)
        {
            Listed file = files[i];
            string path = At(folder, file.Name);
            // A file has its name only once it was checked.
            if (File.Exists(path) && (file.Size is null || new FileInfo(path).Length == file.Size)) continue;
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            int number = i + 1;
            string url = $"{_options.Endpoint.TrimEnd('/')}/{model.Name}/resolve/{commit}/{string.Join('/', file.Name.Split('/').Select(Uri.EscapeDataString))}";
            HubFile fetched = await _connection.Download(url, path, (bytes, size) => progress?.Report(new HubProgress(number, files.Count, bytes, size ?? file.Size)), cancel);
            if ((file.Size is { } size && fetched.Size != size) || (file.Sha256 is { } hash && fetched.Sha256 != hash))
            {
                File.Delete(path);
                throw new ReverieException($"What came from {url} is not what the hub lists: {fetched.Size} bytes, SHA-256 {fetched.Sha256}, instead of {file.Size?.ToString() ?? "any"}, {file.Sha256 ?? "any"}. Try again later.");
            }
        }
    }

    private async Task<(string Commit, List<Listed> Files)> List(HubModelName model, string url, string path, CancellationToken cancel)
    {
        byte[] json;
        try
        {
            json = await _connection.Read(url, cancel);
        }
        catch (ReverieException e) when (e.InnerException is HttpRequestException or IOException or TimeoutException && File.Exists(path))
        {
            return Parse(model, url, await File.ReadAllBytesAsync(path, cancel));
        }

        (string commit, List<Listed> files) = Parse(model, url, json);
        AtomicFile.Write(path, stream => stream.Write(json));
        return (commit, files);
    }

    private static (string Commit, List<Listed> Files) Parse(HubModelName model, string url, byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            string commit = document.RootElement.GetProperty("sha").GetString() ?? "";
            if (commit.Length is < 1 or > 64 || !commit.All(char.IsAsciiHexDigit)) throw new JsonException("sha");
            var files = new List<Listed>();
            foreach (JsonElement file in document.RootElement.GetProperty("siblings").EnumerateArray())
            {
                string name = file.GetProperty("rfilename").GetString() ?? "";
                long? size = file.TryGetProperty("size", out JsonElement bytes) && bytes.ValueKind == JsonValueKind.Number ? bytes.GetInt64() : null;
                string? hash = file.TryGetProperty("lfs", out JsonElement lfs) && lfs.ValueKind == JsonValueKind.Object && lfs.TryGetProperty("sha256", out JsonElement sha) ? sha.GetString()?.ToLowerInvariant() : null;
                // What comes from the network must not choose where files go.
                if (name.Split('/').All(part => part.Length > 0 && part[0] != '.' && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ' ' or '+')))
                    files.Add(new Listed(name, size, hash is { Length: 64 } && hash.All(char.IsAsciiHexDigit) ? hash : null));
            }

            return (commit, files);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new ReverieException($"The answer of {url} is not a list of the files of {model}; check HF_ENDPOINT.", e);
        }
    }

    private static ReverieException Unreadable(HubModelName model, List<Listed> list)
    {
        string gguf = list.Exists(f => f.Name.EndsWith(".gguf", StringComparison.Ordinal))
            ? $" It has {Some(list, ".gguf")}: take one of them, as hf:{model.Name}/{list.Find(f => f.Name.EndsWith(".gguf", StringComparison.Ordinal))!.Name}."
            : list.Exists(f => f.Name.EndsWith(".bin", StringComparison.Ordinal)) ? " Its weights are in PyTorch's own format, which is not read: take a repository of the model with safetensors." : " Check the name.";
        return new ReverieException($"{model} has no {WeightsFile} or {ShardIndex.FileName} beside a config.json.{gguf}");
    }

    private static string Some(List<Listed> list, string ending)
    {
        string[] names = [.. list.Select(f => f.Name).Where(n => n.EndsWith(ending, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        return names.Length == 0 ? $"no {ending} file" : string.Join(", ", names.Take(12)) + (names.Length > 12 ? $" and {names.Length - 12} more" : "");
    }

    private static string At(string folder, string name) => Path.Combine([folder, .. name.Split('/')]);

    private static string Safe(string name)
    {
        string safe = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_'));
        return safe.StartsWith('.') ? "_" + safe : safe;
    }
}
