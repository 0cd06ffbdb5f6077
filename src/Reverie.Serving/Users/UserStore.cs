using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Serving;

/// <summary>
/// The keys of a workspace, in <c>keys.json</c>, which its owner alone may read. Any thread may call it. Changes that another process
/// makes take effect within a second, so that a key can be revoked while the server runs.
/// </summary>
public sealed class UserStore : IUserDirectory
{
    private const string Prefix = "rv-";
    private const int KeyBytes = 32;

    private static readonly TimeSpan _checkInterval = TimeSpan.FromSeconds(1);
    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    private readonly string _path;
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private ApiKey[] _keys = [];
    private (DateTime Written, long Length) _stamp;
    private long _checked;

    /// <summary>Opens the keys of a workspace.</summary>
    /// <param name="workspace">Where they are; nothing is created until a key is.</param>
    /// <param name="clock">For expiry; null for the machine's.</param>
    /// <exception cref="ReverieException">The file is damaged.</exception>
    public UserStore(Workspace workspace, TimeProvider? clock = null)
    {
        _path = Path.Combine(workspace.Root, "keys.json");
        _clock = clock ?? TimeProvider.System;
        (_stamp, _checked) = (Stamp(), _clock.GetTimestamp());
        _keys = Read();
    }

    /// <summary>All keys, oldest first.</summary>
    public IReadOnlyList<ApiKey> Keys => Current();

    /// <inheritdoc/>
    public bool RequiresKey => Current().Length > 0;

    /// <summary>Makes a key for a user.</summary>
    /// <param name="user">Letters, digits, -, _, . and @.</param>
    /// <param name="limits">What it allows; null for no limits.</param>
    /// <param name="lifetime">How long it is valid; null for ever.</param>
    /// <returns>The key, which is kept nowhere, and what is kept of it.</returns>
    /// <exception cref="ReverieException">The user's id cannot be one, a limit is below 1, or the file cannot be written.</exception>
    public (string Key, ApiKey Kept) Add(string user, KeyLimits? limits = null, TimeSpan? lifetime = null)
    {
        if (!User.IsId(user)) throw new ReverieException("A user's id has 1 to 64 letters, digits, -, _, . or @. Choose another one.");
        limits ??= new KeyLimits();
        if (limits.RequestsPerMinute < 1 || limits.TokensPerMinute < 1 || limits.Concurrent < 1 || lifetime <= TimeSpan.Zero)
            throw new ReverieException("A key's limits and lifetime must be above 0. Leave one out for no limit, or revoke the key.");
        string key = Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        DateTimeOffset now = _clock.GetUtcNow();
        var kept = new ApiKey
        {
            Id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4)),
            User = user,
            Hash = Convert.ToHexStringLower(HashOf(key)),
            Created = now,
            Expires = lifetime is { } time ? now + time : null,
            Limits = limits,
        };
        Change(keys => [.. keys, kept]);
        return (key, kept);
    }

    /// <summary>Ends a key for good.</summary>
    /// <param name="id">Its id, not the key.</param>
    /// <exception cref="ReverieException">There is no such key, or the file cannot be written.</exception>
    public ApiKey Revoke(string id)
    {
        ApiKey? revoked = null;
        Change(keys =>
        {
            int index = Array.FindIndex(keys, k => k.Id == id);
            if (index < 0) throw new ReverieException($"There is no key with the id \"{id}\". See them with \"reverie keys list\".");
            keys[index] = revoked = keys[index] with { Revoked = keys[index].Revoked ?? _clock.GetUtcNow() };
            return keys;
        });
        return revoked!;
    }

    /// <inheritdoc/>
    public User? FindByKey(string key)
    {
        byte[] hash = HashOf(key);
        ApiKey? found = null;

        // All are compared, each in constant time: how long it takes tells nothing about the keys.
        foreach (ApiKey candidate in Current())
            if (CryptographicOperations.FixedTimeEquals(candidate.HashBytes, hash)) found = candidate;
        return found is not null && found.IsValid(_clock.GetUtcNow()) ? new User(found.User, found.Id, found.Limits) : null;
    }

    private static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private ApiKey[] Current()
    {
        lock (_lock)
        {
            if (_clock.GetElapsedTime(_checked) < _checkInterval) return _keys;
            _checked = _clock.GetTimestamp();
            (DateTime, long) stamp = Stamp();
            if (stamp == _stamp) return _keys;
            try
            {
                (_keys, _stamp) = (Read(), stamp);
            }
            catch (ReverieException)
            {
                // Somebody damaged the file by hand: the keys that were valid stay so until it is mended.
            }

            return _keys;
        }
    }

    private void Change(Func<ApiKey[], ApiKey[]> change)
    {
        lock (_lock)
        {
            using FileStream alone = LockFile();
            ApiKey[] keys = change(Read());
            AtomicFile.Write(_path, stream =>
            {
                if (!OperatingSystem.IsWindows() && stream is FileStream file) File.SetUnixFileMode(file.SafeFileHandle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                JsonSerializer.Serialize(stream, keys, _json);
            });
            (_keys, _stamp) = (keys, Stamp());
        }
    }

    /// <summary>Two processes that add keys at once must not lose one.</summary>
    private FileStream LockFile()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return new FileStream(_path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException) when (attempt < 100)
            {
                Thread.Sleep(20);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new ReverieException($"Cannot write {_path}: {e.Message.TrimEnd('.')}. Choose a workspace that you may write to.", e);
            }
        }
    }

    private (DateTime, long) Stamp()
    {
        var file = new FileInfo(_path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }

    private ApiKey[] Read()
    {
        if (!File.Exists(_path)) return [];
        try
        {
            ApiKey[] keys = JsonSerializer.Deserialize<ApiKey[]>(File.ReadAllBytes(_path), _json) ?? [];
            return keys.All(k => User.IsId(k.User) && k.HashBytes.Length == SHA256.HashSizeInBytes) ? keys : throw new FormatException("a key in it has no user or no hash");
        }
        catch (Exception e) when (e is JsonException or FormatException or IOException or UnauthorizedAccessException or NullReferenceException)
        {
            throw new ReverieException($"Cannot read the keys in {_path}: {e.Message.TrimEnd('.')}. Mend the file, or delete it and make new keys.", e);
        }
    }
}
