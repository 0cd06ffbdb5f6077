namespace Reverie.Training;

/// <summary>Where the tokens of a data set are: memory or shards on disk. Positions count tokens over the whole set.</summary>
internal interface ITokenStorage : IDisposable
{
    /// <summary>Copies the tokens from <paramref name="position"/> on; they all belong to one document.</summary>
    void ReadTokens(long position, Span<int> tokens);

    /// <summary>Copies whether the assistant wrote each token from <paramref name="position"/> on; they all belong to one document.</summary>
    void ReadFromAssistant(long position, Span<bool> fromAssistant);
}
