using Reverie.Models;

namespace Reverie.Training;

/// <summary>
/// Everything that training will do, decided: what the dial turns time into. Every number can be overridden by name.
/// </summary>
public sealed record Recipe
{
    /// <summary>The model's shape.</summary>
    public required TransformerConfig Model { get; init; }

    /// <summary>The stages in order.</summary>
    public required IReadOnlyList<StagePlan> Stages { get; init; }

    /// <summary>adamw or muon.</summary>
    public required string Optimizer { get; init; }

    /// <summary>Decay of AdamW's second moment.</summary>
    public required float Beta2 { get; init; }

    /// <summary>Decoupled weight decay.</summary>
    public required float WeightDecay { get; init; }

    /// <summary>Deviation of a new token table.</summary>
    public float EmbeddingDeviation { get; init; } = 0.02f;

    /// <summary>The seed of weights and data.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Tokens of all stages.</summary>
    public long Tokens => Stages.Sum(s => (long)s.Steps * s.BatchTokens);
}
