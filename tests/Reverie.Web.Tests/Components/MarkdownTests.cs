using System.Diagnostics;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using CsCheck;

namespace Reverie.Web.Tests;

public sealed partial class MarkdownTests
{
    private static readonly string[] _allowed = ["p", "br", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "h3", "h4", "h5", "h6", "hr", "a", "span", "div", "button"];
    private static readonly string[] _attributes = ["href", "rel", "target", "class", "start", "type", "role", "aria-label", "data-copy"];

    public static TheoryData<string> Attacks => [.. SafetyTests.Attacks];

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Attacks_become_text_or_go_away(string attack)
    {
        AssertHarmless(Markup(attack));
        // As if the parser had let raw markup through: the second wall stands by itself.
        AssertHarmless(MarkdownText.Sanitize(attack));
    }

    [Fact]
    public void Any_mixture_of_markup_and_markdown_is_harmless()
    {
        Gen<string> pieces = Gen.OneOf((IGen<string>[])[Gen.OneOf(SafetyTests.Attacks), Gen.OneOf("<", ">", "\"", "'", "`", "```\n", "\n\n", "[", "](", ")", "|", "- ", "> ", "&#", ";", "javascript:", "onerror=", "<!--", "-->", "<![CDATA[", "\0", "\ud800"), Gen.String]);
        pieces.Array[1, 12].Sample(all => AssertHarmless(Markup(string.Concat(all))), iter: 400, threads: 1);
    }

    [Fact]
    public void Blocks_that_did_not_change_are_not_rendered_again()
    {
        IReadOnlyList<MarkdownBlock> earlier = MarkdownText.Render("# One\n\nTwo words\n\n```cs\nint x");
        IReadOnlyList<MarkdownBlock> later = MarkdownText.Render("# One\n\nTwo words\n\n```cs\nint x = 1;\n```\n\nEnd", earlier);
        Assert.Same(earlier[0], later[0]);
        Assert.Same(earlier[1], later[1]);
        Assert.Equal(4, later.Count);
        Assert.Contains("<span class=\"k\">int</span>", later[2].Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_are_links_and_links_tell_nothing()
    {
        IElement link = Parse(Markup("![a cat](https://example.org/cat.png)")).QuerySelector("a")!;
        Assert.Equal(("https://example.org/cat.png", "noopener noreferrer nofollow", "_blank", "Picture: a cat"), (link.GetAttribute("href"), link.GetAttribute("rel"), link.GetAttribute("target"), link.ParentElement!.TextContent.Trim()));
        Assert.Null(Parse(Markup("[x](file:///etc/passwd) [y](//evil.example) [z](/logout)")).QuerySelector("a"));
    }

    [Fact]
    public void Deep_and_long_texts_are_shown_in_bounded_time()
    {
        long began = Stopwatch.GetTimestamp();
        Assert.NotEmpty(MarkdownText.Render(new string('>', 20_000) + " deep"));
        Assert.NotEmpty(MarkdownText.Render(new string('[', 20_000)));
        Assert.NotEmpty(MarkdownText.Render(string.Concat(Enumerable.Repeat("*a **b ", 4_000))));
        Assert.Contains("plain", MarkdownText.Render(new string('x', 500_000))[0].Markup, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 20);
    }

    [Fact]
    public void The_tokens_of_code_are_the_code()
    {
        Gen<string> code = Gen.OneOf((IGen<string>[])[Gen.OneOf("int ", "\"", "'", "/*", "*/", "//", "#", "\n", "\\", "`", "\"\"\"", "0x1F", "Foo(", "return", "--", "<!--"), Gen.String]).Array[0, 30].Select(string.Concat);
        Gen.Select(code, Gen.OneOf("csharp", "python", "js", "sql", "html", "rust", "diff", "json", "unknown", "")).Sample((c, language) => Assert.Equal(c, string.Concat(CodeHighlighter.Split(c, language).Select(t => t.Text))), iter: 1000, threads: 1);
    }

    private static string Markup(string text) => string.Concat(MarkdownText.Render(text).Select(b => b.Markup));

    private static IElement Parse(string markup) => new HtmlParser().ParseDocument($"<body>{markup}</body>").Body!;

    private static void AssertHarmless(string markup)
    {
        foreach (IElement element in Parse(markup).QuerySelectorAll("*"))
        {
            Assert.Contains(element.LocalName, _allowed);
            Assert.All(element.Attributes, a => Assert.Contains(a.Name, _attributes));
            if (element.GetAttribute("href") is { } href) Assert.Matches(SafeAddress(), href);
            if (element.LocalName == "button") Assert.True(element.HasAttribute("data-copy"));
        }
    }

    [GeneratedRegex("^(https?:|mailto:)", RegexOptions.IgnoreCase)]
    private static partial Regex SafeAddress();
}
