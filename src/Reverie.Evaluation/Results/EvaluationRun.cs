namespace Reverie.Evaluation;

/// <summary>What the results files say of a run beside its figures.</summary>
public sealed record EvaluationRun
{
    /// <summary>Name and version of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Its parameters.</summary>
    public long Parameters { get; init; }

    /// <summary>Its longest context in tokens.</summary>
    public int ContextLength { get; init; }

    /// <summary>Identity of its files; empty where it is not known.</summary>
    public string ModelId { get; init; } = "";

    /// <summary>Seed of the examples' draws and of the samples.</summary>
    public int Seed { get; init; }

    /// <summary>At most so many documents of each task; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>When it began.</summary>
    public DateTime Started { get; init; } = DateTime.UtcNow;

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; init; }
}
