namespace Reverie.Training;

/// <summary>One stage of training, with every number decided: what pretraining, midtraining and SFT differ in.</summary>
public sealed record StagePlan
{
    /// <summary>The stage's name: pretrain, midtrain, sft, rl.</summary>
    public required string Name { get; init; }

    /// <summary>Share of tokens by source; sources that are not named are left out.</summary>
    public required IReadOnlyDictionary<string, double> Mixture { get; init; }

    /// <summary>Optimizer steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Steps that it will take by all that is known, where the clock ends it and <see cref="Steps"/> is only the most; null for the same.</summary>
    public int? ExpectedSteps { get; init; }

    /// <summary>Tokens of a step.</summary>
    public required int BatchTokens { get; init; }

    /// <summary>Longest document, in tokens, that is seen whole.</summary>
    public required int SequenceLength { get; init; }

    /// <summary>The constant learning rate.</summary>
    public required float LearningRate { get; init; }

    /// <summary>Steps of linear warm-up.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>Share of the steps, at the end, over which the learning rate falls linearly.</summary>
    public double DecayFraction { get; init; }

    /// <summary>What is left of the learning rate at the end.</summary>
    public double FinalFraction { get; init; }

    /// <summary>How much each kind of token counts.</summary>
    public LossWeights Loss { get; init; } = LossWeights.All;

    /// <summary>
    /// Wall-clock limit in seconds, 0 for none: the stage ends at the first of steps and seconds. Where a run must replay bit for
    /// bit, leave it at 0.
    /// </summary>
    public double MaximumSeconds { get; init; }

    /// <summary>Steps between two measurements on held-out text; 0 for none but the last.</summary>
    public int EvaluateEvery { get; init; }

    /// <summary>Tokens of each source in such a measurement.</summary>
    public int EvaluationTokens { get; init; } = 16384;

    /// <summary>Steps between two samples; 0 for none.</summary>
    public int SampleEvery { get; init; }

    /// <summary>How episodes are played, where the stage learns from them; null where it reads. Then the mixture names task sets.</summary>
    public RolloutPlan? Rollouts { get; init; }

    /// <summary>Tokens of a source that the stage will read, by the plan.</summary>
    public double TokensRead(string source) => (double)(ExpectedSteps ?? Steps) * (Rollouts is null ? Mixture.GetValueOrDefault(source) * BatchTokens
        : Rollouts.Rehearsal is { } rehearsal ? rehearsal.Mixture.GetValueOrDefault(source) * rehearsal.Tokens : 0);

    /// <summary>The learning rate over the stage.</summary>
    public Schedule Schedule => new(LearningRate, Steps, WarmupSteps, DecayFraction, FinalFraction);
}
