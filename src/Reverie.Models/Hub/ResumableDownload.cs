using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// Fetches one file. What has come stands in <c>PATH.part</c>, and <c>PATH.part.json</c> says of what; the next try, or the next
/// run, asks for the rest only. The file gets its name once its size and SHA-256 are those that the hub names.
/// </summary>
internal sealed class ResumableDownload(HubConnection connection, string url, string path)
{
    private const int ReportBytes = 1 << 20;

    private readonly string _part = path + ".part";
    private readonly string _identityPath = path + ".part.json";

    /// <summary>What tells whether the rest still belongs to the beginning.</summary>
    private sealed record Identity(string Url, string? ETag, string? Sha256, long? Size);

    /// <summary>Fetches the file, or its rest.</summary>
    /// <exception cref="ReverieException">It cannot be fetched or written, or is not what the hub names.</exception>
    public Task<HubFile> Run(Action<long, long?> report, CancellationToken cancel) =>
        connection.Try(url, () => Attempt(report, cancel), () => File.Exists(_part) ? new FileInfo(_part).Length : 0, cancel);

    private async Task<HubFile> Attempt(Action<long, long?> report, CancellationToken cancel)
    {
        Identity? begun = ReadIdentity();
        long offset = begun is null ? 0 : new FileInfo(_part).Length;
        using HubConnection.Answer answer = await connection.Get(url, offset, cancel);
        HttpResponseMessage response = answer.Response;
        var identity = new Identity(url, response.Headers.ETag?.Tag, answer.Sha256, answer.Size ?? response.Content.Headers.ContentRange?.Length);
        if (offset > 0 && !Continues(response, identity, begun!, offset))
        {
            if (response.StatusCode != HttpStatusCode.OK)
            {
                // The server's file has changed, or more is here than it ever had: from the start again.
                Forget();
                throw new IOException("the file on the server has changed");
            }

            offset = 0;
        }

        if (offset == 0)
        {
            if (response.StatusCode != HttpStatusCode.OK) throw new IOException($"the server answered {(int)response.StatusCode}");
            identity = identity with { Size = answer.Size ?? response.Content.Headers.ContentLength };
            OnDisk(() => AtomicFile.WriteText(_identityPath, JsonSerializer.Serialize(identity)));
        }

        if (response.StatusCode != HttpStatusCode.RequestedRangeNotSatisfiable) await Append(response, offset, identity.Size, report, cancel);
        return Finish(identity.Size, identity.Sha256);
    }

    private static bool Continues(HttpResponseMessage response, Identity now, Identity begun, long offset)
    {
        bool same = now.Sha256 is not null ? now.Sha256 == begun.Sha256
            : response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable || (now.ETag is not null && now.ETag == begun.ETag);
        if (!same || (begun.Size is { } before && now.Size is { } size && before != size)) return false;
        return response.StatusCode switch
        {
            HttpStatusCode.PartialContent => response.Content.Headers.ContentRange?.From == offset,
            // All of it is here already: the program was stopped between the last byte and the check.
            HttpStatusCode.RequestedRangeNotSatisfiable => begun.Size == offset && begun.Size == (now.Size ?? offset),
            _ => false,
        };
    }

    private async Task Append(HttpResponseMessage response, long offset, long? size, Action<long, long?> report, CancellationToken cancel)
    {
        await using Stream body = await response.Content.ReadAsStreamAsync(cancel);
        await using FileStream file = OnDisk(() => new FileStream(_part, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1));
        OnDisk(() => file.SetLength(offset));
        file.Position = offset;
        byte[] buffer = new byte[1 << 17];
        long reported = offset;
        report(offset, size);
        while (await connection.WithinSilence(c => body.ReadAsync(buffer, c).AsTask(), cancel) is int read and > 0)
        {
            OnDisk(() => file.Write(buffer, 0, read));
            offset += read;
            if (offset - reported >= ReportBytes) report(reported = offset, size);
        }

        report(offset, size);
        OnDisk(() => file.Flush(flushToDisk: true));
        if (size is { } expected && offset < expected) throw new IOException($"the connection ended after {offset} of {expected} bytes");
    }

    private HubFile Finish(long? size, string? sha256)
    {
        long length = new FileInfo(_part).Length;
        string hash;
        using (FileStream file = OnDisk(() => File.OpenRead(_part))) hash = Convert.ToHexStringLower(SHA256.HashData(file));
        if ((size is not null && length != size) || (sha256 is not null && hash != sha256))
        {
            Forget();
            throw new ReverieException($"What came from {url} is not what the hub names: {length} bytes, SHA-256 {hash}, instead of {size?.ToString() ?? "any"}, {sha256 ?? "any"}. Try again later.");
        }

        OnDisk(() =>
        {
            File.Move(_part, path, overwrite: true);
            File.Delete(_identityPath);
        });
        return new HubFile(url, length, hash);
    }

    private Identity? ReadIdentity()
    {
        try
        {
            Identity? identity = File.Exists(_part) ? JsonSerializer.Deserialize<Identity>(File.ReadAllText(_identityPath)) : null;
            return identity?.Url == url ? identity : null;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }

    private void Forget()
    {
        File.Delete(_part);
        File.Delete(_identityPath);
    }

    private void OnDisk(Action write) => OnDisk(() =>
    {
        write();
        return true;
    });

    /// <summary>Keeps failures of the disk apart from those of the network: trying again does not help a full disk.</summary>
    private T OnDisk<T>(Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReverieException($"Cannot write {_part}: {e.Message.TrimEnd('.')}. Free some space or choose another workspace; the download goes on where it stopped.", e);
        }
    }
}
