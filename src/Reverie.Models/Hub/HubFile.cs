namespace Reverie.Models;

/// <summary>One file of the hub.</summary>
/// <param name="Url">Where it comes from.</param>
/// <param name="Size">Bytes; known once it is here.</param>
/// <param name="Sha256">Its hash in lower-case hexadecimal; known once it is here.</param>
public sealed record HubFile(string Url, long? Size = null, string? Sha256 = null);
