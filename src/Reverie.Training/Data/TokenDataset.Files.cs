using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Training;

public sealed partial class TokenDataset
{
    private static readonly JsonSerializerOptions _json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>
    /// Tokenises a corpus into shards under <paramref name="folder"/>, or opens them where they are there already: from the same
    /// source, split, seed, tokenizer and limit. Every document ends with the end-of-text token. The shards have the same
    /// bytes at any number of threads. The manifest is written last: a build that is stopped leaves nothing that looks whole.
    /// </summary>
    /// <param name="corpus">The documents.</param>
    /// <param name="split">Which of them.</param>
    /// <param name="seed">The seed of a generator's order.</param>
    /// <param name="tokenizer">Makes the tokens.</param>
    /// <param name="folder">Where the shards go; made if need be. Shards of another request in it are replaced.</param>
    /// <param name="options">Limits and threads.</param>
    /// <param name="progress">Told about every portion.</param>
    /// <param name="cancel">Stops the work.</param>
    /// <returns>The data set; without a document where the split has none.</returns>
    /// <exception cref="ReverieException">The corpus cannot be read, or the shards cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was set.</exception>
    public static TokenDataset Build(
        ICorpus corpus,
        Split split,
        ulong seed,
        Tokenizer tokenizer,
        string folder,
        TokenDatasetOptions? options = null,
        IProgress<TokenDatasetProgress>? progress = null,
        CancellationToken cancel = default)
    {
        options ??= new TokenDatasetOptions();
        var request = new TokenDatasetManifest(
            TokenDatasetManifest.CurrentFormat, corpus.Name, split.ToString(), seed, FingerprintOf(corpus), HashOf(tokenizer),
            tokenizer.VocabularySize, options.MaximumTokens, 0, 0, 0, []);
        if (TryReuse(folder, request, tokenizer) is { } ready) return ready;
        try
        {
            Directory.CreateDirectory(folder);
            File.Delete(Path.Combine(folder, TokenDatasetManifest.FileName));
            foreach (string pattern in new[] { "tokens-*.bin", "documents-*.bin", "assistant-*.bin" })
            {
                foreach (string file in Directory.GetFiles(folder, pattern)) File.Delete(file);
            }

            TokenDatasetManifest manifest = Write(request, corpus.Documents(split, seed), tokenizer, folder, options, progress, cancel);
            AtomicFile.WriteText(Path.Combine(folder, TokenDatasetManifest.FileName), JsonSerializer.Serialize(manifest, _json));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReverieException($"Cannot write token shards to {folder}: {e.Message.TrimEnd('.')}. Free some space or choose another workspace.", e);
        }

        return Open(folder, tokenizer);
    }

    /// <summary>Tokenises a corpus, or its first <see cref="TokenDatasetOptions.MaximumTokens"/>, into memory.</summary>
    /// <exception cref="ReverieException">The corpus cannot be read.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was set.</exception>
    public static TokenDataset InMemory(
        ICorpus corpus, Split split, ulong seed, Tokenizer tokenizer, TokenDatasetOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new TokenDatasetOptions();
        var documents = new List<TokenizedDocument>();
        long tokens = 0;
        foreach (TokenizedDocument document in new DocumentEncoder(tokenizer, options.Threads, cancel).Encode(corpus.Documents(split, seed)))
        {
            documents.Add(document);
            if ((tokens += document.Tokens.Length) >= options.MaximumTokens) break;
        }

        cancel.ThrowIfCancellationRequested();
        return InMemory(corpus.Name, documents, ByteCounts(tokenizer));
    }

