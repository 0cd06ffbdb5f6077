using System.Diagnostics;
using CsCheck;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Templating;

public class TemplateLimitsTests
{
    [Theory]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "levels")]
    [InlineData("{% macro f(n) %}{{ f(n) + f(n) }}{% endmacro %}{{ f(1) }}", "levels")]
    [InlineData("{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(30) }}", "steps")]
    [InlineData("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "steps")]
    [InlineData("{{ range(1000000000) }}", "100,000 elements")]
    [InlineData("{{ range(-9223372036854775807, 9223372036854775807) }}", "100,000 elements")]
    [InlineData("{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}", "characters")]
    [InlineData("{{ 'abc' * 9999999999 }}", "characters")]
    [InlineData("{{ [1] * 9999999999 }}", "elements")]
    [InlineData("{% set ns = namespace(s='x' * 9999) %}{% for i in range(99999) %}{{ ns.s }}{% endfor %}", "16,777,216 characters")]
    [InlineData("{% set l = [] %}{% set a = l.append(l) %}{{ l|tojson }}", "levels")]
    [InlineData("{% set l = [] %}{% set m = [] %}{% set a = l.append(m) %}{% set a = m.append(l) %}{{ l == m }}", "levels")]
    [InlineData("{% set ns = namespace(l=[]) %}{% for i in range(9999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}", "levels")]
    [InlineData("{% set l = [] %}{% for i in range(99999) %}{% for j in range(9) %}{% set a = l.append(i) %}{% endfor %}{% endfor %}", "elements")]
    [InlineData("{{ ([ 'x' * 9999999 ] * 99999)|unique|list }}", "steps")]
    [InlineData("{{ ([ range(9999)|list ] * 9999)|sort }}", "steps")]
    [InlineData("{% set a = 'a' * 4000000 %}{% set b = 'a' * 2000000 ~ 'ba' %}{{ b in a }}", "steps")]
    [InlineData("{% set a = 'a' * 4000000 %}{% set b = 'a' * 2000000 ~ 'ba' %}{{ a.split(b) }}", "steps")]
    [InlineData("{% set d = {'a' * 4000000: 1} %}{% set k = 'a' * 3999999 ~ 'a' %}{% for i in range(99999) %}{{ d[k] }}{{ k in d }}{{ d.get(k) }}{% endfor %}", "steps")]
    [InlineData("{{ strftime_now('%A' * 9999) }}", "longer than 200")]
    [InlineData("{{ 2 ** 9999 }}", "too large")]
    public void What_never_ends_ends_with_a_clear_line(string template, string expected)
    {
        var clock = Stopwatch.StartNew();
        ReverieException e = Assert.Throws<ReverieException>(() => Rendering.Render(template));
        Assert.Contains(expected, e.Message);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"{clock.Elapsed}");
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("-", "")]
    [InlineData("not ", "")]
    [InlineData("{1:", "}")]
    [InlineData("1 if 1 else ", "")]
    [InlineData("x[", "]")]
    public void Deep_expressions_end_with_a_clear_line(string open, string close)
    {
        const int Depth = 20_000;
        string template = $"{{{{ {string.Concat(Enumerable.Repeat(open, Depth))}1{string.Concat(Enumerable.Repeat(close, Depth))} }}}}";
        Assert.Contains("levels", Assert.Throws<ReverieException>(() => Rendering.Render(template)).Message);
    }

    [Theory]
    [InlineData(" + 1")]
    [InlineData(" ~ 1")]
    [InlineData("|string")]
    [InlineData("[0]")]
    [InlineData(".a")]
    [InlineData(" and 1")]
    public void Long_expressions_end_with_a_clear_line(string part)
    {
        string template = $"{{{{ x{string.Concat(Enumerable.Repeat(part, 20_000))} }}}}";
        Assert.Contains("levels", Assert.Throws<ReverieException>(() => Rendering.Render(template, ("x", 1L))).Message);
    }

    [Fact]
    public void A_text_of_many_origins_is_cut_in_time()
    {
        string text = Rendering.Render("{% set a %}{% for c in s %}{{ c }},{% endfor %}{% endset %}{{ a.split(',')|length }}", ("s", Rendering.Value(new string('x', 90_000))));
        Assert.Equal("90001", text);
    }

    [Fact]
    public void Deep_blocks_end_with_a_clear_line()
    {
        string template = string.Concat(Enumerable.Repeat("{% if 1 %}", 20_000));
        Assert.Contains("levels", Assert.Throws<ReverieException>(() => Rendering.Render(template)).Message);
    }

    [Fact]
    public void A_long_conversation_is_no_attack()
    {
        object? messages = Rendering.Value(Enumerable.Range(0, 2000).Select(i => (object?)new Dictionary<string, object?> { ["content"] = new string('x', 1000) }).ToArray());
        string text = Rendering.Render("{% for m in messages %}{{ '<' + m.content.strip() + '>' }}{% endfor %}", ("messages", messages));
        Assert.Equal(2000 * 1002, text.Length);
    }

    private static readonly string[] _pieces =
    [
        "{% for x in xs %}", "{% endfor %}", "{% if x %}", "{% else %}", "{% endif %}", "{% set a = ", " %}", "{{ ", " }}", "{%- ", "-%}", "{#", "#}", "{% macro f(x) %}",
        "{% endmacro %}", "f(x)", "x", "xs", "'s'", "\"", "1", "2.5", "[", "]", "(", ")", "{", "}", ":", ",", ".", "|", "tojson", "length", "join(',')", "split()", "is", "defined",
        " in ", " not ", " and ", " if ", " else ", "+", "-", "*", "//", "%", "**", "~", "==", "<", "[::-1]", "[1:]", "append(x)", "namespace(a=1)", "range(5)", "loop.index", "\n", "\\",
        "{% break %}", "{% raw %}", "{% endraw %}", "{% generation %}", "{% endgeneration %}", "map(attribute='a')", "selectattr('a')", "sort", "items()", "none", "é😀",
    ];

    [Fact]
    public void Any_sequence_of_pieces_ends_with_a_text_or_one_clear_line() =>
        Rendering.OneOf(_pieces).Array[1, 30].Sample(pieces => EndsWell(string.Concat(pieces)), iter: 20_000);

    [Fact]
    public void A_template_with_damage_ends_with_a_text_or_one_clear_line() =>
        Gen.Select(Rendering.OneOf(ModelTemplates.All), Gen.Select(Gen.Int[0, 5000], Gen.Int[0, 40], Rendering.OneOf(_pieces)).Array[1, 4]).Sample((template, damages) =>
        {
            foreach ((int at, int length, string piece) in damages)
            {
                int start = at % template.Length;
                template = template.Remove(start, Math.Min(length, template.Length - start)).Insert(start, piece);
            }

            EndsWell(template);
        }, iter: 3000);

    private static void EndsWell(string template)
    {
        try
        {
            Rendering.Render(template, ("xs", Rendering.Value(new object?[] { 1, "a", null })), ("x", Rendering.Map(("a", 1))), ("messages", Rendering.Value(new object?[] { new Dictionary<string, object?> { ["role"] = "user", ["content"] = "hi" } })));
        }
        catch (ReverieException e)
        {
            Assert.DoesNotContain('\n', e.Message);
            Assert.StartsWith("The chat template", e.Message);
        }
    }
}
