using Reverie.Tensors;

namespace Reverie.Evaluation;

/// <summary>How far a measured figure may be from the truth.</summary>
public static class Statistics
{
    /// <summary>Standard error of a mean, s / sqrt(n) with s over n - 1, as lm-evaluation-harness prints it; 0 for fewer than two values.</summary>
    public static double StandardError(IReadOnlyCollection<double> values)
    {
        if (values.Count < 2) return 0;
        double mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1) / values.Count);
    }

    /// <summary>Standard error of a share, sqrt(p (1 - p) / n) (binomial).</summary>
    public static double BinomialStandardError(double share, int count) => count == 0 ? 0 : Math.Sqrt(Math.Max(0, share * (1 - share)) / count);

    /// <summary>
    /// Bootstrap (Efron, 1979): the statistic of resamples with replacement, each as large as the sample.
    /// </summary>
    /// <param name="values">The sample; may not be empty.</param>
    /// <param name="statistic">What is estimated.</param>
    /// <param name="seed">Fixes the resamples.</param>
    /// <param name="rounds">Number of resamples.</param>
    /// <param name="level">The interval's confidence in percent.</param>
    public static BootstrapEstimate Bootstrap<T>(IReadOnlyList<T> values, Func<IReadOnlyList<T>, double> statistic, ulong seed, int rounds = 1000, double level = 95)
    {
        var random = new RandomStream(seed, "bootstrap");
        var resample = new T[values.Count];
        double[] estimates = new double[rounds];
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < resample.Length; i++) resample[i] = random.Pick(values);
            estimates[round] = statistic(resample);
        }

        double mean = estimates.Average();
        double deviation = Math.Sqrt(estimates.Sum(e => (e - mean) * (e - mean)) / Math.Max(1, rounds - 1));
        return new BootstrapEstimate(statistic(values), deviation, Percentile(estimates, (100 - level) / 2), Percentile(estimates, (100 + level) / 2));
    }

    /// <summary>The chance that a draw of Student's t distribution is at least so large.</summary>
    /// <param name="value">The value of t.</param>
    /// <param name="degrees">Degrees of freedom, at least 1.</param>
    public static double StudentTail(double value, int degrees)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(degrees, 1);
        // With t = sqrt(n) tan u the density is cos(u)^(n - 1), up to a constant: no difference of nearly equal numbers, however small the tail is.
        return Area(Math.Atan(value / Math.Sqrt(degrees))) / Area(-Math.PI / 2);

        double Area(double from)
        {
            int steps = 1000 + (int)(100 * Math.Sqrt(degrees));
            double step = ((Math.PI / 2) - from) / steps, sum = 0;
            for (int i = 0; i < steps; i++) sum += Math.Pow(Math.Cos(from + (step * (i + 0.5))), degrees - 1);
            return sum * step;
        }
    }

    /// <summary>A percentile between 0 and 100, linear between neighbours, as numpy's default.</summary>
    public static double Percentile(IReadOnlyList<double> values, double percent)
    {
        double[] sorted = [.. values.Order()];
        double position = percent / 100 * (sorted.Length - 1);
        int below = (int)Math.Floor(position);
        return below + 1 < sorted.Length ? sorted[below] + (position - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }
}
