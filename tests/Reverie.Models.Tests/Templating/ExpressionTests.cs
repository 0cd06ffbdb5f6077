using Reverie.Tensors;

namespace Reverie.Models.Tests.Templating;

public class ExpressionTests
{
    private static string Show(string expression) => Rendering.Render(
        $"{{{{ {expression} }}}}",
        ("s", Rendering.Value("Hé😀")),
        ("xs", Rendering.Value(new object?[] { 3, 1, 2 })),
        ("d", Rendering.Map(("b", 1), ("a", new object?[] { null, "q\"\n" }))),
        ("msgs", Rendering.Value(new object?[] { new Dictionary<string, object?> { ["role"] = "user", ["n"] = 1 }, new Dictionary<string, object?> { ["role"] = "assistant" } })),
        ("n", 7L));

    [Theory]
    [InlineData("7 // 2", "3")]
    [InlineData("-7 // 2", "-4")]
    [InlineData("-7 % 3", "2")]
    [InlineData("7 % -3", "-2")]
    [InlineData("-7.5 % 2", "0.5")]
    [InlineData("6 / 2", "3.0")]
    [InlineData("2 ** 10", "1024")]
    [InlineData("2 ** -1", "0.5")]
    [InlineData("2 + 3 * 4 - 1", "13")]
    [InlineData("10 - 2 - 3", "5")]
    [InlineData("-n|abs", "7")]
    [InlineData("1 ~ 2 * 3", "16")]
    [InlineData("(1 ~ 2)|int + 3", "15")]
    [InlineData("'ab' * 3", "ababab")]
    [InlineData("[1] * 2 + [3]", "[1, 1, 3]")]
    public void Arithmetic_is_Pythons(string expression, string expected) => Assert.Equal(expected, Show(expression));

    [Theory]
    [InlineData("none", "None")]
    [InlineData("[true, False, None]", "[True, False, None]")]
    [InlineData("nowhere", "")]
    [InlineData("1e16", "1e+16")]
    [InlineData("1e15", "1000000000000000.0")]
    [InlineData("0.1 + 0.2", "0.30000000000000004")]
    [InlineData("1e-5", "1e-05")]
    [InlineData("0.0001", "0.0001")]
    [InlineData("1e23", "1e+23")]
    [InlineData("9.999999999999999e22", "1e+23")]
    [InlineData("-0.0", "-0.0")]
    [InlineData("123.456e-7", "1.23456e-05")]
    [InlineData("1.5e300 * 1e300", "inf")]
    [InlineData("[\"it's\", 'a\\nb', (1,), {'k': 1.0}]", "[\"it's\", 'a\\nb', (1,), {'k': 1.0}]")]
    public void Values_print_as_Python_prints_them(string expression, string expected) => Assert.Equal(expected, Show(expression));

    [Theory]
    [InlineData("1 < 2 < 3", "True")]
    [InlineData("1 < 3 < 2", "False")]
    [InlineData("1 == 1.0 == true", "True")]
    [InlineData("[] == ()", "False")]
    [InlineData("'é' in s", "True")]
    [InlineData("3 not in xs", "False")]
    [InlineData("'b' in d", "True")]
    [InlineData("not 1 == 2", "True")]
    [InlineData("0 or '' or 'x'", "x")]
    [InlineData("n and xs", "[3, 1, 2]")]
    [InlineData("'a' if n > 8 else 'b' if n > 6 else 'c'", "b")]
    [InlineData("'a' if n > 8", "")]
    [InlineData("not nowhere is defined", "True")]
    public void Logic_is_Pythons(string expression, string expected) => Assert.Equal(expected, Show(expression));

    [Theory]
    [InlineData("s|length", "3")]
    [InlineData("s[::-1]", "😀éH")]
    [InlineData("s[-1]", "😀")]
    [InlineData("s[1:]", "é😀")]
    [InlineData("xs[::-1]", "[2, 1, 3]")]
    [InlineData("xs[5:0:-1]", "[2, 1]")]
    [InlineData("xs[:-1]", "[3, 1]")]
    [InlineData("xs[0:2:9223372036854775807]", "[3]")]
    [InlineData("xs[::-9223372036854775807]", "[2]")]
    [InlineData("xs[9] is defined", "False")]
    [InlineData("d.b", "1")]
    [InlineData("d['a'][1]", "q\"\n")]
    [InlineData("msgs.0.role", "user")]
    [InlineData("msgs[-1]['role']", "assistant")]
    [InlineData("d.nothing is defined", "False")]
    [InlineData("d.items()|list", "[('b', 1), ('a', [None, 'q\"\\n'])]")]
    public void Parts_are_found_by_name_index_and_slice(string expression, string expected) => Assert.Equal(expected, Show(expression));

    [Theory]
    [InlineData("' a b '.strip() + '|'", "a b|")]
    [InlineData("'xxaxx'.lstrip('x')", "axx")]
    [InlineData("'a\\n\\n'.rstrip('\\n')", "a")]
    [InlineData("'a,b,,c'.split(',')", "['a', 'b', '', 'c']")]
    [InlineData("' a  b '.split()", "['a', 'b']")]
    [InlineData("'a,b,c'.split(',', 1)", "['a', 'b,c']")]
    [InlineData("'a,b,c'.rsplit(',', 1)", "['a,b', 'c']")]
    [InlineData("'</t>x</t>y'.split('</t>')[-1]", "y")]
    [InlineData("'abc'.startswith('ab') and 'abc'.endswith(('x', 'c'))", "True")]
    [InlineData("'aaa'.replace('a', 'bc', 2)", "bcbca")]
    [InlineData("'aB'.upper() + 'aB'.lower() + 'they are'.title() + 'hELLO'.capitalize()", "ABabThey AreHello")]
    [InlineData("', '.join(['a', 'b'])", "a, b")]
    [InlineData("'abcab'.removeprefix('ab') + 'abcab'.removesuffix('ab') + 'x'.removeprefix('y')", "cababcx")]
    [InlineData("d.get('b') + d.get('x', 41)", "42")]
    [InlineData("d.keys()|list + d.values()|list|length|string|list", "['b', 'a', '2']")]
    public void Methods_are_Pythons(string expression, string expected) => Assert.Equal(expected, Show(expression));

