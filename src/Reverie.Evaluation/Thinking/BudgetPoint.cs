namespace Reverie.Evaluation;

/// <summary>What a model reaches with one budget of reasoning.</summary>
/// <param name="Budget">Tokens that it might spend on reasoning.</param>
/// <param name="Tokens">Tokens of a reply in the mean, reasoning included.</param>
/// <param name="ThinkingTokens">Tokens of its reasoning in the mean.</param>
/// <param name="Truncated">Share of replies that were cut off.</param>
/// <param name="Metrics">The mean score first; with several samples also pass@k, pass^k, maj@N and best@N.</param>
public sealed record BudgetPoint(int Budget, double Tokens, double ThinkingTokens, double Truncated, IReadOnlyList<Metric> Metrics)
{
    /// <summary>The mean score of one reply.</summary>
    public Metric Score => Metrics[0];
}
