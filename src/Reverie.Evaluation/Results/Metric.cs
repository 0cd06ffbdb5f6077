namespace Reverie.Evaluation;

/// <summary>One figure of a task.</summary>
/// <param name="Name">Its name in lm-evaluation-harness, such as acc_norm.</param>
/// <param name="Value">The figure over all documents.</param>
/// <param name="StandardError">Its standard error; NaN where none is known.</param>
/// <param name="HigherIsBetter">Whether more is better.</param>
/// <param name="Filter">Which filter the replies went through.</param>
public sealed record Metric(string Name, double Value, double StandardError, bool HigherIsBetter = true, string Filter = "none")
{
    /// <summary>The mean of a score over documents, with its standard error.</summary>
    public static Metric Mean(string name, IReadOnlyCollection<double> scores, string filter = "none") =>
        new(name, scores.Count == 0 ? 0 : scores.Average(), Statistics.StandardError(scores), true, filter);
}
