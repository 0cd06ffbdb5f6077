using System.Globalization;
using System.Numerics;

namespace Reverie.Models;

/// <summary>A bound of a number.</summary>
/// <param name="Value">The bound.</param>
/// <param name="IsExclusive">Whether the bound itself is out.</param>
internal readonly record struct NumberBound(decimal Value, bool IsExclusive)
{
    /// <summary>Whether nothing but zeros follows its point.</summary>
    public bool IsWhole => Value == decimal.Truncate(Value);

    /// <summary>The same on the other side of 0.</summary>
    public NumberBound Negated => this with { Value = -Value };

    /// <summary>The digits before the point, for a bound that is not negative.</summary>
    public BigInteger Whole => new(decimal.Truncate(Value));

    /// <summary>The digits after the point.</summary>
    public string Fraction
    {
        get
        {
            string text = Value.ToString(CultureInfo.InvariantCulture);
            int point = text.IndexOf('.');
            return point < 0 ? "" : text[(point + 1)..].TrimEnd('0');
        }
    }

    /// <summary>A digit after the point.</summary>
    public char DigitAt(int index) => index < Fraction.Length ? Fraction[index] : '0';

    /// <summary>Whether only zeros come from this digit on.</summary>
    public bool IsZeroFrom(int index) => index >= Fraction.Length;
}
