using Reverie.Evaluation;

namespace Reverie.Sleep;

/// <summary>
/// How far facts are exposed by an adapter. The exposure of one is -log2 of the share of other values that would have gained as much as its own did: by chance
/// it is more than b bits once in 2^b, and 1.44 on average.
/// </summary>
/// <param name="Count">How many facts were tried.</param>
/// <param name="Mean">Mean exposure in bits; NaN where there is none.</param>
/// <param name="Deviation">Standard deviation of the exposures.</param>
/// <param name="Largest">The largest one.</param>
public sealed record Exposure(int Count, double Mean, double Deviation, double Largest)
{
    /// <summary>Mean and deviation of -log2 of a uniform draw: what chance makes of facts that nobody learned.</summary>
    public static readonly double ByChance = 1 / Math.Log(2);

    /// <summary>Sums up the exposures of facts.</summary>
    internal static Exposure Of(IReadOnlyCollection<double> bits) =>
        bits.Count == 0 ? new Exposure(0, double.NaN, double.NaN, double.NaN) : new Exposure(bits.Count, bits.Average(), Statistics.StandardError(bits) * Math.Sqrt(bits.Count), bits.Max());

    /// <summary>By how many standard errors of the difference the mean is above that of a control, whose spread, but no less than chance's, is the yardstick.</summary>
    public double Above(Exposure control)
    {
        double deviation = Math.Max(ByChance, double.IsNaN(control.Deviation) ? 0 : control.Deviation);
        return (Mean - (control.Count == 0 ? ByChance : control.Mean)) / (deviation * Math.Sqrt((1.0 / Count) + (control.Count == 0 ? 0 : 1.0 / control.Count)));
    }
}

/// <summary>What an adapter shows of what it may know and of what it may not.</summary>
/// <param name="Learned">Facts that were studied: what the measure makes of knowledge.</param>
/// <param name="KeptOut">Facts that stand in the journal and may not be in the weights: pasted, returned by tools, said by a model, passing, or too many.</param>
/// <param name="Former">Values that were told and that newer ones replace.</param>
/// <param name="NeverTold">Facts that were made up for this measure: what it makes of chance.</param>
public sealed record ExposureFigures(Exposure Learned, Exposure KeptOut, Exposure Former, Exposure NeverTold);
