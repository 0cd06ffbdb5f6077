namespace Reverie.Models;

/// <summary>A token that <see cref="Sampler"/> chose.</summary>
/// <param name="Id">The token.</param>
/// <param name="LogProbability">Its log-probability in nats under the distribution after penalty, temperature and filters; 0 when greedy.</param>
public readonly record struct SampledToken(int Id, float LogProbability);
