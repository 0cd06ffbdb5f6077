namespace Reverie.Training;

/// <summary>One data set of a mixture.</summary>
/// <param name="Data">The documents; its name is the source's name and must be unique in the mixture.</param>
/// <param name="Weight">Its share of the tokens, in proportion to the other weights; 0 leaves it out.</param>
public sealed record MixtureSource(TokenDataset Data, double Weight);
