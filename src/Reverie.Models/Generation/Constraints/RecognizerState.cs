namespace Reverie.Models;

/// <summary>A position that reads, and the stacks below it.</summary>
internal readonly record struct GrammarItem(int Position, GrammarStack Stack);

/// <summary>All that a <see cref="Recognizer"/> knows after some bytes: every way in which the grammar may have read them. Equal ones are one object while it remembers them.</summary>
internal sealed class RecognizerState : IEquatable<RecognizerState>
{
    private readonly int _hash;

    /// <summary>Makes a state.</summary>
    /// <param name="items">Sorted by position, each there once.</param>
    /// <param name="isAccepting">Whether the text may end.</param>
    /// <param name="reachesUnknown">Whether a way goes on in <see cref="GrammarStack.Unknown"/>.</param>
    public RecognizerState(GrammarItem[] items, bool isAccepting, bool reachesUnknown)
    {
        (Items, IsAccepting, ReachesUnknown) = (items, isAccepting, reachesUnknown);
        var hash = new HashCode();
        foreach (GrammarItem item in items)
        {
            hash.Add(item.Position);
            hash.Add(item.Stack);
        }

        hash.Add(isAccepting);
        hash.Add(reachesUnknown);
        _hash = hash.ToHashCode();
    }

    /// <summary>No way is left.</summary>
    public static RecognizerState Dead { get; } = new([], false, false);

    /// <summary>The ways that go on.</summary>
    public GrammarItem[] Items { get; }

    /// <summary>Whether the text may end.</summary>
    public bool IsAccepting { get; }

    /// <summary>Whether a way goes on in <see cref="GrammarStack.Unknown"/>.</summary>
    public bool ReachesUnknown { get; }

    /// <summary>Whether no way is left.</summary>
    public bool IsDead => Items.Length == 0 && !IsAccepting && !ReachesUnknown;

    /// <summary>What follows for each class of bytes, where it is known.</summary>
    public RecognizerState?[]? Next { get; set; }

    /// <summary>The tokens that may come next, where they are known.</summary>
    public TokenMask? Mask { get; set; }

    /// <summary>What tokens do down to the unknown stack, for a state that has one, where it is known.</summary>
    public LocalTokens? Local { get; set; }

    /// <inheritdoc/>
    public bool Equals(RecognizerState? other)
    {
        if (ReferenceEquals(this, other)) return true;
        if (other is null || _hash != other._hash || IsAccepting != other.IsAccepting || ReachesUnknown != other.ReachesUnknown || Items.Length != other.Items.Length) return false;
        for (int i = 0; i < Items.Length; i++)
            if (Items[i].Position != other.Items[i].Position || !ReferenceEquals(Items[i].Stack, other.Items[i].Stack)) return false;
        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RecognizerState);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;
}
