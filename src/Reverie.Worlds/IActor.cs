namespace Reverie.Worlds;

/// <summary>Whoever takes turns in a world: an expert's script, a model, a second model as the other side, a person.</summary>
public interface IActor
{
    /// <summary>Takes the next turn.</summary>
    /// <param name="trace">The episode so far.</param>
    /// <param name="budget">How much may be said.</param>
    /// <param name="cancel">Ends the turn.</param>
    ValueTask<Turn> Act(Trace trace, Budget budget, CancellationToken cancel);
}

/// <summary>What an actor wrote.</summary>
/// <param name="Text">Its text, reasoning and tool calls included.</param>
/// <param name="Tokens">The tokens it was sampled as, a stop token at the end included; null for an actor that writes text.</param>
/// <param name="LogProbabilities">log p of each token in nats under the model's own distribution; null for an actor that writes text.</param>
/// <param name="IsTruncated">Whether it was cut off before it ended.</param>
public sealed record Turn(string Text, int[]? Tokens = null, float[]? LogProbabilities = null, bool IsTruncated = false)
{
    /// <summary>Which of the tokens the actor was forced to write, and so learns nothing from; null for none.</summary>
    public bool[]? Forced { get; init; }
}

/// <summary>Limits of an episode.</summary>
/// <param name="Turns">Turns of the actor; at the last the episode ends, whatever its state.</param>
/// <param name="TokensPerTurn">Tokens that a turn may have.</param>
/// <param name="Context">Tokens that the whole episode may have.</param>
public sealed record Budget(int Turns = 8, int TokensPerTurn = 240, int Context = int.MaxValue);
