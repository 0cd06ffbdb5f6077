using System.Globalization;
using System.Text;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>Reads llama.cpp's GBNF.</summary>
internal sealed class GrammarParser
{
    private readonly string _text;
    private readonly GrammarRules _rules = new();
    private readonly Dictionary<string, int> _names = [];
    private readonly Dictionary<int, int> _firstUse = [];
    private int _at;

    private GrammarParser(string text) => _text = text;

    /// <summary>Reads a grammar.</summary>
    /// <exception cref="ReverieException">It is none.</exception>
    public static Grammar Parse(string text, string root)
    {
        if (text.Length > Grammar.MaximumTextLength) throw new ReverieException($"The grammar has {text.Length} characters; at most {Grammar.MaximumTextLength} are read. Make it smaller.");
        return new GrammarParser(text).Read(root);
    }

    private Grammar Read(string root)
    {
        SkipSpace(lines: true);
        while (_at < _text.Length)
        {
            int nameAt = _at;
            string name = ReadName();
            int rule = RuleOf(name);
            SkipSpace(lines: false);
            if (!TryTake("::=")) throw Fault("'::=' is expected after the name of a rule");
            if (_rules.HasBody(rule)) throw Fault($"rule '{name}' is there twice", nameAt);
            SkipSpace(lines: true);
            _rules[rule] = ReadAlternatives(0);
            if (_at < _text.Length && _text[_at] is not ('\n' or '\r')) throw Fault($"{Shown()} is not expected here");
            SkipSpace(lines: true);
        }

        foreach ((int rule, int at) in _firstUse)
            if (!_rules.HasBody(rule)) throw Fault($"rule '{_rules.Name(rule)}' is used but nowhere defined", at);
        if (!_names.TryGetValue(root, out int start)) throw new ReverieException($"The grammar has no rule '{root}', with which a reply begins. Add one: {root} ::= ...");
        var grammar = new Grammar(_rules, start);
        for (int rule = 0; rule < _rules.Count; rule++)
        {
            GrammarAutomaton automaton = grammar.Spelled;
            if (!automaton.IsProductive[automaton.Starts[rule]]) throw new ReverieException($"Rule '{_rules.Name(rule)}' of the grammar never ends. Give it an alternative that does.");
        }

        return grammar;
    }

    private GrammarNode ReadAlternatives(int depth)
    {
        if (depth > Grammar.MaximumDepth) throw Fault($"parentheses nest deeper than {Grammar.MaximumDepth}");
        var alternatives = new List<GrammarNode> { ReadSequence(depth) };
        while (TryTake("|"))
        {
            SkipSpace(lines: true);
            alternatives.Add(ReadSequence(depth));
        }

        return GrammarNode.Any([.. alternatives]);
    }

    private GrammarNode ReadSequence(int depth)
    {
        var parts = new List<GrammarNode>();
        while (_at < _text.Length && ReadElement(depth) is { } element)
        {
            parts.Add(element);
            SkipSpace(lines: depth > 0);
            while (_at < _text.Length && ReadCount() is var (minimum, maximum))
            {
                parts[^1] = new GrammarNode.Repeat(parts[^1], minimum, maximum);
                SkipSpace(lines: depth > 0);
                if (parts.Count > 0 && NestedRepeats(parts[^1]) > Grammar.MaximumDepth) throw Fault("too many repetitions of repetitions");
            }
        }

        return GrammarNode.Concat([.. parts]);
    }

    private static int NestedRepeats(GrammarNode node)
    {
        int count = 0;
        while (node is GrammarNode.Repeat repeat && count <= Grammar.MaximumDepth) (node, count) = (repeat.Body, count + 1);
        return count;
    }

    private GrammarNode? ReadElement(int depth)
    {
        switch (_text[_at])
        {
            case '"':
                _at++;
                var literal = new StringBuilder();
                while (!TryTake("\"")) literal.Append(ReadRune("a text in quotation marks"));
                return GrammarNode.Literal(literal.ToString());
            case '[':
                return ReadCharacters();
            case '.':
                _at++;
                return new GrammarNode.Characters(CodePointSet.All);
            case '(':
                _at++;
                SkipSpace(lines: true);
                GrammarNode inner = ReadAlternatives(depth + 1);
                if (!TryTake(")")) throw Fault("a parenthesis is not closed");
                return inner;
            case '<':
                int end = _text.AsSpan(_at).IndexOfAny('>', '\n');
                if (end < 2 || _text[_at + end] == '\n' || _text[_at + 1] == '[') throw Fault("a special token is written by its text, as <tool_call>");
                _at += end + 1;
                return new GrammarNode.Tag(_text[(_at - end - 1).._at]);
            case char c when IsNameCharacter(c):
                int start = _at;
                int rule = RuleOf(ReadName());
                _firstUse.TryAdd(rule, start);
                return new GrammarNode.Reference(rule);
            default:
                return null;
        }
    }

