using System.Text;
using System.Text.RegularExpressions;
using CsCheck;

namespace Reverie.Models.Tests.Tokenization;

public class SplitPatternTests
{
    private const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private static readonly Dictionary<string, Regex> _regexes = new()
    {
        ["qwen2"] = Compiled(SplitPattern.Qwen2.Regex!),
        ["llama-bpe"] = Compiled(SplitPattern.Llama3.Regex!),
        ["gpt-2"] = Compiled(Gpt2),

        // What Digits cuts out ends the text for the pattern that comes after it.
        ["smollm"] = Compiled(@"\p{N}|" + Gpt2.Replace(@" ?\p{N}+|", "").Replace(@"(?!\S)", @"(?![^\s\p{N}])")),
    };

    public static TheoryData<string> Patterns => [.. _regexes.Keys];

    // .NET ignores case without the long s, which Unicode folds to s.
    private static Regex Compiled(string regex) => new(regex.Replace("(?i:'s|", "(?i:'s|'ſ|"), RegexOptions.CultureInvariant | RegexOptions.Compiled);

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Scanner_cuts_where_the_regex_does(string name) =>
        RandomText.Any.Sample(text => Assert.Equal(RegexPieces(text, name), NaiveBpe.Pieces(text, SplitPattern.ByName(name))), iter: 3_000);

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Scanner_cuts_short_strings_of_every_kind_of_character_where_the_regex_does(string name)
    {
        const string Kinds = "s7 \n\r\t'.😀l\u00A0S";
        char[] text = new char[4];
        for (int code = 0; code < (int)Math.Pow(Kinds.Length, text.Length); code++)
        {
            for (int i = 0, rest = code; i < text.Length; i++, rest /= Kinds.Length) text[i] = Kinds[rest % Kinds.Length];
            string drawn = new(text);
            Assert.Equal(RegexPieces(drawn, name), NaiveBpe.Pieces(drawn, SplitPattern.ByName(name)));
        }
    }

    [Fact]
    public void Letters_and_digits_beyond_the_basic_plane_are_letters_and_digits()
    {
        Assert.Equal(["a𠀀b", "𝟏", "𝟐", " 😀", "x"], NaiveBpe.Pieces("a𠀀b𝟏𝟐 😀x"));
        Assert.Equal(["😀x"], NaiveBpe.Pieces("😀x"));
    }

    /// <summary>
    /// .NET's Regex reads UTF-16 units. So each code point beyond U+FFFF, and each lone surrogate, is replaced by a
    /// character of the same kind, and the pieces are read back in code points.
    /// </summary>
    private static IEnumerable<string> RegexPieces(string text, string pattern)
    {
        var proxy = new StringBuilder();
        List<string> originals = [];
        for (int i = 0; i < text.Length;)
        {
            int width = char.IsSurrogatePair(text, i) ? 2 : 1;
            originals.Add(text.Substring(i, width));
            if (width == 1) proxy.Append(char.IsSurrogate(text[i]) ? '☃' : text[i]);
            else proxy.Append(char.IsLetter(text, i) ? 'Ж' : char.IsNumber(text, i) ? '٣' : '☃');
            i += width;
        }

        foreach (Match match in _regexes[pattern].Matches(proxy.ToString()))
            yield return string.Concat(originals.GetRange(match.Index, match.Length));
    }
}
