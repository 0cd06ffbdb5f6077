namespace Reverie.Models;

/// <summary>What can happen at a position of a <see cref="GrammarAutomaton"/>.</summary>
internal enum PositionKind : byte
{
    /// <summary>The rule ends: the reader goes back to who called it.</summary>
    End,

    /// <summary>A byte is read.</summary>
    Bytes,

    /// <summary>A special token is read.</summary>
    Tag,

    /// <summary>One of several positions comes next.</summary>
    Split,

    /// <summary>Another rule takes this one's place.</summary>
    Jump,

    /// <summary>A rule is called.</summary>
    Call,

    /// <summary>A rule is called a counted number of times.</summary>
    Repeat,
}

/// <summary>A step over one of a range of bytes.</summary>
internal readonly record struct ByteEdge(byte First, byte Last, int Next);

/// <summary>A place in a grammar between two bytes.</summary>
internal readonly record struct GrammarPosition(PositionKind Kind)
{
    /// <summary>Where it goes on, after the tag, the call or the repetition.</summary>
    public int Next { get; init; }

    /// <summary>The rule that is called, or the id of the tag.</summary>
    public int Target { get; init; }

    /// <summary>The fewest calls.</summary>
    public int Minimum { get; init; }

    /// <summary>The most; <see cref="int.MaxValue"/> is without end.</summary>
    public int Maximum { get; init; }

    /// <summary>The bytes, sorted and disjoint.</summary>
    public ByteEdge[]? Edges { get; init; }

    /// <summary>The positions of a split.</summary>
    public int[]? Alternatives { get; init; }
}
