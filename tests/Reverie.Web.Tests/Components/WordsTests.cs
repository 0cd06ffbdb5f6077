using CsCheck;
using Reverie.Sleep;

namespace Reverie.Web.Tests;

public sealed class WordsTests
{
    [Fact]
    public void Pasted_stretches_are_not_the_persons_words()
    {
        MessagePart part = Words.Typed("I read: lorem ipsum. And lorem ipsum!", ["lorem ipsum"]);
        Assert.Equal([Provenance.Typed, Provenance.Pasted, Provenance.Typed, Provenance.Pasted, Provenance.Typed], part.Spans.Select(s => s.Source));
        Assert.Equal("lorem ipsum", part.Text.Substring(part.Spans[3].Start, part.Spans[3].Length));
    }

    [Fact]
    public void What_was_pasted_into_a_correction_stays_pasted_even_where_it_begins_like_the_reply()
    {
        MessagePart part = Words.Corrected("The cat sat.", "The cat sat. The dog stood.", [" The dog stood."]);
        Assert.Equal([Provenance.Model, Provenance.Pasted], part.Spans.Select(s => s.Source));
        Assert.Equal(12, part.Spans[0].Length);
    }

    [Fact]
    public void Spans_tile_every_text()
    {
        Gen.Select(Gen.String[Gen.Char["ab "], 0, 30], Gen.String[Gen.Char["ab "], 0, 30], Gen.String[Gen.Char["ab"], 0, 3].Array[0, 3]).Sample((before, after, pasted) =>
        {
            Assert.Equal(after, Words.Corrected(before, after, pasted).Validate().Text);
            Assert.Equal(after, Words.Typed(after, pasted).Validate().Text);
        }, iter: 2000, threads: 1);
    }

    [Theory]
    [InlineData("  \n ", "Untitled")]
    [InlineData("Hello\nthere", "Hello there")]
    [InlineData("What is the best way to learn how a transformer works from the ground up?", "What is the best way to learn how a transformer works from…")]
    public void Titles_are_the_first_words(string text, string title) => Assert.Equal(title, Words.Title(text));
}
