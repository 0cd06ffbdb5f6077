using System.Text;
using System.Text.Json;
using static Reverie.Models.GrammarNode;

namespace Reverie.Models;

/// <summary>What any JSON has in common, as rules of a grammar (RFC 8259). White space is one space at most, after a colon or a comma.</summary>
internal sealed class JsonRules
{
    /// <summary>Whole numbers without bounds have at most so many digits: they fit 64 bits.</summary>
    public const int IntegerDigits = 18;

    /// <summary>Digits after a point, at most, where no bound has more.</summary>
    public const int FractionDigits = 18;

    private static readonly CodePointSet _escaped = CodePointSet.Of((0, 0x1F), ('"', '"'), ('\\', '\\'));
    private static readonly GrammarNode _digit = Characters("0-9"), _hex = Characters("0-9a-fA-F");

    /// <summary>Adds the rules.</summary>
    public JsonRules(GrammarRules rules)
    {
        Rules = rules;
        int value = rules.Add("value");
        Value = new Reference(value);
        Text = rules.Add("string", Concat(Literal("\""), new Repeat(Character, 0, int.MaxValue), Literal("\"")));
        KeyRest = rules.Add("key-rest", Concat(new Repeat(Spelled(CodePointSet.All), 0, int.MaxValue), Literal("\"")));
        rules.FreeKeys = rules.Count - 1;
        Key = rules.Add("key", Concat(Literal("\""), KeyRest));
        Fraction = rules.Add("fraction", Optional(Concat(Literal("."), new Repeat(_digit, 1, FractionDigits))));
        GrammarNode whole = Any(Literal("0"), Concat(Characters("1-9"), new Repeat(_digit, 0, IntegerDigits - 1)));
        Integer = rules.Add("integer", Any(Literal("0"), Concat(Optional(Literal("-")), Characters("1-9"), new Repeat(_digit, 0, IntegerDigits - 1))));
        Number = rules.Add("number", Concat(Optional(Literal("-")), whole, Fraction, Optional(Concat(Characters("eE"), Optional(Characters("+-")), new Repeat(_digit, 1, 2)))));
        Boolean = Any(Literal("true"), Literal("false"));
        Null = Literal("null");
        Array = rules.Add("array", ArrayOf([], Value, 0, int.MaxValue));
        Object = rules.Add("object", ObjectOf([], (Key, Value), 0, int.MaxValue));
        rules[value] = Any(Object, Array, Text, Number, Boolean, Null);
    }

    /// <summary>The grammar that they belong to.</summary>
    public GrammarRules Rules { get; }

    /// <summary>A colon or a comma, and perhaps a space.</summary>
    public static GrammarNode Then(char mark) => Concat(Literal(mark.ToString()), Optional(Literal(" ")));

    /// <summary>One character within a string, in any spelling.</summary>
    public static GrammarNode Character { get; } = Any(
        new Characters(_escaped.Complement()),
        Concat(Literal("\\"), Any(
            Characters("\"\\/bfnrt"),
            Concat(Literal("u"), Any(
                Concat(Characters("0-9a-cefA-CEF"), _hex, _hex, _hex),
                Concat(Characters("dD"), Characters("0-7"), _hex, _hex),
                Concat(Characters("dD"), Characters("89abAB"), _hex, _hex, Literal("\\u"), Characters("dD"), Characters("c-fC-F"), _hex, _hex))))));

    /// <summary>Any JSON.</summary>
    public GrammarNode Value { get; }

    /// <summary>Any string.</summary>
    public GrammarNode Text { get; }

    /// <summary>Any key, each character in the one spelling of <see cref="Spelled"/>.</summary>
    public GrammarNode Key { get; }

    /// <summary>What is left of a key after its first quotation mark.</summary>
    public GrammarNode KeyRest { get; }

    /// <summary>Any whole number.</summary>
    public GrammarNode Integer { get; }

    /// <summary>Any number.</summary>
    public GrammarNode Number { get; }

    /// <summary>Nothing, or a point and digits.</summary>
    public GrammarNode Fraction { get; }

    /// <summary>True or false.</summary>
    public GrammarNode Boolean { get; }

    /// <summary>Null.</summary>
    public GrammarNode Null { get; }

    /// <summary>Any array.</summary>
    public GrammarNode Array { get; }

    /// <summary>Any object.</summary>
    public GrammarNode Object { get; }

    /// <summary>One of the ASCII characters of a set as brackets have it: <c>0-9a-f</c>; a minus at the end is itself.</summary>
    public static GrammarNode Characters(string set)
    {
        var ranges = new List<(int, int)>();
        for (int i = 0; i < set.Length; i++)
        {
            bool isRange = i + 2 < set.Length && set[i + 1] == '-';
            ranges.Add((set[i], set[isRange ? i + 2 : i]));
            i += isRange ? 2 : 0;
        }

        return new Characters(CodePointSet.Of(ranges));
    }

    /// <summary>One character of a set within a string, each in one spelling: escaped only where JSON wants it, and then as short as it can be.</summary>
    public static GrammarNode Spelled(CodePointSet set)
    {
        CodePointSet plain = set.Except(_escaped), escaped = set.Except(plain);
        if (escaped.IsEmpty) return new Characters(plain);
        byte[][] escapes = [.. escaped.Ranges.SelectMany(r => Enumerable.Range(r.First, r.Last - r.First + 1)).Select(c => Encoding.UTF8.GetBytes(Escape((char)c)))];
        return plain.IsEmpty ? new Literals(escapes) : Any(new Characters(plain), new Literals(escapes));
    }

