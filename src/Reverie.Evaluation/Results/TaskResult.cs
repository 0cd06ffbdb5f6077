namespace Reverie.Evaluation;

/// <summary>The outcome of a task.</summary>
public sealed record TaskResult
{
    /// <summary>The task.</summary>
    public required string Name { get; init; }

    /// <summary>Its figures.</summary>
    public required IReadOnlyList<Metric> Metrics { get; init; }

    /// <summary>What happened to each document, once for each filter.</summary>
    public IReadOnlyList<TaskSample> Samples { get; init; } = [];

    /// <summary>Answers with the model's confidence in them, for <see cref="Calibration"/>; empty where the task knows none.</summary>
    public IReadOnlyList<ConfidentAnswer> Answers { get; init; } = [];

    /// <summary>Examples shown before each question.</summary>
    public int Shots { get; init; }

    /// <summary>Version of the task's conventions.</summary>
    public string Version { get; init; } = "1";

    /// <summary>Documents in the whole set.</summary>
    public required int Documents { get; init; }

    /// <summary>Documents that were asked.</summary>
    public required int Asked { get; init; }

    /// <summary>Requests of which the beginning was left out because it did not fit into the model's context.</summary>
    public int Truncated { get; init; }

    /// <summary>Settings that decide the figures, for the results file.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}
