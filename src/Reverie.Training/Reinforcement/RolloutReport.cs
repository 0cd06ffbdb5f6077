namespace Reverie.Training;

/// <summary>What came of the episodes behind one batch.</summary>
/// <param name="Statistics">Rewards, pass rates, signal.</param>
/// <param name="Seconds">Time of playing them.</param>
/// <param name="EngineSeconds">Time of it that the engine spent on tokens, the rest is worlds and bookkeeping.</param>
/// <param name="Tokens">Tokens that the model wrote.</param>
/// <param name="ProcessedTokens">Tokens that went through the engine, prompts included.</param>
public sealed record RolloutReport(RolloutStatistics Statistics, double Seconds, double EngineSeconds, long Tokens, long ProcessedTokens)
{
    /// <summary>max |log p of the trainer - log p of the sampler| over the batch's tokens, in nats; NaN before the step, or after the first update on it.</summary>
    public double MaximumLogProbabilityDifference { get; init; } = double.NaN;

    /// <summary>An episode with its credit, to be shown.</summary>
    public CreditedTrace? Sample { get; init; }
}
