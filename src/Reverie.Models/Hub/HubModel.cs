namespace Reverie.Models;

/// <summary>A model that was fetched from the hub.</summary>
/// <param name="Path">The folder with its files, or its one <c>.gguf</c> file.</param>
/// <param name="Commit">The commit of the repository that it is from.</param>
public sealed record HubModel(string Path, string Commit);
