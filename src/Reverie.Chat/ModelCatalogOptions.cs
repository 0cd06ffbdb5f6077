namespace Reverie.Chat;

/// <summary>What a <see cref="ModelCatalog"/> offers and how.</summary>
public sealed record ModelCatalogOptions
{
    /// <summary>The model where a request names none: name, name@version, folder or file; null for the one that was made last.</summary>
    public string? Default { get; init; }

    /// <summary>How models are loaded and served.</summary>
    public ChatModelOptions Model { get; init; } = new();

    /// <summary>Adapters by name, beside those of the workspace: their folders.</summary>
    public IReadOnlyDictionary<string, string> Adapters { get; init; } = new Dictionary<string, string>();

    /// <summary>Models in memory; above it, those that nobody uses are unloaded, the one that was used longest ago first.</summary>
    public int MaxLoaded { get; init; } = 3;

    /// <summary>Adapters of each model that stay in memory while nobody uses them.</summary>
    public int MaxAdapters { get; init; } = 64;

    /// <summary>Threads that compute; 0 for one a core.</summary>
    public int Threads { get; init; }
}
