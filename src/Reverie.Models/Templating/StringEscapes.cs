using System.Globalization;
using System.Text;

namespace Reverie.Models.Templating;

/// <summary>The escapes of Python's strings, which are those of a template's.</summary>
internal static class StringEscapes
{
    private const string Letters = "\\'\"abfnrtv", Meanings = "\\'\"\a\b\f\n\r\t\v";

    /// <summary>The string that a literal means; an escape that is none stays as it is written.</summary>
    public static string Resolve(ReadOnlySpan<char> literal)
    {
        if (!literal.Contains('\\')) return literal.ToString();
        var text = new StringBuilder(literal.Length);
        for (int i = 0; i < literal.Length; i++)
        {
            if (literal[i] != '\\' || i + 1 == literal.Length)
            {
                text.Append(literal[i]);
                continue;
            }

            char letter = literal[++i];
            int digits = letter switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
            if (Letters.IndexOf(letter) is >= 0 and int known) text.Append(Meanings[known]);
            else if (letter is >= '0' and <= '7') text.Append((char)Octal(literal, ref i));
            else if (digits > 0 && i + digits < literal.Length && CodePoint(literal.Slice(i + 1, digits)) is { } character)
            {
                text.Append(character);
                i += digits;
            }
            else if (letter != '\n') text.Append('\\').Append(letter);
        }

        return text.ToString();
    }

    private static int Octal(ReadOnlySpan<char> literal, ref int position)
    {
        int value = literal[position] - '0';
        for (int n = 1; n < 3 && position + 1 < literal.Length && literal[position + 1] is >= '0' and <= '7'; n++) value = (value * 8) + (literal[++position] - '0');
        return value;
    }

    private static string? CodePoint(ReadOnlySpan<char> digits) =>
        !uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value) || value > 0x10FFFF ? null
        : value < 0x10000 ? ((char)value).ToString()
        : char.ConvertFromUtf32((int)value);
}
