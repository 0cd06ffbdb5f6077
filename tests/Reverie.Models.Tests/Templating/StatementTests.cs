using Reverie.Tensors;

namespace Reverie.Models.Tests.Templating;

public class StatementTests
{
    private static string Render(string template) => Rendering.Render(
        template,
        ("xs", Rendering.Value(new object?[] { 3, 1, 2 })),
        ("d", Rendering.Map(("a", 1), ("b", 2))),
        ("t", true));

    [Theory]
    [InlineData("{% for x in xs %}{{ loop.index }}/{{ loop.length }}:{{ x }}{{ ',' if not loop.last }}{% endfor %}", "1/3:3,2/3:1,3/3:2")]
    [InlineData("{% for x in xs %}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }} {% endfor %}", "032True 121False 210False ")]
    [InlineData("{% for x in xs %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }} {% endfor %}", "<3>1 3<1>2 1<2> ")]
    [InlineData("{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}", "a=1;b=2;")]
    [InlineData("{% for x in xs if x > 1 %}{{ loop.index }}:{{ x }} {% endfor %}", "1:3 2:2 ")]
    [InlineData("{% for x in [] %}x{% else %}none{% endfor %}", "none")]
    [InlineData("{% for x in range(9) %}{% if x == 1 %}{% continue %}{% elif x == 4 %}{% break %}{% endif %}{{ x }}{% endfor %}", "023")]
    [InlineData("{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}", "123")]
    [InlineData("{% for c in 'a😀' %}[{{ c }}]{% endfor %}", "[a][😀]")]
    public void Loops(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("{% set a = 1 %}{% for x in xs %}{% set a = a + x %}{{ a }} {% endfor %}{{ a }}", "4 2 3 1")]
    [InlineData("{% set ns = namespace(a=1) %}{% for x in xs %}{% set ns.a = ns.a + x %}{% endfor %}{{ ns.a }}", "7")]
    [InlineData("{% if t %}{% set a = 1 %}{% endif %}{{ a }}", "1")]
    [InlineData("{% set a %}x{{ 1 + 1 }}{% endset %}{{ a * 2 }}", "x2x2")]
    [InlineData("{% set a | upper | trim %} abc {% endset %}{{ a }}", "ABC")]
    [InlineData("{% set a, b = 1, 2 %}{{ b }}{{ a }}", "21")]
    [InlineData("{% set a = 1 %}{% macro f() %}{{ a }}{% set a = 2 %}{% endmacro %}{{ f() }}{{ a }}", "11")]
    public void Variables_live_in_their_block(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("{% macro f(a, b=2) %}<{{ a }},{{ b }}>{% endmacro %}{{ f(1) }}{{ f(b=3, a='x') }}{{ f() }}", "<1,2><x,3><,2>")]
    [InlineData("{% macro down(n) %}{{ n }}{% if n > 0 %}{{ down(n - 1) }}{% endif %}{% endmacro %}{{ down(3) }}", "3210")]
    [InlineData("{% macro f() %}a{% endmacro %}{{ (f() ~ 'b') | upper }}", "AB")]
    [InlineData("{% filter upper | trim %} abc {{ 1 }}d {% endfilter %}!", "ABC 1D!")]
    [InlineData("{% generation %}said {{ 1 }}{% endgeneration %}!", "said 1!")]
    [InlineData("{% raw %}{{ x }}{% if %}{% endraw %}", "{{ x }}{% if %}")]
    [InlineData("{{ '{{' }}{{ {'a': {'b': 1}}.a.b }}{# {{ nothing }} #}", "{{1")]
    public void Macros_generation_raw_and_comments(string template, string expected) => Assert.Equal(expected, Render(template));

    // transformers sets trim_blocks and lstrip_blocks.
    [Theory]
    [InlineData("a\n  {% if t %}\n  b\n  {% endif %}\nc\n", "a\n  b\nc")]
    [InlineData("a\n  {%- if t -%}\n  b\n  {%- endif -%}\n c", "abc")]
    [InlineData("a {% if t %} b {% endif %} c\n\n", "a  b  c\n")]
    [InlineData("  {{ 1 }}\n  {{- 2 -}}\n 3\n", "  123")]
    [InlineData("{% for x in xs %}\n  {{ x }}\n{% endfor %}\nend", "  3\n  1\n  2\nend")]
    [InlineData("x\n  {# c #}\ny{#- d -#} \n z", "x\nyz")]
    [InlineData("x\n  {%+ if t %}\n y{% endif +%}\nz", "x\n   y\nz")]
    [InlineData("a\r\nb\rc{% set x = 1 %}\r\nd", "a\nb\ncd")]
    [InlineData("{% raw -%}  a \n {%- endraw %}\nb", "ab")]
    [InlineData("\t{% if t %}y{% endif %}\t\n\tz", "y\t\n\tz")]
    public void Whitespace_around_tags(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("{% include 'x' %}", "the statement 'include' is not supported")]
    [InlineData("{% for x in xs recursive %}{% endfor %}", "recursive loops are not supported")]
    [InlineData("{% if t %}a", "'endif' is missing for line 2, before the end of the template")]
    [InlineData("{% for x in xs %}{% endif %}", "'endfor' is missing for line 2, before 'endif'")]
    [InlineData("{% endfor %}", "'endfor' ends what never began")]
    [InlineData("{% break %}", "outside of a loop")]
    [InlineData("{% set a.b = 1 %}", "'a' is no namespace")]
    [InlineData("{{ raise_exception('Roles must\nalternate.') }}", "refuses this conversation: Roles must alternate (line 2)")]
    [InlineData("{{ f(*xs) }}", "arguments with '*' are not supported")]
    [InlineData("{# never", "the comment does not end")]
    [InlineData("{% set a, b = [1] %}", "1 values do not fit 2 names")]
    public void What_is_not_supported_is_named_with_its_line(string template, string expected)
    {
        ReverieException e = Assert.Throws<ReverieException>(() => Render($"text\n{template}"));
        Assert.Contains(expected, e.Message);
        Assert.Contains("line 2", e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }
}
