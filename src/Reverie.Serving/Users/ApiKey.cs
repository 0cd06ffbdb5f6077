using System.Text.Json.Serialization;

namespace Reverie.Serving;

/// <summary>A key as it is kept: without the key.</summary>
public sealed record ApiKey
{
    /// <summary>Names the key where it is listed or revoked.</summary>
    public required string Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required string User { get; init; }

    /// <summary>SHA-256 of the key, in hexadecimal. The key has 256 random bits, so nobody finds it by trying.</summary>
    public required string Hash { get; init; }

    /// <summary>When it was made, UTC.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it ends, UTC; null for never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>When it was revoked, UTC; null where it was not.</summary>
    public DateTimeOffset? Revoked { get; init; }

    /// <summary>What it allows.</summary>
    public KeyLimits Limits { get; init; } = new();

    /// <summary>Whether it opens the door at a time.</summary>
    public bool IsValid(DateTimeOffset now) => Revoked is null && !(Expires <= now);

    /// <summary>The hash as bytes.</summary>
    [JsonIgnore]
    internal byte[] HashBytes => field ??= Convert.FromHexString(Hash);
}
