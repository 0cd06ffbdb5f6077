namespace Reverie.Sleep;

/// <summary>What an adapter was made from: the content of <c>manifest.json</c>. It names messages and facts (the company's only facts, of which it counts the tellers), so it goes with the adapter when something is forgotten.</summary>
public sealed record MorningManifest
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "manifest.json";

    /// <summary>Whose.</summary>
    public required string Owner { get; init; }

    /// <summary>Name of the base.</summary>
    public required string Model { get; init; }

    /// <summary>Id of the base.</summary>
    public required string BaseId { get; init; }

    /// <summary>Hash of the company's adapter that it was trained and examined on; null where that was the base alone.</summary>
    public string? Beneath { get; init; }

    /// <summary>Number of the morning that training began with; null where it began with the base.</summary>
    public int? Parent { get; init; }

    /// <summary>Nights since the last one that began with the base; 0 for that one.</summary>
    public required int NightsSinceRebuild { get; init; }

    /// <summary>Seed of the draws.</summary>
    public required ulong Seed { get; init; }

    /// <summary>SHA-256 of all that training read, in lower-case hexadecimal; two nights with the same base, parent and this have the same adapter.</summary>
    public required string StudyHash { get; init; }

    /// <summary>SHA-256 of the adapter's weights, in lower-case hexadecimal.</summary>
    public required string AdapterHash { get; init; }

    /// <summary>Last change of the journal that was seen.</summary>
    public required long JournalSequence { get; init; }

    /// <summary>Everything that was told and what became of it.</summary>
    public required IReadOnlyList<FactRecord> Facts { get; init; }

    /// <summary>Ids of the replies that demonstrations and preferences were taken from.</summary>
    public required IReadOnlyList<string> Lessons { get; init; }

    /// <summary>Ids of all messages that this adapter, or one that it began with, learned from. Only such as are gone from the journal when they are forgotten. Of the company's adapter ids of facts.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>The settings.</summary>
    public required NightOptions Options { get; init; }

    /// <summary>Reads the manifest of a morning.</summary>
    /// <exception cref="Tensors.ReverieException">It is missing or damaged.</exception>
    public static MorningManifest Read(string folder) => SleepJson.Read<MorningManifest>(Path.Combine(folder, FileName));
}
