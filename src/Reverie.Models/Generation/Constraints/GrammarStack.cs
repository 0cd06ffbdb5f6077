namespace Reverie.Models;

/// <summary>Where a reader goes on when its rule ends, and what is below that.</summary>
/// <param name="Return">The position.</param>
/// <param name="Count">How often the repetition there was entered; 0 for a call.</param>
/// <param name="Below">The stacks below.</param>
internal readonly record struct GrammarFrame(int Return, int Count, GrammarStack Below);

/// <summary>
/// A set of stacks, as a trie from their tops: stacks with one top share it, and equal sets are one object while the
/// <see cref="Recognizer"/> remembers them. So ambiguity that would make ever more stacks costs little.
/// </summary>
internal sealed class GrammarStack : IEquatable<GrammarStack>
{
    private readonly int _hash;

    /// <summary>Makes a set.</summary>
    /// <param name="frames">The tops, sorted by position and count, each there once.</param>
    /// <param name="hasBottom">Whether the empty stack is in it.</param>
    /// <param name="hasUnknown">Whether the stack of which nothing is known is in it.</param>
    public GrammarStack(GrammarFrame[] frames, bool hasBottom = false, bool hasUnknown = false)
    {
        (Frames, HasBottom, HasUnknown) = (frames, hasBottom, hasUnknown);
        var hash = new HashCode();
        foreach (GrammarFrame frame in frames)
        {
            hash.Add(frame.Return);
            hash.Add(frame.Count);
            hash.Add(frame.Below._hash);
        }

        hash.Add(hasBottom);
        hash.Add(hasUnknown);
        _hash = hash.ToHashCode();
    }

    /// <summary>The empty stack.</summary>
    public static GrammarStack Bottom { get; } = new([], hasBottom: true);

    /// <summary>A stack of which nothing is known: what a token does down to it does not depend on what is there.</summary>
    public static GrammarStack Unknown { get; } = new([], hasUnknown: true);

    /// <summary>The tops.</summary>
    public GrammarFrame[] Frames { get; }

    /// <summary>Whether the empty stack is in it.</summary>
    public bool HasBottom { get; }

    /// <summary>Whether <see cref="Unknown"/> is in it.</summary>
    public bool HasUnknown { get; }

    /// <inheritdoc/>
    public bool Equals(GrammarStack? other)
    {
        if (ReferenceEquals(this, other)) return true;
        if (other is null || _hash != other._hash || HasBottom != other.HasBottom || HasUnknown != other.HasUnknown || Frames.Length != other.Frames.Length) return false;
        for (int i = 0; i < Frames.Length; i++)
        {
            GrammarFrame one = Frames[i], two = other.Frames[i];
            if (one.Return != two.Return || one.Count != two.Count || !ReferenceEquals(one.Below, two.Below)) return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GrammarStack);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;
}
