namespace Reverie.Evaluation;

/// <summary>What is drawn in one colour.</summary>
/// <param name="Name">Its name.</param>
/// <param name="X">Positions.</param>
/// <param name="Y">Values.</param>
internal sealed record PlotSeries(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y)
{
    private const int FewPoints = 24;

    /// <summary>Number of the colour, see report.css.</summary>
    public int Colour { get; init; }

    /// <summary>Ends of the 95% interval of each value.</summary>
    public IReadOnlyList<(double Low, double High)>? Intervals { get; init; }

    /// <summary>Dashes, where colour alone should not tell two apart.</summary>
    public bool Dashed { get; init; }

    /// <summary>What the pointer sees at a point; null for its value.</summary>
    public IReadOnlyList<string>? Notes { get; init; }

    /// <summary>A faint line behind: the values before they were smoothed.</summary>
    public IReadOnlyList<double>? Raw { get; init; }

    /// <summary>Whether points are marked.</summary>
    public bool HasDots => X.Count <= FewPoints;

    /// <summary>
    /// Noisy curves with many points: in front of the values, a local regression (Cleveland 1979, degree 1, triangular weights over a few
    /// neighbours), which neither lags nor trusts the last point alone.
    /// </summary>
    public PlotSeries Smoothed()
    {
        if (HasDots) return this;
        int reach = Y.Count / 20 + 2;
        return this with { Raw = Y, Y = [.. Y.Select((_, i) => Regress(i, reach))] };
    }

    private double Regress(int centre, int reach)
    {
        double w = 0, wx = 0, wxx = 0, wy = 0, wxy = 0;
        for (int i = Math.Max(0, centre - reach); i <= Math.Min(Y.Count - 1, centre + reach); i++)
        {
            double x = i - centre, weight = reach + 1 - Math.Abs(x);
            (w, wx, wxx, wy, wxy) = (w + weight, wx + weight * x, wxx + weight * x * x, wy + weight * Y[i], wxy + weight * x * Y[i]);
        }

        return (wxx * wy - wx * wxy) / (w * wxx - wx * wx);
    }
}
