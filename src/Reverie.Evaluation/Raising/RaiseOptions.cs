namespace Reverie.Evaluation;

/// <summary>What a person may say about raising a model. Null means: the recipe decides.</summary>
public sealed record RaiseOptions
{
    /// <summary>The model's name in the workspace.</summary>
    public string Name { get; init; } = "reverie";

    /// <summary>How long the machine may work, from the start of the command to the end of the exams.</summary>
    public double Minutes { get; init; } = 5;

    /// <summary>Real text to learn from beside the Primer: files, folders, globs, hf:OWNER/NAME.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>Share of the tokens that comes from <see cref="Data"/> while pretraining; the rest is the Primer's.</summary>
    public double? DataShare { get; init; }

    /// <summary>The seed of everything that is drawn.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads; 0 for all cores.</summary>
    public int Threads { get; init; }

    /// <summary>Width of the model.</summary>
    public int? Width { get; init; }

    /// <summary>Number of blocks.</summary>
    public int? Layers { get; init; }

    /// <summary>Size of the vocabulary.</summary>
    public int? Vocabulary { get; init; }

    /// <summary>Longest context in tokens.</summary>
    public int? Context { get; init; }

    /// <summary>Tokens of a step.</summary>
    public int? BatchTokens { get; init; }

    /// <summary>Peak learning rate.</summary>
    public float? LearningRate { get; init; }

    /// <summary>adamw or muon.</summary>
    public string? Optimizer { get; init; }

    /// <summary>Whether the head shares the token table.</summary>
    public bool? TiedEmbeddings { get; init; }

    /// <summary>
    /// Tokens of all stages together. With it the plan no longer depends on the clock, so that the same seed gives the same bits.
    /// </summary>
    public long? Tokens { get; init; }

    /// <summary>Learning rate of RL.</summary>
    public float? RlLearningRate { get; init; }

    /// <summary>Tasks of a step of RL.</summary>
    public int? RlPrompts { get; init; }

    /// <summary>Episodes of each task.</summary>
    public int? RlGroupSize { get; init; }

    /// <summary>The credit rule of RL.</summary>
    public string? Credit { get; init; }

    /// <summary>Whether the last stage is SFT.</summary>
    public bool WithoutRl { get; init; }

    /// <summary>Questions of each exam after SFT and at the end; after the stages before it is a quarter.</summary>
    public int ExamQuestions { get; init; } = 100;
}
