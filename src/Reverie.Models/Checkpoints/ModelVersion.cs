namespace Reverie.Models;

/// <summary>A checkpoint in a workspace.</summary>
/// <param name="Name">The model.</param>
/// <param name="Version">Its version.</param>
/// <param name="Folder">Where it is.</param>
/// <param name="IsCurrent">Whether the name alone means this version.</param>
public sealed record ModelVersion(string Name, string Version, string Folder, bool IsCurrent);
