namespace Reverie.Training;

/// <summary>One file of a split: where it comes from, and once it is here its size and SHA-256.</summary>
internal sealed record HubFile(string Url, long? Size = null, string? Sha256 = null);
