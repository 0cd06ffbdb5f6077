namespace Reverie.Lab;

/// <summary>How fast facts are lost.</summary>
internal static class ForgettingCurve
{
    private const int LeastAges = 3;
    private const double LeastRecall = 0.2;

    /// <summary>
    /// The half-life of recall in days, by the exponential that fits the shares of each age best (least squares of their logarithms, weighted by
    /// the number of answers). Infinite where recall does not fall; not a number where there are too few ages, or too little was known to begin with.
    /// </summary>
    public static double HalfLife(IReadOnlyDictionary<int, LabScore> ages)
    {
        (double Age, double Log, double Weight)[] points = [.. ages.Where(a => a.Value.Count > 0).Select(a => ((double)a.Key, Math.Log2(Math.Max(a.Value.Mean, 0.5 / a.Value.Count)), (double)a.Value.Count))];
        if (points.Length < LeastAges) return double.NaN;
        double weight = points.Sum(p => p.Weight), age = points.Sum(p => p.Weight * p.Age) / weight, log = points.Sum(p => p.Weight * p.Log) / weight;
        double slope = points.Sum(p => p.Weight * (p.Age - age) * (p.Log - log)) / points.Sum(p => p.Weight * (p.Age - age) * (p.Age - age));
        if (Math.Pow(2, log - (slope * age)) < LeastRecall) return double.NaN;
        return slope >= 0 ? double.PositiveInfinity : -1 / slope;
    }
}
