namespace Reverie.Models;

/// <summary>A token that could have come.</summary>
/// <param name="Id">The token.</param>
/// <param name="LogProbability">log p in nats under the model's own distribution: the full softmax.</param>
public readonly record struct TokenAlternative(int Id, float LogProbability);
