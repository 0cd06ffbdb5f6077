namespace Reverie.Models;

/// <summary>
/// What a reply may say, token by token; the state of one request. The engine calls it from the one thread that steps, in turn: what
/// may come, what came. It never sees reasoning between <c>&lt;think&gt;</c> and <c>&lt;/think&gt;</c>, which is free.
/// </summary>
public interface ITokenConstraint
{
    /// <summary>Sets the tokens that may come next; stop tokens are the caller's, see <see cref="MayEnd"/>.</summary>
    /// <param name="allowed">A bit for each id of the vocabulary, in words of 64; all of them cleared.</param>
    void Allow(Span<ulong> allowed);

    /// <summary>Whether the reply may end here.</summary>
    bool MayEnd { get; }

    /// <summary>Takes the token that was chosen (never a stop token).</summary>
    void Accept(int token);
}
