using Reverie.Models;
using Reverie.Training;

namespace Reverie.Evaluation;

/// <summary>What a person may say about one more stage of training. Null means: the planner decides.</summary>
public sealed record TrainOptions
{
    /// <summary>pretrain, midtrain, sft, rl or distill.</summary>
    public required string Stage { get; init; }

    /// <summary>The model to begin with: name, name@version or folder.</summary>
    public required string Model { get; init; }

    /// <summary>The name of the model that is saved; null for the one it was made from.</summary>
    public string? Name { get; init; }

    /// <summary>Task sets with their shares: played by rl, read as their experts' demonstrations by the other stages.</summary>
    public IReadOnlyList<TaskShare> Tasks { get; init; } = [];

    /// <summary>Text to read: files, folders, globs, hf:OWNER/NAME.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>What is rehearsed beside the episodes of rl: text as for <see cref="Data"/>, or <see cref="PrimerName"/>.</summary>
    public IReadOnlyList<string> Rehearse { get; init; } = [];

    /// <summary>Name, in <see cref="Rehearse"/>, of what a raised model was fine-tuned on.</summary>
    public const string PrimerName = "primer";

    /// <summary>Task sets to examine before and after; null for those of <see cref="Tasks"/>.</summary>
    public IReadOnlyList<string>? Exams { get; init; }

    /// <summary>Questions of each exam; 0 for none.</summary>
    public int Questions { get; init; } = 100;

    /// <summary>Time for training, without the exams; null where <see cref="Steps"/> decides.</summary>
    public double? Minutes { get; init; }

    /// <summary>Optimizer steps. With them the same seed gives the same bits.</summary>
    public int? Steps { get; init; }

    /// <summary>Peak learning rate.</summary>
    public float? LearningRate { get; init; }

    /// <summary>adamw or muon.</summary>
    public string? Optimizer { get; init; }

    /// <summary>Tokens of a step where text is read.</summary>
    public int? BatchTokens { get; init; }

    /// <summary>How episodes are played, and the credit rule, where the stage is rl.</summary>
    public RolloutPlan Rollouts { get; init; } = new();

    /// <summary>Rank of an adapter that is trained in place of the model; null to train the model itself.</summary>
    public int? LoraRank { get; init; }

    /// <summary>What becomes of the weights under an adapter; without one they are float32.</summary>
    public WeightPrecision Precision { get; init; } = WeightPrecision.AsStored;

    /// <summary>Where to save the adapter by itself; null to merge it into a new version of the model.</summary>
    public string? AdapterFolder { get; init; }

    /// <summary>A model to learn from.</summary>
    public string? Teacher { get; init; }

    /// <summary>The seed of everything that is drawn.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads; 0 for all cores.</summary>
    public int Threads { get; init; }
}

/// <summary>A task set in a mixture.</summary>
/// <param name="Name">The set, with dials where there are any.</param>
/// <param name="Share">Its weight.</param>
public sealed record TaskShare(string Name, double Share = 1);
