namespace Reverie.Training;

/// <summary>The ratio of the current to the old probability of a token, or of a whole sequence.</summary>
internal static class PolicyRatio
{
    /// <summary>e^x, bounded so that one token of a very different model cannot overflow a sum.</summary>
    public static double Exp(double x) => Math.Exp(Math.Clamp(x, -20, 20));

    /// <summary>
    /// d min(rho A, clip(rho, 1 - low, 1 + high) A) / d log rho, divided by A: the ratio where the objective still depends on it, 0 beyond
    /// the clip (arXiv 1707.06347).
    /// </summary>
    public static double Clipped(double logRatio, double advantage, double low, double high)
    {
        double ratio = Exp(logRatio);
        return advantage >= 0 ? (ratio <= 1 + high ? ratio : 0) : ratio >= 1 - low ? ratio : 0;
    }
}
