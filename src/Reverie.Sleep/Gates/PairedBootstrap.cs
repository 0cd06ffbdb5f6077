using Reverie.Evaluation;

namespace Reverie.Sleep;

/// <summary>Whether one of two candidates did worse on the same questions: the paired bootstrap (Efron, 1979; Koehn, 2004), one-sided at 95%.</summary>
/// <param name="Drop">Mean of the reference's scores less the candidate's.</param>
/// <param name="Least">The drop is at least this, with 95% confidence.</param>
/// <param name="Most">The drop is at most this, with 95% confidence.</param>
public readonly record struct PairedBootstrap(double Drop, double Least, double Most)
{
    private const int Rounds = 2000;

    /// <summary>Compares scores of the same questions.</summary>
    /// <param name="candidate">The candidate's.</param>
    /// <param name="reference">The reference's, as many.</param>
    public static PairedBootstrap Of(IReadOnlyList<double> candidate, IReadOnlyList<double> reference)
    {
        double[] drops = [.. reference.Zip(candidate, (r, c) => r - c)];
        if (drops.Length == 0) return default;
        // Both ends of a 90% interval are one-sided at 95%.
        BootstrapEstimate estimate = Statistics.Bootstrap(drops, values => values.Average(), seed: 0, Rounds, level: 90);
        return new PairedBootstrap(estimate.Value, estimate.Low, estimate.High);
    }

    /// <summary>Whether the candidate lost more than a margin, and surely lost something: chance alone refuses nobody.</summary>
    public bool IsWorseThan(double margin) => Drop > margin && Least > 0;
}
