namespace Reverie.Training;

/// <summary>Tokens in arrays.</summary>
internal sealed class TokensInMemory(int[] tokens, bool[] fromAssistant) : ITokenStorage
{
    public void ReadTokens(long position, Span<int> destination) =>
        tokens.AsSpan(checked((int)position), destination.Length).CopyTo(destination);

    public void ReadFromAssistant(long position, Span<bool> destination) =>
        fromAssistant.AsSpan(checked((int)position), destination.Length).CopyTo(destination);

    public void Dispose() { }
}
