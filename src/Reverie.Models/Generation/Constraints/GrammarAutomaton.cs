using System.Text;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// A grammar as a pushdown automaton over bytes and special tokens: positions with steps, and rules that call one another. A call at the
/// end of a rule takes the rule's place, so that lists make no stack.
/// </summary>
internal sealed class GrammarAutomaton
{
    private const string Unproductive = "The grammar allows no finite text at all: each way through it comes to a rule that never ends, to a choice of nothing, or to bytes that the tokenizer cannot write. Give it one that ends.";

    // A body repeated up to so often is written out: fewer things on the stack, and states that more texts share.
    private const int MostUnrolled = 8;

    private readonly List<GrammarPosition> _positions = [];
    private readonly List<int> _owners = [];
    private readonly List<int> _starts = [];
    private readonly List<GrammarNode> _bodies = [];
    private readonly List<int> _names = [];
    private readonly Dictionary<ByteEdge[], int> _shared = new(new SameEdges());
    private readonly Func<string, int?> _tagId;
    private readonly bool[]? _isWritable;
    private readonly List<int> _free = [];
    private int _rule;

    /// <summary>Compiles a grammar.</summary>
    /// <param name="grammar">The grammar.</param>
    /// <param name="tagId">The special token with a text; null where there is none and the letters stand for it.</param>
    /// <param name="isWritable">Which bytes can be written at all; null where all can.</param>
    /// <param name="mayBeginWithSpace">Whether a space may stand before all.</param>
    /// <exception cref="ReverieException">The grammar is too large, matches nothing, or has a rule that begins with itself.</exception>
    public GrammarAutomaton(Grammar grammar, Func<string, int?> tagId, bool[]? isWritable = null, bool mayBeginWithSpace = false)
    {
        GrammarRules rules = grammar.Rules;
        (_tagId, _isWritable) = (tagId, isWritable?.Contains(false) == true ? isWritable : null);
        Add(new GrammarPosition(PositionKind.End));
        for (int rule = 0; rule < rules.Count; rule++) AddRule(rules[rule], rule);
        int repeated = rules.Count;
        for (_rule = 0; _rule < _bodies.Count; _rule++) _starts[_rule] = Compile(_bodies[_rule], 0, mayJump: _rule < repeated, 0);
        Starts = [.. _starts];
        Root = Starts[grammar.Root];
        if (mayBeginWithSpace) Root = Split(AddEdges([new ByteEdge((byte)' ', (byte)' ', Root)]), Root);
        Positions = [.. _positions];
        var analysis = new GrammarAnalysis(this);
        (IsProductive, IsNullable) = (analysis.Productive, analysis.Nullable);
        if (!IsProductive[Root]) throw new ReverieException(Unproductive);
        if (analysis.FindLeftRecursion() is { } found) throw new ReverieException(SchemaPlace.OneLine($"Rule '{rules.Name(_names[_owners[found]])}' calls itself before it reads anything. Write the repetition with * or put the call last."));
        CheckEmptyRepeats(analysis, rules);
        (Classes, Representatives) = FindClasses();
        IsFreeText = new bool[Positions.Length];
        foreach (int position in _free) IsFreeText[position] = true;
        HasFreeKeys = rules.FreeKeys is { } keys && analysis.Reaches(Root, Starts[keys]);
    }

    /// <summary>All positions; the first is the end of any rule.</summary>
    public GrammarPosition[] Positions { get; }

    /// <summary>Where each rule begins.</summary>
    public int[] Starts { get; }

    /// <summary>Where a text begins.</summary>
    public int Root { get; }

    /// <summary>From which positions an end can be reached; the others are never entered.</summary>
    public bool[] IsProductive { get; }

    /// <summary>From which positions the end of their rule can be reached without reading.</summary>
    public bool[] IsNullable { get; }

    /// <summary>Which positions read free text.</summary>
    public bool[] IsFreeText { get; }

    /// <summary>Whether a text may have JSON objects with keys that nobody named.</summary>
    public bool HasFreeKeys { get; }

    /// <summary>The class of each byte: bytes of one class mean the same everywhere.</summary>
    public byte[] Classes { get; }

    /// <summary>A byte of each class.</summary>
    public byte[] Representatives { get; }

