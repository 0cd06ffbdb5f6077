namespace Reverie.Training;

/// <summary>Where a <see cref="MixtureReader"/> stands; serialises to JSON as it is.</summary>
/// <param name="Seed">The seed of the order.</param>
/// <param name="SequenceLength">The longest segment.</param>
/// <param name="Sources">Where each source stands, in the order of the mixture.</param>
public sealed record MixtureState(ulong Seed, int SequenceLength, IReadOnlyList<MixtureSourceState> Sources);
