namespace Reverie.Evaluation;

/// <summary>What happened to one document of a task, in the terms of lm-evaluation-harness's sample files.</summary>
public sealed record TaskSample
{
    /// <summary>Its index in the task.</summary>
    public required int DocumentId { get; init; }

    /// <summary>The document as JSON.</summary>
    public required string Document { get; init; }

    /// <summary>What would have been right.</summary>
    public required string Target { get; init; }

    /// <summary>The requests: context and continuation each, or prompt and settings.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Arguments { get; init; }

    /// <summary>The model's responses to each request: log-likelihood and whether greedy (<c>True</c> or <c>False</c>), or the texts of all samples.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Responses { get; init; }

    /// <summary>What the filter left of the texts; null where the responses are likelihoods, which no filter changes.</summary>
    public IReadOnlyList<string>? Filtered { get; init; }

    /// <summary>The filter.</summary>
    public string Filter { get; init; } = "none";

    /// <summary>Scores by metric.</summary>
    public required IReadOnlyDictionary<string, double> Scores { get; init; }
}
