namespace Reverie.Models;

/// <summary>What one stage did to a model.</summary>
/// <param name="Stage">Its name, e.g. <c>pretrain</c>.</param>
/// <param name="Steps">Optimizer steps.</param>
/// <param name="Tokens">Tokens that were learned from.</param>
/// <param name="Seed">The seed of all its random draws.</param>
/// <param name="Data">Sources by name, each with the hash of its manifest (or the generator's version).</param>
/// <param name="Seconds">Wall-clock time.</param>
public sealed record StageRecord(string Stage, long Steps, long Tokens, ulong Seed, IReadOnlyDictionary<string, string> Data, double Seconds);
