using System.Globalization;

namespace Reverie.Models.Templating;

/// <summary>What Python says of a value.</summary>
internal static class Python
{
    /// <summary>The name of a value's type.</summary>
    public static string TypeOf(object? value) => value switch
    {
        null => "none",
        bool => "bool",
        long => "int",
        double => "float",
        Text => "str",
        Sequence { IsTuple: true } => "tuple",
        Sequence => "list",
        Mapping => "dict",
        Undefined => "undefined",
        Namespace => "namespace",
        Loop => "loop",
        _ => "function",
    };

    /// <summary>Whether a value counts as true: all but none, undefined, false, zero and what is empty.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool truth => truth,
        long number => number != 0,
        double number => number != 0,
        Text text => text.Characters.Length > 0,
        Sequence sequence => sequence.Items.Count > 0,
        Mapping mapping => mapping.Entries.Count > 0,
        _ => true,
    };

    /// <summary>Whether <c>strip</c> and <c>split</c> take it for whitespace.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001C' and <= '\u001F';

    /// <summary>The shortest digits that mean exactly this number, as <c>repr</c> writes them.</summary>
    public static string Write(double number)
    {
        if (double.IsNaN(number)) return "nan";
        if (double.IsInfinity(number)) return number > 0 ? "inf" : "-inf";
        string shortest = Math.Abs(number).ToString("R", CultureInfo.InvariantCulture);
        int mark = shortest.IndexOf('E');
        string mantissa = mark < 0 ? shortest : shortest[..mark];
        string digits = mantissa.Replace(".", "", StringComparison.Ordinal), significant = digits.TrimStart('0').TrimEnd('0');
        bool isNegative = double.IsNegative(number);
        if (significant.Length == 0) return isNegative ? "-0.0" : "0.0";
        int point = mantissa.IndexOf('.'), zeros = digits.Length - digits.TrimStart('0').Length;
        int exponent = (point < 0 ? mantissa.Length : point) - 1 - zeros + (mark < 0 ? 0 : int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
        string text = exponent is >= -4 and < 16 ? Fixed(significant, exponent) : Scientific(significant, exponent);
        return isNegative ? $"-{text}" : text;
    }

    private static string Fixed(string digits, int exponent)
    {
        if (exponent < 0) return $"0.{new string('0', -exponent - 1)}{digits}";
        if (digits.Length <= exponent + 1) return $"{digits.PadRight(exponent + 1, '0')}.0";
        return $"{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    private static string Scientific(string digits, int exponent)
    {
        string fraction = digits.Length > 1 ? $".{digits[1..]}" : "";
        return $"{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }
}
