namespace Reverie.Evaluation;

/// <summary>95% intervals for scores between 0 and 1.</summary>
public static class ShareInterval
{
    private const double Z = 1.959963985;

    /// <summary>
    /// Wilson's score interval (1927): never outside 0 to 1, and never empty where all answers were right or all wrong. Scores with
    /// partial credit count as the number of yes-or-no questions that has the same standard error; without one (0) each question is one.
    /// </summary>
    public static (double Low, double High) Of(double score, double standardError, int questions)
    {
        double p = Math.Clamp(score, 0, 1), variance = p * (1 - p);
        double n = standardError > 0 && variance > 0 ? variance / (standardError * standardError) : Math.Max(1, questions);
        double centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n), half = Z / (1 + Z * Z / n) * Math.Sqrt(variance / n + Z * Z / (4 * n * n));
        return (Math.Max(0, Math.Min(p, centre - half)), Math.Min(1, Math.Max(p, centre + half)));
    }

    /// <summary>Newcombe's interval (1998, method 10) for the difference b - a of independent scores.</summary>
    public static (double Low, double High) OfDifference(ExamScore a, ExamScore b)
    {
        (double lowA, double highA) = Of(a.Score, a.StandardError, a.Questions);
        (double lowB, double highB) = Of(b.Score, b.StandardError, b.Questions);
        double difference = b.Score - a.Score;
        return (difference - Norm(b.Score - lowB, highA - a.Score), difference + Norm(highB - b.Score, a.Score - lowA));
    }

    private static double Norm(double a, double b) => Math.Sqrt(a * a + b * b);
}
