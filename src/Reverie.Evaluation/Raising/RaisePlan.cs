using Reverie.Training;

namespace Reverie.Evaluation;

/// <summary>The plan that the dial made of the options and of the machine; printed before work begins and kept with the run.</summary>
/// <param name="Run">The run's id.</param>
/// <param name="Recipe">Model and stages.</param>
/// <param name="Parameters">Number of parameters.</param>
/// <param name="CeilingGflops">The machine's measured multiply-add ceiling in GFLOP/s.</param>
/// <param name="Gflops">Measured speed of a training step of this model in GFLOP/s.</param>
/// <param name="TokensPerSecond">The same in tokens.</param>
/// <param name="FlopsPerToken">Floating-point operations of training on one token.</param>
/// <param name="Sources">Where the text comes from.</param>
public sealed record RaisePlan(
    string Run, Recipe Recipe, long Parameters, double CeilingGflops, double Gflops, double TokensPerSecond, double FlopsPerToken, IReadOnlyList<string> Sources);
