namespace Reverie.Models;

/// <summary>
/// Keys and values that outlive a request, for the next one that begins with the same tokens: the turns of a conversation.
/// Only a cache: the generator takes the memory back when it is short of it, and results never depend on it.
/// Made by <see cref="Generator.OpenPrefix"/>.
/// </summary>
public sealed class CachedPrefix : IDisposable
{
    private readonly Generator _generator;

    internal CachedPrefix(Generator generator) => _generator = generator;

    /// <summary>Number of tokens whose keys and values are there.</summary>
    public int TokenCount => Tokens.Length;

    internal int[] Tokens { get; set; } = [];

    internal int[] Pages { get; set; } = [];

    /// <summary>The request that uses the pages now.</summary>
    internal Generation? User { get; set; }

    internal long LastUsed { get; set; }

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => _generator.Close(this);
}
