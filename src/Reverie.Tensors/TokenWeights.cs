namespace Reverie.Tensors;

/// <summary>
/// What training wants of each token: the fixed objective of the one learner. A token's loss is
/// <c>-(Ce log p) - Rl exp(log p - OldLogProbability)</c>; every method of training is a choice of these weights.
/// </summary>
public sealed class TokenWeights
{
    /// <summary>Weight of imitation, by token of the batch; 0 leaves the token out.</summary>
    public required float[] Ce { get; init; }

    /// <summary>Advantage of the token under the policy gradient; null where nothing is reinforced.</summary>
    public float[]? Rl { get; init; }

    /// <summary>Log-probability that the sampler gave the token; needed with <see cref="Rl"/>.</summary>
    public float[]? OldLogProbabilities { get; init; }
}
