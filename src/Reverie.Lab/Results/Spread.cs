namespace Reverie.Lab;

/// <summary>A figure over lives.</summary>
/// <param name="Mean">Its mean.</param>
/// <param name="Low">Lower end of the 95% interval of the mean over lives (Student's t); the mean itself where there is one life only.</param>
/// <param name="High">Its upper end.</param>
/// <param name="Lives">How many lives.</param>
public sealed record Spread(double Mean, double Low, double High, int Lives)
{
    // Two-sided 97.5% quantiles of Student's t by degrees of freedom from 1; then the normal distribution is near enough.
    private static readonly double[] _t = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

    /// <summary>Whether the interval says something: one life has none.</summary>
    public bool HasInterval => Lives > 1;

    /// <summary>The figure of lives; not a number where there is none.</summary>
    public static Spread Of(IEnumerable<double> lives)
    {
        double[] values = [.. lives.Where(double.IsFinite)];
        if (values.Length == 0) return new Spread(double.NaN, double.NaN, double.NaN, 0);
        double mean = values.Average();
        if (values.Length == 1) return new Spread(mean, mean, mean, 1);
        double half = (values.Length - 2 < _t.Length ? _t[values.Length - 2] : 1.96) * Evaluation.Statistics.StandardError(values);
        return new Spread(mean, mean - half, mean + half, values.Length);
    }
}
