using System.Text;

namespace Reverie.Models.Tests.Generation.Constraints;

/// <summary>Tries a grammar's rules on a text as they are written, over and over until nothing new is found.</summary>
internal sealed class NaiveRecognizer(Grammar grammar)
{
    private readonly Dictionary<(int Rule, int From), HashSet<int>> _ends = [];
    private byte[] _text = [];
    private bool _isNew;

    public bool Matches(string text)
    {
        _text = Encoding.UTF8.GetBytes(text);
        _ends.Clear();
        do
        {
            _isNew = false;
            OfRule(grammar.Root, 0);
            foreach ((int rule, int from) in _ends.Keys.ToArray())
            {
                HashSet<int> ends = _ends[(rule, from)];
                foreach (int end in Ends(grammar.Rules[rule], from)) _isNew |= ends.Add(end);
            }
        }
        while (_isNew);
        return _ends[(grammar.Root, 0)].Contains(_text.Length);
    }

    private HashSet<int> OfRule(int rule, int from)
    {
        if (_ends.TryGetValue((rule, from), out HashSet<int>? known)) return known;
        _isNew = true;
        return _ends[(rule, from)] = [];
    }

    private HashSet<int> Ends(GrammarNode node, int from)
    {
        switch (node)
        {
            case GrammarNode.Literals literals:
                return [.. literals.Texts.Where(t => _text.AsSpan(from).StartsWith(t)).Select(t => from + t.Length)];
            case GrammarNode.Characters characters:
                return Rune.DecodeFromUtf8(_text.AsSpan(from), out Rune rune, out int length) == System.Buffers.OperationStatus.Done && characters.Set.Contains(rune.Value) ? [from + length] : [];
            case GrammarNode.Sequence sequence:
                return sequence.Parts.Aggregate(new HashSet<int> { from }, (ends, part) => [.. ends.SelectMany(e => Ends(part, e))]);
            case GrammarNode.Choice choice:
                return [.. choice.Alternatives.SelectMany(a => Ends(a, from))];
            case GrammarNode.Reference reference:
                return [.. OfRule(reference.Rule, from)];
            case GrammarNode.Repeat repeat:
                // More often than there are bytes left is as good as that often, with nothing in between.
                HashSet<int> ends = repeat.Minimum == 0 ? [from] : [], now = [from];
                for (int i = 1; i <= Math.Min(repeat.Maximum, repeat.Minimum + _text.Length + 1); i++)
                {
                    now = [.. now.SelectMany(e => Ends(repeat.Body, e))];
                    if (i >= repeat.Minimum) ends.UnionWith(now);
                }

                return ends;
            default:
                throw new InvalidOperationException(node.GetType().Name);
        }
    }
}
