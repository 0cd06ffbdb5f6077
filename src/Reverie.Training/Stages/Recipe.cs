using Reverie.Models;
using Reverie.Tensors;

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

    /// <summary>Factors on the learning rate of token table and head.</summary>
    public LearningRates Rates { get; init; } = new();

    /// <summary>The seed of weights and data.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Makes the optimizer for a model of this recipe, or for the adapter that it carries.</summary>
    /// <exception cref="ReverieException">There is no optimizer of that name.</exception>
    public IOptimizer NewOptimizer(IKernels kernels, Transformer model) => Optimizer switch
    {
        "adamw" => new AdamW(kernels, model.Adapter?.Parameters ?? model.Parameters, beta2: Beta2, weightDecay: WeightDecay, rates: Rates),
        "muon" => new Muon(kernels, model.Adapter?.Parameters ?? model.Parameters, model.Adapter is { } adapter ? adapter.Parts : model.Parts, beta2: Beta2, weightDecay: WeightDecay, rates: Rates),
        _ => throw new ReverieException($"There is no optimizer {Optimizer}. Choose adamw or muon."),
    };

    /// <summary>Tokens of all stages that read, by the plan.</summary>
    public long Tokens => Stages.Where(s => s.Rollouts is null).Sum(s => (long)(s.ExpectedSteps ?? s.Steps) * s.BatchTokens);
}
