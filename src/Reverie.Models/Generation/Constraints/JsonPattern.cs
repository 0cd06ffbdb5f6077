using System.Globalization;
using System.Text;
using Reverie.Tensors;
using static Reverie.Models.GrammarNode;

namespace Reverie.Models;

/// <summary>
/// A regular expression (ECMA-262's, the part that is regular) as a grammar of what stands between a JSON string's quotation marks:
/// characters, classes, groups, alternatives, counts, and ^ and $ at the ends of an alternative of the whole.
/// </summary>
/// <param name="Node">The content, each character in one spelling.</param>
/// <param name="Shortest">Its fewest characters.</param>
/// <param name="Longest">Its most.</param>
internal readonly record struct JsonPattern(GrammarNode Node, long Shortest, long Longest)
{
    private static readonly JsonPattern _anything = new(new Repeat(JsonRules.Spelled(CodePointSet.All), 0, int.MaxValue), 0, int.MaxValue);

    /// <summary>Reads a pattern.</summary>
    /// <param name="pattern">The expression.</param>
    /// <param name="fault">Makes the failure from what is wrong.</param>
    /// <exception cref="ReverieException">It is not one, or not regular.</exception>
    public static JsonPattern Parse(string pattern, Func<string, ReverieException> fault) => new Reader(pattern, fault).ReadAll();

    private static JsonPattern Either(List<JsonPattern> ways) =>
        new(Any([.. ways.Select(w => w.Node)]), ways.Min(w => w.Shortest), ways.Max(w => w.Longest));

    private static JsonPattern Sequence(List<JsonPattern> parts) =>
        new(Concat([.. parts.Select(p => p.Node)]), Sum(parts.Select(p => p.Shortest)), Sum(parts.Select(p => p.Longest)));

    private static long Sum(IEnumerable<long> lengths) => lengths.Aggregate(0L, (a, b) => Math.Min(a + b, int.MaxValue));

    private sealed class Reader(string pattern, Func<string, ReverieException> fault)
    {
        private static readonly CodePointSet _digits = CodePointSet.Of(('0', '9'));
        private static readonly CodePointSet _word = CodePointSet.Of(('0', '9'), ('A', 'Z'), ('a', 'z'), ('_', '_'));
        private static readonly CodePointSet _space = CodePointSet.Of((9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF));
        private static readonly CodePointSet _lineEnds = CodePointSet.Of("\n\r\u2028\u2029");
        private int _at;

        public JsonPattern ReadAll()
        {
            if (pattern.Length > Grammar.MaximumTextLength / 16) throw fault($"is longer than {Grammar.MaximumTextLength / 16} characters. Make it shorter.");
            var ways = new List<JsonPattern>();
            do
            {
                bool begins = TryTake('^');
                JsonPattern inner = ReadSequence(0, out bool ends);
                ways.Add(Sequence([begins ? Sequence([]) : _anything, inner, ends ? Sequence([]) : _anything]));
            }
            while (TryTake('|'));
            if (_at < pattern.Length) throw Unexpected();
            return Either(ways);
        }

        private JsonPattern ReadSequence(int depth, out bool ends)
        {
            if (depth > Grammar.MaximumDepth / 2) throw fault($"has groups deeper than {Grammar.MaximumDepth / 2}. Make it simpler.");
            var parts = new List<JsonPattern>();
            ends = false;
            while (_at < pattern.Length && pattern[_at] is not ('|' or ')'))
            {
                if (depth == 0 && pattern[_at] == '$' && (_at + 1 == pattern.Length || pattern[_at + 1] == '|'))
                {
                    _at++;
                    ends = true;
                    break;
                }

                JsonPattern atom = ReadAtom(depth);
                if (ReadCount() is var (least, most))
                {
                    atom = new JsonPattern(new Repeat(atom.Node, least, most), Times(atom.Shortest, least), Times(atom.Longest, most));
                    if (_at < pattern.Length && pattern[_at] is '*' or '+' or '?' or '{') throw fault($"repeats a repetition at character {_at + 1}, which is no regular expression. Put the inner one into a group.");
                }

                parts.Add(atom);
            }

            return Sequence(parts);
        }

        private static long Times(long length, int count) => length == 0 ? 0 : Math.Min(length * count, int.MaxValue);

        private JsonPattern ReadAtom(int depth)
        {
            char c = pattern[_at];
            switch (c)
            {
                case '(':
                    _at++;
                    if (TryTake('?') && !TryTake(':')) throw fault("has a group that begins with (?, which is not enforced: only (?:...) is. Write it without looking ahead, names or flags.");
                    var ways = new List<JsonPattern> { ReadSequence(depth + 1, out _) };
                    while (TryTake('|')) ways.Add(ReadSequence(depth + 1, out _));
                    return TryTake(')') ? Either(ways) : throw fault("has a group that is not closed.");
                case '[':
                    _at++;
                    return One(ReadSet());
                case '.':
                    _at++;
                    return One(_lineEnds.Complement());
                case '\\':
                    return One(ReadEscape(inSet: false));
                case '^' or '$':
                    throw fault($"has {c} inside, at character {_at + 1}. It is enforced only at the beginning or the end of a whole alternative.");
                case '*' or '+' or '?' or '{' or '}' or ']':
                    throw Unexpected();
                default:
                    int value = ReadRune();
                    return One(CodePointSet.Of((value, value)));
            }
        }

        private int ReadRune()
        {
            if (!Rune.TryGetRuneAt(pattern, _at, out Rune rune)) throw fault("has half of a surrogate pair.");
            _at += rune.Utf16SequenceLength;
            return rune.Value;
        }

        private static JsonPattern One(CodePointSet set) => new(JsonRules.Spelled(set), 1, 1);

        private CodePointSet ReadSet()
        {
            bool isComplement = TryTake('^');
            CodePointSet set = CodePointSet.None;
            while (!TryTake(']'))
            {
                CodePointSet first = ReadMember();
                if (_at + 1 < pattern.Length && pattern[_at] == '-' && pattern[_at + 1] != ']')
                {
                    _at++;
                    CodePointSet last = ReadMember();
                    if (!IsSingle(first) || !IsSingle(last) || last.Ranges[0].First < first.Ranges[0].First) throw fault("has a range of characters in brackets that is none.");
                    first = CodePointSet.Of((first.Ranges[0].First, last.Ranges[0].First));
                }

                set = set.Union(first);
            }

            return isComplement ? set.Complement() : set;
        }

        private static bool IsSingle(CodePointSet set) => set.Ranges.Count == 1 && set.Ranges[0].First == set.Ranges[0].Last;

        private CodePointSet ReadMember()
        {
            if (_at >= pattern.Length) throw fault("has brackets that are not closed.");
            if (pattern[_at] == '\\') return ReadEscape(inSet: true);
            int value = ReadRune();
            return CodePointSet.Of((value, value));
        }

        private CodePointSet ReadEscape(bool inSet)
        {
            if (++_at >= pattern.Length) throw fault("ends in a backslash.");
            char c = pattern[_at++];
            switch (c)
            {
                case 'd': return _digits;
                case 'D': return _digits.Complement();
                case 'w': return _word;
                case 'W': return _word.Complement();
                case 's': return _space;
                case 'S': return _space.Complement();
                case 't' or 'n' or 'v' or 'f' or 'r': return Single("tnvfr".IndexOf(c) switch { 0 => 9, 1 => 10, 2 => 11, 3 => 12, _ => 13 });
                case 'b' when inSet: return Single(8);
                case '0' when _at >= pattern.Length || !char.IsAsciiDigit(pattern[_at]): return Single(0);
                case 'x': return Single(ReadHex(2));
                case 'u' when _at < pattern.Length && pattern[_at] == '{':
                    int close = pattern.IndexOf('}', _at);
                    if (close is < 0 || close - _at is < 2 or > 7) throw fault("has \\u{...} without one to six hexadecimal digits.");
                    _at++;
                    int value = ReadHex(close - _at);
                    _at++;
                    return Single(value);
                case 'u':
                    int first = ReadHex(4);
                    if (first is < 0xD800 or > 0xDBFF || _at + 6 > pattern.Length || pattern[_at] != '\\' || pattern[_at + 1] != 'u') return Single(first);
                    _at += 2;
                    int second = ReadHex(4);
                    return second is >= 0xDC00 and <= 0xDFFF ? Single(char.ConvertToUtf32((char)first, (char)second)) : throw fault("has half of a surrogate pair.");
                case char other when !char.IsAsciiLetterOrDigit(other) && !char.IsSurrogate(other):
                    return Single(other);
                default:
                    throw fault($"has the escape \\{(char.IsSurrogate(c) ? "" : c)}, which is not enforced. Known are \\d \\w \\s \\D \\W \\S \\t \\n \\r \\f \\v \\xHH \\uHHHH and marks.");
            }
        }

        private CodePointSet Single(int value) => Rune.IsValid(value) ? CodePointSet.Of((value, value)) : throw fault("has half of a surrogate pair.");

        private int ReadHex(int digits)
        {
            if (_at + digits > pattern.Length || !int.TryParse(pattern.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)) throw fault($"has an escape that needs {digits} hexadecimal digits.");
            _at += digits;
            return value;
        }

        private (int Least, int Most)? ReadCount()
        {
            if (_at >= pattern.Length) return null;
            (int, int)? count = pattern[_at] switch { '*' => (0, int.MaxValue), '+' => (1, int.MaxValue), '?' => (0, 1), _ => null };
            if (count is not null) _at++;
            else if (TryTake('{'))
            {
                int least = ReadNumber() ?? throw fault("has { without a number: write {m}, {m,} or {m,n}, or \\{.");
                int most = TryTake(',') ? ReadNumber() ?? int.MaxValue : least;
                if (!TryTake('}') || most < least) throw fault("has a repetition that is none: write {m}, {m,} or {m,n}.");
                count = (least, most);
            }

            // Lazy or not, the language is the same.
            if (count is not null) TryTake('?');
            return count;
        }

        private int? ReadNumber()
        {
            int start = _at;
            while (_at < pattern.Length && char.IsAsciiDigit(pattern[_at])) _at++;
            if (start == _at) return null;
            return int.TryParse(pattern.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value < int.MaxValue ? value : throw fault("has a number of repetitions that is too large.");
        }

        private bool TryTake(char expected)
        {
            if (_at >= pattern.Length || pattern[_at] != expected) return false;
            _at++;
            return true;
        }

        private ReverieException Unexpected() => fault($"has {pattern[_at]} where it means nothing, at character {_at + 1}. Escape it with a backslash.");
    }
}
