using System.Text.Json.Serialization;
using Reverie.Worlds;

namespace Reverie.Sleep;

/// <summary>Something that was told, and what became of it.</summary>
public sealed record FactRecord
{
    /// <summary>The subject, as its owner calls it.</summary>
    public required string Subject { get; init; }

    /// <summary>Name of the relation.</summary>
    public required string Relation { get; init; }

    /// <summary>The value.</summary>
    public required string Value { get; init; }

    /// <summary>Where it is kept.</summary>
    public required FactState State { get; init; }

    /// <summary>Why it is kept there, in words.</summary>
    public required string Why { get; init; }

    /// <summary>Ids of the messages that say it; of a fact of the company only its own id, because nobody's messages are named there.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>When it was first told, UTC; by as many as are asked for, where it is the company's.</summary>
    public required DateTimeOffset Told { get; init; }

    /// <summary>Number of the morning that knew it first; null where none does.</summary>
    public int? Learned { get; init; }

    /// <summary>How many persons told it; null where it is one person's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Tellers { get; init; }

    /// <summary>The fact itself.</summary>
    [JsonIgnore]
    public Fact Fact => new(Subject, Relations.Find(Relation) ?? throw new Tensors.ReverieException($"The fact has the relation \"{Relation}\", which this program does not know. Use the version that wrote it, or rebuild with: reverie sleep --rebuild."), Value);

    /// <summary>Names it within its owner's facts.</summary>
    [JsonIgnore]
    public string Id => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{Relation}\n{Subject.ToLowerInvariant()}\n{Value.ToLowerInvariant()}")))[..16];
}
