using System.Globalization;
using System.Text;

namespace Reverie.Evaluation;

/// <summary>What Python's strings do and .NET's do otherwise, where a convention of the field depends on it.</summary>
internal static class PythonText
{
    /// <summary>len(text): code points, not UTF-16 units.</summary>
    public static int Length(string text) => text.EnumerateRunes().Count();

    /// <summary>text.rstrip().</summary>
    public static string TrimEnd(string text)
    {
        int end = text.Length;
        while (end > 0 && IsSpace(text[end - 1])) end--;
        return text[..end];
    }

    /// <summary>text.strip().</summary>
    public static string Trim(string text)
    {
        int start = 0;
        while (start < text.Length && IsSpace(text[start])) start++;
        return TrimEnd(text[start..]);
    }

    /// <summary>text.capitalize(): the first letter large, all others small.</summary>
    public static string Capitalize(string text)
    {
        if (text.Length == 0) return text;
        Rune first = text.EnumerateRunes().First();
        return Rune.ToUpper(first, CultureInfo.InvariantCulture) + text[first.Utf16SequenceLength..].ToLowerInvariant();
    }

    /// <summary>repr(value) of a float: the shortest digits that give it back, with a decimal point.</summary>
    public static string Number(double value)
    {
        if (double.IsNaN(value)) return "nan";
        if (double.IsInfinity(value)) return value > 0 ? "inf" : "-inf";
        double size = Math.Abs(value);
        if (size != 0 && size is < 1e-4 or >= 1e16) return value.ToString("0.################e-00", CultureInfo.InvariantCulture);
        string text = value.ToString("0.#########################", CultureInfo.InvariantCulture);
        return text.Contains('.') ? text : text + ".0";
    }

    /// <summary>Python also takes the four separators of ASCII for white space.</summary>
    private static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001c' and <= '\u001f';
}
