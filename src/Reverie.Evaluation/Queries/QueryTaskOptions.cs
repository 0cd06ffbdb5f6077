namespace Reverie.Evaluation;

/// <summary>How a <see cref="QueryTask"/> is asked.</summary>
public sealed record QueryTaskOptions
{
    /// <summary>The format's name; null to tell it from the fields.</summary>
    public string? Format { get; init; }

    /// <summary>Examples before each question.</summary>
    public int Shots { get; init; }

    /// <summary>A file of examples in the same format; null to take them from the questions themselves.</summary>
    public string? Examples { get; init; }

    /// <summary>At most so many questions; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>Seed of the examples' draw.</summary>
    public int Seed { get; init; } = 1234;

    /// <summary>Stands between context and continuation; null for the format's own.</summary>
    public string? Delimiter { get; init; }

    /// <summary>Accuracy of guessing, for CORE's centred accuracy; null for the mean of one over the number of options.</summary>
    public double? Baseline { get; init; }
}
