namespace Reverie.Training;

/// <summary>How a stage plays episodes and learns from them: what <see cref="StagePlan"/> needs beside its own numbers where nothing is read.</summary>
public sealed record RolloutPlan
{
    /// <summary>The credit rule, by its name in <see cref="CreditRules"/>.</summary>
    public string Credit { get; init; } = "dr-grpo";

    /// <summary>Tasks of a step.</summary>
    public int Prompts { get; init; } = 32;

    /// <summary>Episodes of each task (G).</summary>
    public int GroupSize { get; init; } = 8;

    /// <summary>Temperature of the draws. 1 is the model's own distribution, which the policy gradient assumes; nothing else is filtered.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Turns of an episode.</summary>
    public int Turns { get; init; } = 7;

    /// <summary>Tokens that a turn may have.</summary>
    public int TokensPerTurn { get; init; } = 96;

    /// <summary>Steps on the same episodes; after the first they are no longer the policy's own, and the rule's clipping begins to matter.</summary>
    public int UpdatesPerBatch { get; init; } = 1;

    /// <summary>How often each turn is played on from a fork of its world, under rules that pay for turns.</summary>
    public int Continuations { get; init; } = 2;

    /// <summary>Steps between two measurements of the distance from the model at the start; 0 for never.</summary>
    public int MeasureDivergenceEvery { get; init; } = 5;

    /// <summary>What is read beside the episodes; null for nothing.</summary>
    public RehearsalPlan? Rehearsal { get; init; }
}
