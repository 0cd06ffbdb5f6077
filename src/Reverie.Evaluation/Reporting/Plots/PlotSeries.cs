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

    /// <summary>Noisy curves with many points: a mean with triangular weights over a few neighbours on either side (so that it does not lag), in front of the values.</summary>
    public PlotSeries Smoothed()
    {
        if (HasDots) return this;
        int reach = Y.Count / 40 + 2;
        return this with { Raw = Y, Y = [.. Y.Select((_, i) => Around(i, Math.Min(reach, Math.Min(i, Y.Count - 1 - i))))] };
    }

    private double Around(int centre, int reach)
    {
        double sum = 0, weights = 0;
        for (int offset = -reach; offset <= reach; offset++)
        {
            double weight = reach + 1 - Math.Abs(offset);
            sum += weight * Y[centre + offset];
            weights += weight;
        }

        return sum / weights;
    }
}
