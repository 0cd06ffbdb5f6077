namespace Reverie.Tensors;

/// <summary>
/// What training wants of each token: the fixed objective of the one learner. A token's loss is
/// <c>-(Ce + Rl) log p + Kl divergence + ValueWeight valueLoss</c>; every method of training is a choice of these weights.
/// The channels are by token of the batch, and null where a channel is not used.
/// </summary>
public sealed class TokenWeights
{
    /// <summary>Weight of imitation; 0 leaves the token out.</summary>
    public required float[] Ce { get; set; }

    /// <summary>
    /// Weight of reinforcement: an advantage, of either sign, with whatever ratio or clip the credit rule put into it. It does
    /// what <see cref="Ce"/> does, and stands apart so that reports can tell the two apart.
    /// </summary>
    public float[]? Rl { get; set; }

    /// <summary>Weight of the divergence from a <see cref="Teacher"/>.</summary>
    public float[]? Kl { get; set; }

    /// <summary>What the value head should predict before the token is chosen; needed with <see cref="ValueWeights"/>.</summary>
    public float[]? ValueTargets { get; set; }

    /// <summary>Weight of the value's loss.</summary>
    public float[]? ValueWeights { get; set; }
}
