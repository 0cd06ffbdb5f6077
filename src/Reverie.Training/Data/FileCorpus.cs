using System.Security.Cryptography;
using System.Text;
using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Training;

/// <summary>
/// Documents from files: plain text, JSON lines (<c>.jsonl</c>, <c>.ndjson</c>, <c>.json</c>) and Parquet; every other ending is read as plain text.
/// Text is kept as it is: line ends are not converted, only a byte-order mark is dropped. Long plain text comes as
/// documents of 2 to 32 thousand characters.
/// <para>
/// The held-out part is chosen by a hash of each document's content, so that it does not depend on the order of the files, and
/// two equal documents are never on both sides. Up to 64 MB it is 2% of the documents and at least four (fewer where there
/// are fewer than sixteen); beyond that, 1%. One document alone is all training. Nothing is out of distribution.
/// </para>
/// </summary>
public sealed class FileCorpus : ICorpus
{
    private const long SmallBytes = 64L << 20;

    private readonly Lazy<ulong?> _lastHeldOut;

    private FileCorpus(string name, IReadOnlyList<string> files)
    {
        Name = name;
        Files = files;
        var fingerprint = new StringBuilder("files, version 1\n");
        foreach (string file in files)
        {
            var info = new FileInfo(file);
            TotalBytes += info.Length;
            fingerprint.Append(Path.GetFullPath(file)).Append('\t').Append(info.Length).Append('\t').Append(info.LastWriteTimeUtc.Ticks).Append('\n');
        }

        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(fingerprint.ToString())));
        _lastHeldOut = new Lazy<ulong?>(LastHeldOut);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The files, in the order in which they are read.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Size of the files, in bytes.</summary>
    public long TotalBytes { get; }

    /// <summary>Changes when a file's path, size or time of writing does.</summary>
    public string Fingerprint { get; }

    /// <summary>Opens a file, a folder (with all folders in it), or a pattern such as <c>data/**/*.txt</c>.</summary>
    /// <param name="path">What to read.</param>
    /// <param name="name">The name in reports; by default that of the file, of the folder, or of the folder before the pattern.</param>
    /// <exception cref="ReverieException">Nothing is there, or all of it is empty.</exception>
    public static FileCorpus Open(string path, string? name = null)
    {
        IReadOnlyList<string> found = DataFiles.Find(path);
        try
        {
            string[] files = [.. found.Where(f => new FileInfo(f).Length > 0)];
            if (files.Length == 0)
                throw new ReverieException(found.Count == 1 ? $"{found[0]} is empty; give a file with text." : $"All {found.Count} files of {path} are empty; give files with text.");
            return new FileCorpus(name ?? DataFiles.NameOf(path), files);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReverieException($"Cannot read {path}: {e.Message.TrimEnd('.')}. Check the path and its permissions.", e);
        }
    }

    /// <summary>Opens files by path as <see cref="Open"/> does, or a data set on the hub by name (<c>hf:OWNER/NAME[:CONFIG][@SPLIT]</c>).</summary>
    /// <param name="path">What to read.</param>
    /// <param name="hub">Fetches from the hub.</param>
    /// <param name="maximumBytes">Fetches no further file of the hub once there is this much.</param>
    /// <param name="progress">Told about a download.</param>
    /// <param name="cancel">Stops a download.</param>
    /// <exception cref="ReverieException">Nothing is there, or it cannot be fetched.</exception>
    public static async Task<FileCorpus> OpenAsync(
        string path, HuggingFaceHub hub, long maximumBytes = long.MaxValue, IProgress<HubProgress>? progress = null, CancellationToken cancel = default)
    {
        if (!HubDatasetName.IsHubName(path)) return Open(path);
        var dataset = HubDatasetName.Parse(path);
        return new FileCorpus(dataset.ShortName, await hub.DownloadAsync(dataset, maximumBytes, progress, cancel));
    }

    /// <summary>The documents in the order of the files, whatever the seed.</summary>
    /// <exception cref="ReverieException">A file is binary, damaged, not UTF-8, or has no field for text; or no file holds any text.</exception>
    public IEnumerable<Document> Documents(Split split, ulong seed)
    {
        if (split == Split.OutOfDistribution) yield break;
        ulong? last = _lastHeldOut.Value;
        bool any = false;
        foreach (Document document in All())
        {
            any = true;
            bool heldOut = last is { } hash && Hash(document) <= hash;
            if (heldOut == (split == Split.HeldOut)) yield return document;
        }

        if (!any) throw new ReverieException($"{Name} holds no text; give files with text.");
    }

    private IEnumerable<Document> All()
    {
        foreach (string file in Files)
        {
            IEnumerable<Document> documents = Path.GetExtension(file).ToLowerInvariant() switch
            {
                ".jsonl" or ".ndjson" or ".json" => JsonLines.Read(file, Name),
                ".parquet" => ParquetDocuments.Read(file, Name),
                _ => TextDocuments.Read(file, (int)Math.Clamp(new FileInfo(file).Length / 128, 2 << 10, 32 << 10)).Select(text => new Document(Name, text)),
            };
            foreach (Document document in documents) yield return document;
        }
    }

    /// <summary>The largest hash of a held-out document; null where none is.</summary>
    private ulong? LastHeldOut()
    {
        if (TotalBytes > SmallBytes) return ulong.MaxValue / 100;
        ulong[] hashes = [.. All().Select(Hash).Distinct().Order()];
        if (hashes.Length < 2) return null;
        int count = Math.Max(hashes.Length / 50, Math.Clamp(hashes.Length / 4, 1, 4));
        return hashes[count - 1];
    }

    /// <summary>FNV-1a over the UTF-16 units with a final mix, the same in every process.</summary>
    private static ulong Hash(Document document)
    {
        ulong hash = 14695981039346656037UL;
        if (document.Messages is { } messages)
        {
            foreach (Message message in messages) hash = Add((hash ^ (ulong)(message.Role + 1)) * 1099511628211UL, message.Content);
        }
        else
        {
            hash = Add(hash, document.Text!);
        }

        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9UL;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBUL;
        return hash ^ (hash >> 31);

        static ulong Add(ulong hash, string text)
        {
            foreach (char c in text) hash = (hash ^ c) * 1099511628211UL;
            return hash;
        }
    }
}
