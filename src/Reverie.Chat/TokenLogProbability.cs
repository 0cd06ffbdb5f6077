namespace Reverie.Chat;

/// <summary>A token with its probability under the model's own distribution, before temperature and filters.</summary>
/// <param name="Id">The token.</param>
/// <param name="Bytes">What it stands for; it need not be whole characters.</param>
/// <param name="LogProbability">log p in nats.</param>
/// <param name="Alternatives">The likeliest tokens at its place, best first.</param>
public sealed record TokenLogProbability(int Id, byte[] Bytes, float LogProbability, IReadOnlyList<TokenLogProbability> Alternatives);