    [Theory]
    [InlineData("d|tojson", "{\"b\": 1, \"a\": [null, \"q\\\"\\n\"]}")]
    [InlineData("d|tojson(indent=2)", "{\n  \"b\": 1,\n  \"a\": [\n    null,\n    \"q\\\"\\n\"\n  ]\n}")]
    [InlineData("{'b': 1.0, 'a': true}|tojson(sort_keys=true, separators=(',', ':'))", "{\"a\":true,\"b\":1.0}")]
    [InlineData("[[], {}]|tojson(indent=1)", "[\n [],\n {}\n]")]
    [InlineData("'é😀<'|tojson", "\"é😀<\"")]
    [InlineData("'é😀'|tojson(ensure_ascii=true)", "\"\\u00e9\\ud83d\\ude00\"")]
    public void Json_is_what_transformers_writes(string expression, string expected) => Assert.Equal(expected, Show(expression));

    [Theory]
    [InlineData("'  a '|trim + '|'", "a|")]
    [InlineData("xs|sort|join('-')", "1-2-3")]
    [InlineData("xs|sort(reverse=true)|first + xs|last", "5")]
    [InlineData("xs|reverse|list", "[2, 1, 3]")]
    [InlineData("['b', 'A', 'a']|sort|join", "Aab")]
    [InlineData("['b', 'A', 'a', 'B']|unique|join", "bA")]
    [InlineData("d|dictsort|map('first')|join", "ab")]
    [InlineData("d|items|list|length", "2")]
    [InlineData("msgs|map(attribute='role')|join(',')", "user,assistant")]
    [InlineData("msgs|selectattr('n')|list|length", "1")]
    [InlineData("msgs|selectattr('role', 'equalto', 'user')|map(attribute='n')|list", "[1]")]
    [InlineData("msgs|rejectattr('n', 'defined')|map(attribute='role')|list", "['assistant']")]
    [InlineData("xs|select('odd')|list + xs|reject('gt', 1)|list", "[3, 1, 1]")]
    [InlineData("['a']|map('upper')|list", "['A']")]
    [InlineData("nowhere|default('x') ~ ''|default('y', true) ~ 0|d('z')", "xy0")]
    [InlineData("'42'|int + '3.9'|int + 'x'|int(5)", "50")]
    [InlineData("3|string + 2.5|round|string + 2.567|round(2)|string", "32.02.57")]
    [InlineData("'a\\nb\\n\\nc'|indent(2)", "a\n  b\n\n  c")]
    [InlineData("'a b'|replace('a', 'c')|capitalize|safe", "C b")]
    public void Filters_are_Jinjas(string expression, string expected) => Assert.Equal(expected, Show(expression));

    [Theory]
    [InlineData("n is defined and n is not none and n is number and n is integer and n is odd")]
    [InlineData("true is boolean and true is true and true is not integer and false is false")]
    [InlineData("s is string and s is iterable and s is sequence and s is not mapping")]
    [InlineData("d is mapping and xs is sequence and 4 is not iterable and 2.0 is float")]
    [InlineData("nowhere is undefined and nowhere is not none and none is none")]
    [InlineData("3 is in xs and 'a' is eq 'a' and n is equalto(7) and 8 is even and n is gt 3")]
    public void Tests_are_Jinjas(string expression) => Assert.Equal("True", Show(expression));

    [Theory]
    [InlineData("range(5, 0, -2)|list", "[5, 3, 1]")]
    [InlineData("dict(a=1, b='c')", "{'a': 1, 'b': 'c'}")]
    [InlineData("strftime_now('%d %b %Y %H:%M')", "02 Jan 2026 15:04")]
    [InlineData("namespace(a=1).a", "1")]
    public void Functions_are_those_of_Jinja_and_transformers(string expression, string expected) => Assert.Equal(expected, Show(expression));

    [Theory]
    [InlineData("nowhere.x", "'nowhere' is not defined")]
    [InlineData("'a' + 1", "'+' does not work between str and int")]
    [InlineData("msgs[0].nope.x", "'nope' of a value of type dict is not defined")]
    [InlineData("1 / 0", "divides by zero")]
    [InlineData("n()", "cannot be called")]
    [InlineData("9223372036854775807 + 1", "too large")]
    [InlineData("none|length", "does not work with none")]
    [InlineData("s|urlize", "filter 'urlize' is not supported")]
    [InlineData("s is prime", "test 'prime' is not supported")]
    [InlineData("s.encode()", "'encode' of a value of type str is not defined")]
    [InlineData("s|trim(colour=1)", "'trim' has no argument 'colour'")]
    [InlineData("a b", "'}}' is missing before 'b'")]
    [InlineData("[1, 2", "'}}' is missing")]
    [InlineData("'a", "string does not end")]
    public void Faults_are_one_line_that_names_what_and_where(string expression, string expected)
    {
        ReverieException e = Assert.Throws<ReverieException>(() => Show($"\n\n{expression}"));
        Assert.Contains(expected, e.Message);
        Assert.Contains("line 3", e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }
}
