using System.Text;

namespace Reverie.Models;

/// <summary>A part of a grammar: what may stand at one place.</summary>
internal abstract record GrammarNode
{
    /// <summary>Nothing at all: the empty text.</summary>
    public static GrammarNode Empty { get; } = new Sequence([]);

    /// <summary>No text fits, not even the empty one.</summary>
    public static GrammarNode Never { get; } = new Choice([]);

    /// <summary>These characters.</summary>
    public static GrammarNode Literal(string text) => new Literals([Encoding.UTF8.GetBytes(text)]);

    /// <summary>One after the other.</summary>
    public static GrammarNode Concat(params GrammarNode[] parts) => parts is [GrammarNode single] ? single : new Sequence(parts);

    /// <summary>One of them.</summary>
    public static GrammarNode Any(params GrammarNode[] alternatives) => alternatives is [GrammarNode single] ? single : new Choice(alternatives);

    /// <summary>This or nothing.</summary>
    public static GrammarNode Optional(GrammarNode node) => new Repeat(node, 0, 1);

    /// <summary>One of these texts, in bytes.</summary>
    public sealed record Literals(IReadOnlyList<byte[]> Texts) : GrammarNode;

    /// <summary>One character of a set.</summary>
    public sealed record Characters(CodePointSet Set) : GrammarNode;

    /// <summary>All parts, in order.</summary>
    public sealed record Sequence(IReadOnlyList<GrammarNode> Parts) : GrammarNode;

    /// <summary>One of the alternatives.</summary>
    public sealed record Choice(IReadOnlyList<GrammarNode> Alternatives) : GrammarNode;

    /// <summary>From <paramref name="Minimum"/> to <paramref name="Maximum"/> times; <see cref="int.MaxValue"/> is without end.</summary>
    public sealed record Repeat(GrammarNode Body, int Minimum, int Maximum) : GrammarNode;

    /// <summary>What another rule says.</summary>
    public sealed record Reference(int Rule) : GrammarNode;

    /// <summary>A special token by its text; its letters where the tokenizer has none.</summary>
    public sealed record Tag(string Text) : GrammarNode;

    /// <summary>Any bytes in which none of these tags, at least one, is spelled.</summary>
    public sealed record TextWithout(IReadOnlyList<string> Tags) : GrammarNode;
}