    private int AddRule(GrammarNode body, int name)
    {
        _starts.Add(0);
        _bodies.Add(body);
        _names.Add(name);
        return _starts.Count - 1;
    }

    private int Add(GrammarPosition position)
    {
        if (_positions.Count == Grammar.MaximumPositions) throw new ReverieException($"The grammar spells out more than {Grammar.MaximumPositions} positions. Make it smaller: fewer or shorter alternatives.");
        _positions.Add(position);
        _owners.Add(Math.Min(_rule, Math.Max(0, _bodies.Count - 1)));
        return _positions.Count - 1;
    }

    private int AddEdges(ByteEdge[] edges)
    {
        if (_isWritable is not null) edges = [.. edges.SelectMany(e => Enumerable.Range(e.First, e.Last - e.First + 1).Where(b => _isWritable[b]).Select(b => new ByteEdge((byte)b, (byte)b, e.Next)))];
        if (!_shared.TryGetValue(edges, out int position)) _shared[edges] = position = Add(new GrammarPosition(PositionKind.Bytes) { Edges = edges });
        return position;
    }

    private int Split(params int[] alternatives) => Add(new GrammarPosition(PositionKind.Split) { Alternatives = alternatives });

    /// <summary>The position from which <paramref name="node"/> is read, to go on at <paramref name="next"/>.</summary>
    private int Compile(GrammarNode node, int next, bool mayJump, int depth)
    {
        if (depth > 4 * Grammar.MaximumDepth) throw new ReverieException($"The grammar nests deeper than {Grammar.MaximumDepth}. Give inner parts rules of their own.");
        switch (node)
        {
            case GrammarNode.Literals literals:
                return Spell([.. literals.Texts.Distinct(ByteOrder.Instance).Order(ByteOrder.Instance)], 0, next);
            case GrammarNode.Characters { Set.IsEmpty: true }:
                return Split();
            case GrammarNode.Characters characters:
                return AddEdges(Utf8Edges.Of(characters.Set, next, AddEdges));
            case GrammarNode.Sequence sequence:
                for (int i = sequence.Parts.Count - 1; i >= 0; i--) next = Compile(sequence.Parts[i], next, mayJump, depth + 1);
                return next;
            case GrammarNode.Choice choice:
                return Split([.. choice.Alternatives.Select(a => Compile(a, next, mayJump, depth + 1))]);
            case GrammarNode.Reference reference:
                return next == 0 && mayJump
                    ? Add(new GrammarPosition(PositionKind.Jump) { Target = reference.Rule })
                    : Add(new GrammarPosition(PositionKind.Call) { Target = reference.Rule, Next = next });
            case GrammarNode.Tag tag:
                return _tagId(tag.Text) is { } id
                    ? Add(new GrammarPosition(PositionKind.Tag) { Target = id, Next = next })
                    : Spell([Encoding.UTF8.GetBytes(tag.Text)], 0, next);
            case GrammarNode.TextWithout text:
                return CompileFreeText(text, next);
            case GrammarNode.Repeat repeat:
                return CompileRepeat(repeat, next, mayJump, depth);
            default:
                throw new InvalidOperationException($"A node of kind {node.GetType().Name}.");
        }
    }

    private int CompileRepeat(GrammarNode.Repeat repeat, int next, bool mayJump, int depth)
    {
        (GrammarNode body, int minimum, int maximum) = repeat;
        if (maximum == 0) return next;
        bool small = body is GrammarNode.Literals or GrammarNode.Characters or GrammarNode.Reference;
        if (maximum == int.MaxValue && (minimum <= 1 || (minimum <= MostUnrolled && small)))
        {
            int loop = Split(), once = Compile(body, loop, mayJump, depth + 1);
            _positions[loop] = _positions[loop] with { Alternatives = [once, next] };
            if (minimum == 0) return loop;
            for (int i = 1; i < minimum; i++) once = Compile(body, once, mayJump, depth + 1);
            return once;
        }

        if (maximum == 1 || (maximum <= MostUnrolled && small))
        {
            int last = next;
            for (int i = maximum; i > 0; i--)
            {
                last = Compile(body, last, mayJump, depth + 1);
                if (i > minimum) last = Split(last, next);
            }

            return last;
        }

        return Add(new GrammarPosition(PositionKind.Repeat) { Target = AddRule(body, _names[_rule]), Next = next, Minimum = minimum, Maximum = maximum });
    }

