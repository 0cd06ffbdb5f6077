using CsCheck;

namespace Reverie.Sleep.Tests;

public sealed class SearchWordsTests
{
    private static readonly string[] _pieces = ["word", "Wörter", " ", "\n", "\uD83D\uDE00", "東京", "\uD800", "\uDC00", "e\u0301", "١٢", "nai\u0308ve", "x", "a-b"];

    private static readonly Gen<string> _texts = Gen.OneOf(Gen.String[0, 300], Gen.Int[0, _pieces.Length - 1].Select(i => _pieces[i]).Array[0, 120].Select(string.Concat));

    [Theory]
    [InlineData("Hello, WORLD-wide 42!", "hello world wide 42")]
    [InlineData("naïve Łódź ŠKODA nai\u0308ve", "naive łodz skoda")]
    [InlineData("東京の水 ok", "東 京 の 水 ok")]
    [InlineData("été Été ete", "ete")]
    [InlineData(" \t-- ", "")]
    public void Words_are_without_case_accents_and_repetition(string text, string words) => Assert.Equal(words, SearchWords.Distinct(text));

    [Fact]
    public void Words_lie_in_their_text_in_order() => _texts.Sample(text =>
    {
        int end = 0;
        foreach ((int start, int length, string word) in SearchWords.Split(text))
        {
            Assert.True(start >= end && length > 0 && start + length <= text.Length && word.Length > 0);
            end = start + length;
        }
    });

    [Fact]
    public void A_snippet_shows_the_word_and_halves_no_character() => Gen.Select(_texts, Gen.Int).Sample((text, which) =>
    {
        string[] words = SearchWords.Distinct(text).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0) return;
        string word = words[(int)((uint)which % words.Length)];
        (string snippet, IReadOnlyList<(int Start, int Length)> matches) = SearchWords.Snippet(text, [word]);
        Assert.InRange(snippet.Length, 1, 204);
        Assert.All(matches, m => Assert.StartsWith(word, SearchWords.Split(snippet.Substring(m.Start, m.Length)).First().Word));
        if (!text.Any(c => char.IsSurrogate(c))) Assert.DoesNotContain(snippet, c => char.IsSurrogate(c));
    });
}
