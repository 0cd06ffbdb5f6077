namespace Reverie.Training;

/// <summary>Where one source of a mixture stands.</summary>
/// <param name="Name">The data set's name.</param>
/// <param name="Hash">The data set's hash.</param>
/// <param name="Epoch">How often it has been read to the end.</param>
/// <param name="Position">Pieces read in this epoch.</param>
/// <param name="Tokens">Input tokens read since the start.</param>
public sealed record MixtureSourceState(string Name, string Hash, int Epoch, int Position, long Tokens);