    /// <summary>Reads one of several sorted texts that are alike up to <paramref name="from"/>.</summary>
    private int Spell(ReadOnlySpan<byte[]> texts, int from, int next)
    {
        int common = texts[0].AsSpan(from).CommonPrefixLength(texts[^1].AsSpan(from)) + from;
        var edges = new List<ByteEdge>();
        bool endsHere = texts[0].Length == common;
        for (int i = endsHere ? 1 : 0; i < texts.Length;)
        {
            byte value = texts[i][common];
            int end = i + 1;
            while (end < texts.Length && texts[end][common] == value) end++;
            edges.Add(new ByteEdge(value, value, Spell(texts[i..end], common + 1, next)));
            i = end;
        }

        int position = edges.Count == 0 ? next : AddEdges([.. edges]);
        if (endsHere && edges.Count > 0) position = Split(position, next);
        for (int i = common - 1; i >= from; i--) position = AddEdges([new ByteEdge(texts[0][i], texts[0][i], position)]);
        return position;
    }

    /// <summary>Aho and Corasick's automaton of the tags, without the steps that complete one; it may be left everywhere.</summary>
    private int CompileFreeText(GrammarNode.TextWithout text, int next)
    {
        byte[][] tags = [.. text.Tags.Select(Encoding.UTF8.GetBytes)];
        byte[][] seen = [.. tags.SelectMany(t => Enumerable.Range(0, t.Length).Select(n => t[..n])).Distinct(ByteOrder.Instance).Order(ByteOrder.Instance)];
        int[] splits = [.. seen.Select(_ => Split())];
        byte[] letters = [.. tags.SelectMany(t => t).Distinct().Order()];
        for (int i = 0; i < seen.Length; i++)
        {
            var edges = new List<ByteEdge>();
            int free = 0;
            foreach (byte value in letters)
            {
                // Bytes of no tag begin anew.
                if (value > free) edges.Add(new ByteEdge((byte)free, (byte)(value - 1), splits[0]));
                free = value + 1;
                byte[] now = [.. seen[i], value];
                if (tags.Any(t => now.AsSpan().EndsWith(t))) continue;
                int from = 0, state;
                while ((state = Array.FindIndex(seen, s => s.AsSpan().SequenceEqual(now.AsSpan(from)))) < 0) from++;
                edges.Add(new ByteEdge(value, value, splits[state]));
            }

            if (free < 256) edges.Add(new ByteEdge((byte)free, 255, splits[0]));
            _free.Add(AddEdges([.. edges]));
            _positions[splits[i]] = _positions[splits[i]] with { Alternatives = [_free[^1], next] };
        }

        return splits[0];
    }

    /// <summary>What may be empty and is counted would be tried once for each number.</summary>
    private void CheckEmptyRepeats(GrammarAnalysis analysis, GrammarRules rules)
    {
        for (int i = 0; i < Positions.Length; i++)
        {
            GrammarPosition position = Positions[i];
            if (position.Kind != PositionKind.Repeat || !analysis.Nullable[Starts[position.Target]]) continue;
            if (position.Minimum > 64 || position.Maximum is > 64 and < int.MaxValue)
                throw new ReverieException(SchemaPlace.OneLine($"Rule '{rules.Name(_names[_owners[i]])}' repeats something that may be empty more than 64 times. Use * instead of the numbers."));
        }
    }

    private (byte[] Classes, byte[] Representatives) FindClasses()
    {
        bool[] begins = new bool[257];
        begins[0] = true;
        foreach (GrammarPosition position in Positions)
        {
            foreach (ByteEdge edge in position.Edges ?? []) begins[edge.First] = begins[edge.Last + 1] = true;
        }

        byte[] classes = new byte[256];
        var representatives = new List<byte>();
        for (int value = 0; value < 256; value++)
        {
            if (begins[value]) representatives.Add((byte)value);
            classes[value] = (byte)(representatives.Count - 1);
        }

        return (classes, [.. representatives]);
    }

    private sealed class SameEdges : IEqualityComparer<ByteEdge[]>
    {
        public bool Equals(ByteEdge[]? x, ByteEdge[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(ByteEdge[] edges)
        {
            var hash = new HashCode();
            foreach (ByteEdge edge in edges) hash.Add(edge);
            return hash.ToHashCode();
        }
    }
}