    /// <summary>Opens shards that <see cref="Build"/> wrote, after checking their sizes and hashes.</summary>
    /// <exception cref="ReverieException">There is no whole data set, it is damaged, or it was made with another tokenizer.</exception>
    public static TokenDataset Open(string folder, Tokenizer tokenizer)
    {
        TokenDatasetManifest manifest = ReadManifest(folder);
        if (manifest.Tokenizer != HashOf(tokenizer) || manifest.VocabularySize != tokenizer.VocabularySize)
            throw new ReverieException($"The token shards in {folder} were made with another tokenizer; delete the folder to make them again.");
        try
        {
            var lengths = new List<int>();
            var bytes = new List<int>();
            var content = new StringBuilder();
            for (int i = 0; i < manifest.Shards.Count; i++)
            {
                TokenShard shard = manifest.Shards[i];
                content.Append(shard.TokensHash).Append(shard.DocumentsHash).Append(shard.MaskHash);
                Check(TokenShard.TokensFile(folder, i), checked(shard.Tokens * manifest.TokenWidth), shard.TokensHash);
                if (shard.MaskHash is not null) Check(TokenShard.MaskFile(folder, i), (shard.Tokens / 8) + (shard.Tokens % 8 > 0 ? 1 : 0), shard.MaskHash);
                Check(TokenShard.DocumentsFile(folder, i), shard.Documents * 8L, shard.DocumentsHash);
                ReadOnlySpan<byte> entries = File.ReadAllBytes(TokenShard.DocumentsFile(folder, i));
                long tokens = 0;
                for (; !entries.IsEmpty; entries = entries[8..])
                {
                    lengths.Add(BinaryPrimitives.ReadInt32LittleEndian(entries));
                    bytes.Add(BinaryPrimitives.ReadInt32LittleEndian(entries[4..]));
                    if (lengths[^1] < 0 || bytes[^1] < 0) throw Damaged(folder, "a document has a negative length");
                    tokens += lengths[^1];
                }

                if (tokens != shard.Tokens) throw Damaged(folder, $"the documents of shard {i} do not add up");
            }

            if (lengths.Count != manifest.Documents || lengths.Sum(n => (long)n) != manifest.Tokens || bytes.Sum(n => (long)n) != manifest.Bytes)
                throw Damaged(folder, "the manifest's counts do not fit its shards");
            string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content.ToString())));
            return new TokenDataset(manifest.Name, new TokensOnDisk(folder, manifest.TokenWidth, manifest.Shards), [.. lengths], [.. bytes], ByteCounts(tokenizer), hash);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OverflowException)
        {
            throw Damaged(folder, e.Message.TrimEnd('.'));
        }
    }

    private static TokenDatasetManifest Write(
        TokenDatasetManifest request,
        IEnumerable<Document> documents,
        Tokenizer tokenizer,
        string folder,
        TokenDatasetOptions options,
        IProgress<TokenDatasetProgress>? progress,
        CancellationToken cancel)
    {
        var shards = new List<TokenShard>();
        long count = 0, tokens = 0, bytes = 0;
        TokenShardWriter? writer = null;
        try
        {
            foreach (TokenizedDocument document in new DocumentEncoder(tokenizer, options.Threads, cancel).Encode(documents))
            {
                writer ??= new TokenShardWriter(folder, shards.Count, request.TokenWidth);
                writer.Add(document);
                count++;
                tokens += document.Tokens.Length;
                bytes += document.Bytes;
                if (count % 256 == 0) progress?.Report(new TokenDatasetProgress(count, tokens, bytes));
                if (writer.Tokens >= options.ShardTokens)
                {
                    shards.Add(writer.Finish());
                    writer.Dispose();
                    writer = null;
                }

                if (tokens >= options.MaximumTokens) break;
            }

            cancel.ThrowIfCancellationRequested();
            if (writer is not null) shards.Add(writer.Finish());
        }
        finally
        {
            writer?.Dispose();
        }

        progress?.Report(new TokenDatasetProgress(count, tokens, bytes));
        return request with { Documents = checked((int)count), Tokens = tokens, Bytes = bytes, Shards = shards };
    }

    private static TokenDataset? TryReuse(string folder, TokenDatasetManifest request, Tokenizer tokenizer)
    {
        if (!File.Exists(Path.Combine(folder, TokenDatasetManifest.FileName))) return null;
        try
        {
            return ReadManifest(folder).SameRequest(request) ? Open(folder, tokenizer) : null;
        }
        catch (ReverieException)
        {
            // Shards are made from the source: damaged ones are simply made again.
            return null;
        }
    }

    private static TokenDatasetManifest ReadManifest(string folder)
    {
        string path = Path.Combine(folder, TokenDatasetManifest.FileName);
        try
        {
            TokenDatasetManifest manifest = JsonSerializer.Deserialize<TokenDatasetManifest>(File.ReadAllText(path), _json) ?? throw Damaged(folder, "the manifest is empty");
            if (manifest.Format != TokenDatasetManifest.CurrentFormat)
                throw new ReverieException($"The token shards in {folder} are of format {manifest.Format}, not {TokenDatasetManifest.CurrentFormat}; delete the folder to make them again.");
            if (manifest.Shards.Any(s => s is null || s.Tokens < 0 || s.Documents < 0)) throw Damaged(folder, "a shard in the manifest is impossible");
            return manifest;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ReverieException($"There is no whole data set in {folder}: it has no {TokenDatasetManifest.FileName}. Build it again.", e);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Damaged(folder, "the manifest cannot be read");
        }
    }

    private static void Check(string path, long length, string hash)
    {
        using FileStream stream = DataFiles.Open(path);
        if (stream.Length != length) throw Damaged(path, $"it has {stream.Length} bytes instead of {length}");
        if (Convert.ToHexStringLower(SHA256.HashData(stream)) != hash) throw Damaged(path, "its SHA-256 is not that of the manifest");
    }

    private static ReverieException Damaged(string where, string why) =>
        new($"The token shards in {where} are damaged: {why}. Delete the folder to make them again.");

    /// <summary>What decides a corpus's documents: files by path, size and time; a generator by its name and the build of its code.</summary>
    private static string FingerprintOf(ICorpus corpus) => corpus is FileCorpus files
        ? files.Fingerprint
        : $"{corpus.GetType().FullName} {corpus.Name} {corpus.GetType().Module.ModuleVersionId}";

    private static string HashOf(Tokenizer tokenizer)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> header = stackalloc byte[5];
        for (int id = 0; id < tokenizer.VocabularySize; id++)
        {
            ReadOnlySpan<byte> bytes = tokenizer.Bytes(id);
            BinaryPrimitives.WriteInt32LittleEndian(header, bytes.Length);
            header[4] = tokenizer.IsSpecial(id) ? (byte)1 : (byte)0;
            hash.AppendData(header);
            hash.AppendData(bytes);
        }

        // The same tokens in another template are another conversation.
        if (!tokenizer.ChatTemplate.IsOwn) hash.AppendData(Encoding.UTF8.GetBytes(tokenizer.ChatTemplate.Source ?? ""));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Bytes of the text that each token stands for: none for those that only the template writes.</summary>
    private static int[] ByteCounts(Tokenizer tokenizer)
    {
        int[] counts = new int[tokenizer.VocabularySize];
        for (int id = 0; id < counts.Length; id++) counts[id] = tokenizer.Special(id) is { IsContent: false } ? 0 : tokenizer.Bytes(id).Length;
        return counts;
    }
}