    private GrammarNode.Characters ReadCharacters()
    {
        _at++;
        bool isComplement = TryTake("^");
        var ranges = new List<(int, int)>();
        while (!TryTake("]"))
        {
            int first = ReadRune("a set in brackets").Value, last = first;
            if (_at + 1 < _text.Length && _text[_at] == '-' && _text[_at + 1] != ']')
            {
                _at++;
                last = ReadRune("a set in brackets").Value;
                if (last < first) throw Fault("a range of characters ends before it begins");
            }

            ranges.Add((first, last));
        }

        CodePointSet set = CodePointSet.Of(ranges);
        return new GrammarNode.Characters(isComplement ? set.Complement() : set);
    }

    private (int Minimum, int Maximum)? ReadCount()
    {
        switch (_text[_at])
        {
            case '*': _at++; return (0, int.MaxValue);
            case '+': _at++; return (1, int.MaxValue);
            case '?': _at++; return (0, 1);
            case '{': _at++; break;
            default: return null;
        }

        int? minimum = ReadNumber(), maximum = minimum;
        if (TryTake(",")) maximum = ReadNumber() ?? int.MaxValue;
        if (!TryTake("}") || (minimum ?? maximum) is null) throw Fault("a repetition is written {m}, {m,} or {m,n}");
        if (maximum < (minimum ?? 0)) throw Fault("a repetition's maximum is below its minimum");
        return (minimum ?? 0, maximum!.Value);
    }

    private int? ReadNumber()
    {
        SkipSpace(lines: false);
        int start = _at;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at])) _at++;
        if (start == _at) return null;
        int? number = int.TryParse(_text.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value < int.MaxValue ? value : throw Fault("a number of repetitions is too large", start);
        SkipSpace(lines: false);
        return number;
    }

    private Rune ReadRune(string inside)
    {
        if (_at >= _text.Length || _text[_at] is '\n') throw Fault($"{inside} is not closed");
        if (_text[_at] != '\\')
        {
            if (!Rune.TryGetRuneAt(_text, _at, out Rune rune)) throw Fault("half of a surrogate pair is no character");
            _at += rune.Utf16SequenceLength;
            return rune;
        }

        char escape = ++_at < _text.Length ? _text[_at++] : throw Fault("an escape is cut off");
        int digits = escape switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits == 0)
        {
            return new Rune(escape switch
            {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                '\\' or '"' or '[' or ']' or '-' or '^' => escape,
                _ => throw Fault($"the escape \\{(char.IsControl(escape) || char.IsSurrogate(escape) ? "" : escape)} is not known", _at - 2),
            });
        }

        if (_at + digits > _text.Length || !uint.TryParse(_text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value) || !Rune.IsValid(value))
            throw Fault($"\\{escape} needs {digits} hexadecimal digits of a character", _at - 2);
        _at += digits;
        return new Rune(value);
    }

    private string ReadName()
    {
        int start = _at;
        while (_at < _text.Length && IsNameCharacter(_text[_at])) _at++;
        return _at > start ? _text[start.._at] : throw Fault($"the name of a rule is expected, not {Shown()}");
    }

    private int RuleOf(string name)
    {
        if (!_names.TryGetValue(name, out int rule)) _names[name] = rule = _rules.Add(name);
        return rule;
    }

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';

    private bool TryTake(string expected)
    {
        if (string.CompareOrdinal(_text, _at, expected, 0, expected.Length) != 0) return false;
        _at += expected.Length;
        return true;
    }

    private void SkipSpace(bool lines)
    {
        while (_at < _text.Length)
        {
            char c = _text[_at];
            if (c == '#')
            {
                while (_at < _text.Length && _text[_at] is not ('\n' or '\r')) _at++;
            }
            else if (c is ' ' or '\t' || (lines && c is '\n' or '\r'))
            {
                _at++;
            }
            else
            {
                return;
            }
        }
    }

    private string Shown() => _at >= _text.Length ? "the end" : char.IsControl(_text[_at]) || char.IsSurrogate(_text[_at]) ? $"U+{(int)_text[_at]:X4}" : $"'{_text[_at]}'";

    private ReverieException Fault(string what, int? at = null)
    {
        int position = Math.Min(at ?? _at, _text.Length), line = _text.AsSpan(0, position).Count('\n') + 1;
        int column = position - _text.AsSpan(0, position).LastIndexOf('\n');
        return new ReverieException($"The grammar cannot be read: line {line}, column {column}: {what}. Correct it there.");
    }
}
