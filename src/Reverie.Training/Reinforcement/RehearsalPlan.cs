namespace Reverie.Training;

/// <summary>What a stage that plays episodes reads beside them, so that it keeps what it does not play; see <see cref="RehearsingReader"/>.</summary>
/// <param name="Mixture">Share of tokens by source.</param>
public sealed record RehearsalPlan(IReadOnlyDictionary<string, double> Mixture)
{
    /// <summary>Tokens of text in a step.</summary>
    public int Tokens { get; init; } = 4096;

    /// <summary>What the mean imitation loss of the text counts beside the objective of the episodes; measured in docs/recipe.md.</summary>
    public double Imitation { get; init; } = 0.05;

    /// <summary>What the mean divergence from the model at the start counts.</summary>
    public double Divergence { get; init; } = 0.1;
}