    /// <summary>A string in that spelling, with its quotation marks.</summary>
    public static string Spell(string text)
    {
        var spelled = new StringBuilder("\"", text.Length + 2);
        foreach (char c in text) spelled.Append(_escaped.Contains(c) ? Escape(c) : c);
        return spelled.Append('"').ToString();
    }

    /// <summary>A value without white space, its strings in that spelling.</summary>
    public static string Spell(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(',', value.EnumerateObject().Select(p => $"{Spell(p.Name)}:{Spell(p.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(',', value.EnumerateArray().Select(Spell))}]",
        JsonValueKind.String => Spell(value.GetString()!),
        _ => value.GetRawText(),
    };

    /// <summary>An array.</summary>
    /// <param name="first">Its first elements, one schema each.</param>
    /// <param name="rest">All others; null where there can be none.</param>
    /// <param name="minimum">At least so many elements.</param>
    /// <param name="maximum">At most so many.</param>
    public GrammarNode ArrayOf(IReadOnlyList<GrammarNode> first, GrammarNode? rest, int minimum, int maximum)
    {
        if (rest is null) maximum = Math.Min(maximum, first.Count);
        if (minimum > maximum) return Never;
        GrammarNode tail = Empty;
        int named = Math.Min(first.Count, maximum);
        if (rest is not null && maximum > named)
        {
            int least = Math.Max(0, minimum - named), most = maximum == int.MaxValue ? maximum : maximum - named;
            GrammarNode next = Concat(Then(','), rest);
            tail = named > 0
                ? new Repeat(next, least, most)
                : Concat(rest, new Repeat(next, Math.Max(0, least - 1), most == int.MaxValue ? most : most - 1));
            if (named == 0 && least == 0) tail = Optional(tail);
        }

        for (int i = named - 1; i >= 0; i--)
        {
            // A rule for each, so that long lists do not nest.
            tail = Concat(i > 0 ? Concat(Then(','), first[i]) : first[i], tail);
            if (i >= minimum) tail = Rules.Add("item", Optional(tail));
        }

        return Concat(Literal("["), tail, Literal("]"));
    }

    /// <summary>An object: members in their order, then others.</summary>
    /// <param name="members">Name, value and whether it must be there.</param>
    /// <param name="others">Key and value of all others; null where there can be none.</param>
    /// <param name="minimum">At least so many others.</param>
    /// <param name="maximum">At most so many.</param>
    public GrammarNode ObjectOf(IReadOnlyList<(string Name, GrammarNode Value, bool IsRequired)> members, (GrammarNode Key, GrammarNode Value)? others, int minimum, int maximum)
    {
        GrammarNode rest = Empty, start = Empty;
        if (others is { } other && maximum > 0)
        {
            GrammarNode member = Rules.Add("member", Concat(other.Key, Then(':'), other.Value)), next = Concat(Then(','), member);
            rest = new Repeat(next, minimum, maximum);
            start = Concat(member, new Repeat(next, Math.Max(0, minimum - 1), maximum == int.MaxValue ? maximum : maximum - 1));
            if (minimum == 0) start = Optional(start);
        }

        // What may come first: any member up to the first that must be there.
        var starts = new List<GrammarNode>();
        for (int i = members.Count - 1; i >= 0; i--)
        {
            (string name, GrammarNode value, bool isRequired) = members[i];
            GrammarNode member = Rules.Add(name, Concat(Literal(Spell(name)), Then(':'), value)), next = Concat(Then(','), member);
            if (isRequired) starts.Clear();
            starts.Add(Concat(member, rest));
            rest = Rules.Add("rest", Concat(isRequired ? next : Optional(next), rest));
        }

        if (!members.Any(m => m.IsRequired)) starts.Add(start);
        return Concat(Literal("{"), Any([.. starts]), Literal("}"));
    }

    /// <summary>A key that is none of some names.</summary>
    public GrammarNode KeyExcept(IReadOnlyCollection<string> names)
    {
        // A trie of their characters, a rule for each node: from the first character that none of them has on, all is free.
        if (names.Count == 0) return Key;
        int root = Rules.Add("key");
        var open = new Queue<(int Rule, int Depth, int[][] Names)>();
        open.Enqueue((root, 0, [.. names.Select(n => n.EnumerateRunes().Select(r => r.Value).ToArray())]));
        while (open.TryDequeue(out (int Rule, int Depth, int[][] Names) node))
        {
            var ways = new List<GrammarNode>();
            foreach (IGrouping<int, int[]> group in node.Names.Where(n => n.Length > node.Depth).GroupBy(n => n[node.Depth]))
            {
                int child = Rules.Add("key");
                open.Enqueue((child, node.Depth + 1, [.. group]));
                ways.Add(Concat(Spelled(CodePointSet.Of((group.Key, group.Key))), new Reference(child)));
            }

            CodePointSet taken = CodePointSet.Of(node.Names.Where(n => n.Length > node.Depth).Select(n => (n[node.Depth], n[node.Depth])));
            ways.Add(Concat(Spelled(taken.Complement()), KeyRest));
            if (!node.Names.Any(n => n.Length == node.Depth)) ways.Add(Literal("\""));
            Rules[node.Rule] = Any([.. ways]);
        }

        return Concat(Literal("\""), new Reference(root));
    }

    private static string Escape(char c) => c switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => $"\\u{(int)c:x4}",
    };
}
