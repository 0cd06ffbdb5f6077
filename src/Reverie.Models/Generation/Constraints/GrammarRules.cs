using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>The rules of a grammar while it is made: each has a number before it has a body, so that it can name itself.</summary>
internal sealed class GrammarRules
{
    private readonly List<(string Name, GrammarNode? Body)> _rules = [];

    /// <summary>The rule that reads keys of JSON objects which nobody named; null where there is none.</summary>
    public int? FreeKeys { get; set; }

    /// <summary>How many there are.</summary>
    public int Count => _rules.Count;

    /// <summary>Adds a rule that has no body yet.</summary>
    /// <exception cref="ReverieException">There are too many.</exception>
    public int Add(string name)
    {
        if (_rules.Count == Grammar.MaximumRules) throw new ReverieException($"The grammar needs more than {Grammar.MaximumRules} rules. Make it smaller.");
        _rules.Add((name, null));
        return _rules.Count - 1;
    }

    /// <summary>Adds a rule and refers to it.</summary>
    public GrammarNode Add(string name, GrammarNode body)
    {
        int rule = Add(name);
        this[rule] = body;
        return new GrammarNode.Reference(rule);
    }

    /// <summary>What the rule is called, for messages.</summary>
    public string Name(int rule) => _rules[rule].Name;

    /// <summary>Whether its body is known.</summary>
    public bool HasBody(int rule) => _rules[rule].Body is not null;

    /// <summary>What it says.</summary>
    public GrammarNode this[int rule]
    {
        get => _rules[rule].Body!;
        set => _rules[rule] = (_rules[rule].Name, value);
    }
}
