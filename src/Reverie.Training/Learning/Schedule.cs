namespace Reverie.Training;

/// <summary>
/// The learning rate over a stage: linear warm-up, constant, linear decay (arXiv 2405.18392). The only schedule of the house.
/// </summary>
/// <param name="Peak">The constant rate.</param>
/// <param name="Steps">Steps of the stage.</param>
/// <param name="WarmupSteps">Steps until the rate is reached.</param>
/// <param name="DecayFraction">Share of the steps, at the end, in which the rate falls.</param>
/// <param name="FinalFraction">What is left of the rate at the end.</param>
public sealed record Schedule(float Peak, int Steps, int WarmupSteps, double DecayFraction, double FinalFraction)
{
    /// <summary>The rate of a step, from 0.</summary>
    public float At(int step)
    {
        double warm = WarmupSteps > 0 ? Math.Min(1, (step + 1.0) / WarmupSteps) : 1;
        double decaySteps = Math.Max(1, Steps * DecayFraction);
        double left = Math.Clamp((Steps - step) / decaySteps, 0, 1);
        return (float)(Peak * warm * (FinalFraction + (1 - FinalFraction) * left));
    }
}
