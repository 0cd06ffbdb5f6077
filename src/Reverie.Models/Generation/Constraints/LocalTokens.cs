namespace Reverie.Models;

/// <summary>What tokens do at one position, whatever is deeper on the stack.</summary>
/// <param name="Allowed">Tokens that fit in any case.</param>
/// <param name="Dependent">Tokens, as indices into <see cref="TokenTrie.Tokens"/>, in order, of which the deeper stack decides. All others do not fit.</param>
/// <param name="Work">What finding them takes, in ways followed: the same however much of it was known before.</param>
internal sealed record LocalTokens(TokenMask Allowed, int[] Dependent, long Work);
