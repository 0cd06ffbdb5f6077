namespace Reverie.Training;

/// <summary>What a stage that plays episodes reads beside them, so that it keeps what it does not play; see <see cref="RehearsingReader"/>.</summary>
/// <param name="Mixture">Share of tokens by source.</param>
public sealed record RehearsalPlan(IReadOnlyDictionary<string, double> Mixture)
{
    /// <summary>Tokens of text in a step.</summary>
    public int Tokens { get; init; } = 4096;

    /// <summary>
    /// What the mean imitation loss of the text counts beside the objective of the episodes. By measurement (docs/recipe.md): as much
    /// of the gradient as the episodes have.
    /// </summary>
    public double Weight { get; init; } = 0.05;
}
