using System.Text;
using System.Text.RegularExpressions;
using CsCheck;

namespace Reverie.Models.Tests.Tokenization;

public class SplitPatternTests
{
    // .NET ignores case without the long s, which Unicode folds to s.
    private static readonly Regex _regex = new(
        SplitPattern.Regex.Replace("'s|", "'s|'ſ|"), RegexOptions.CultureInvariant | RegexOptions.Compiled);

    [Fact]
    public void Scanner_cuts_where_the_regex_does() =>
        RandomText.Any.Sample(text => Assert.Equal(RegexPieces(text), NaiveBpe.Pieces(text)), iter: 6_000);

    [Fact]
    public void Scanner_cuts_short_strings_of_every_kind_of_character_where_the_regex_does()
    {
        const string Kinds = "s7 \n\r\t'.😀l\u00A0S";
        char[] text = new char[4];
        for (int code = 0; code < (int)Math.Pow(Kinds.Length, text.Length); code++)
        {
            for (int i = 0, rest = code; i < text.Length; i++, rest /= Kinds.Length) text[i] = Kinds[rest % Kinds.Length];
            string drawn = new(text);
            Assert.Equal(RegexPieces(drawn), NaiveBpe.Pieces(drawn));
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
    private static IEnumerable<string> RegexPieces(string text)
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

        foreach (Match match in _regex.Matches(proxy.ToString()))
            yield return string.Concat(originals.GetRange(match.Index, match.Length));
    }
}
