namespace Reverie.Evaluation;

/// <summary>Whether a model that says it is 80% sure is right 80% of the time. Abstentions are counted, not graded.</summary>
public sealed record Calibration
{
    private Calibration() { }

    /// <summary>Answers that were graded.</summary>
    public required int Answers { get; init; }

    /// <summary>Answers that say "I do not know".</summary>
    public required int Abstentions { get; init; }

    /// <summary>The reliability diagram: bins of equal width over (0, 1].</summary>
    public required IReadOnlyList<CalibrationBin> Bins { get; init; }

    /// <summary>Expected calibration error: sum over bins of (n_b / n) |accuracy - confidence| (arXiv 1706.04599).</summary>
    public required double ExpectedError { get; init; }

    /// <summary>Brier score: mean of (confidence - right)^2.</summary>
    public required double Brier { get; init; }

    /// <summary>Share of all questions, abstentions among them, that were answered wrongly with at least the threshold's confidence.</summary>
    public required double WrongAndConfident { get; init; }

    /// <summary>Confidence from which an answer counts as confident.</summary>
    public required double Threshold { get; init; }

    /// <summary>Measures answers.</summary>
    /// <param name="answers">Any number.</param>
    /// <param name="bins">Bins of the diagram.</param>
    /// <param name="threshold">From which confidence on an answer is confident.</param>
    public static Calibration Measure(IReadOnlyCollection<ConfidentAnswer> answers, int bins = 10, double threshold = 0.5)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        ConfidentAnswer[] graded = [.. answers.Where(a => !a.IsAbstention)];
        ILookup<int, ConfidentAnswer> byBin = graded.ToLookup(a => Math.Clamp((int)Math.Ceiling(a.Confidence * bins) - 1, 0, bins - 1));
        CalibrationBin[] diagram = [.. Enumerable.Range(0, bins).Select(i => Bin(byBin[i].ToArray(), i, bins))];
        int count = Math.Max(1, graded.Length);
        return new Calibration
        {
            Answers = graded.Length,
            Abstentions = answers.Count - graded.Length,
            Bins = diagram,
            ExpectedError = diagram.Sum(b => b.Count * Math.Abs(b.Accuracy - b.Confidence)) / count,
            Brier = graded.Sum(a => Square(a.Confidence - (a.IsCorrect ? 1 : 0))) / count,
            WrongAndConfident = (double)graded.Count(a => !a.IsCorrect && a.Confidence >= threshold) / Math.Max(1, answers.Count),
            Threshold = threshold,
        };
    }

    /// <summary>Confidence in an answer from the log-probabilities of its tokens: exp of their mean, the geometric mean of p. 0 for no tokens.</summary>
    public static double OfAnswer(ReadOnlySpan<float> logProbabilities)
    {
        double sum = 0;
        foreach (float value in logProbabilities) sum += value;
        return logProbabilities.IsEmpty ? 0 : Math.Exp(sum / logProbabilities.Length);
    }

    /// <summary>Confidence in an answer from the probability of its first token alone. 0 for no tokens.</summary>
    public static double OfFirstToken(ReadOnlySpan<float> logProbabilities) => logProbabilities.IsEmpty ? 0 : Math.Exp(logProbabilities[0]);

    /// <summary>Confidence in a choice: its share of the probability of all choices, softmax over the log-likelihoods.</summary>
    public static double OfChoice(IReadOnlyList<double> logLikelihoods, int chosen) =>
        1 / logLikelihoods.Sum(l => Math.Exp(l - logLikelihoods[chosen]));

    private static CalibrationBin Bin(ConfidentAnswer[] answers, int index, int bins) => new(
        (double)index / bins, (index + 1.0) / bins, answers.Length,
        answers.Length == 0 ? 0 : answers.Average(a => a.Confidence), answers.Length == 0 ? 0 : answers.Average(a => a.IsCorrect ? 1.0 : 0));

    private static double Square(double value) => value * value;
}
