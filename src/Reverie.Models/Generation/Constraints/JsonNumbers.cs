using System.Globalization;
using System.Numerics;
using static Reverie.Models.GrammarNode;

namespace Reverie.Models;

/// <summary>Numbers between bounds, digit by digit: while what was read is the beginning of a bound, the next digit may not pass it.</summary>
/// <param name="json">For digits after a point that no bound concerns.</param>
internal sealed class JsonNumbers(JsonRules json)
{
    private static readonly BigInteger _largest = BigInteger.Pow(10, JsonRules.IntegerDigits) - 1;

    /// <summary>Whole numbers from <paramref name="minimum"/> to <paramref name="maximum"/>; null is without bound.</summary>
    public static GrammarNode Integers(BigInteger? minimum, BigInteger? maximum)
    {
        BigInteger low = minimum ?? BigInteger.Min(-_largest, maximum ?? 0), high = maximum ?? BigInteger.Max(_largest, minimum ?? 0);
        if (low > high) return Never;
        var parts = new List<GrammarNode>();
        if (high >= 0) parts.Add(Whole(BigInteger.Max(low, 0), high));
        if (low < 0) parts.Add(Concat(Literal("-"), Whole(BigInteger.Max(-high, 1), -low)));
        return Any([.. parts]);
    }

    /// <summary>Numbers within bounds, without exponents.</summary>
    public GrammarNode Decimals(NumberBound? minimum, NumberBound? maximum)
    {
        NumberBound low = minimum ?? new NumberBound(Math.Min(-(decimal)_largest, maximum?.Value ?? 0), false);
        NumberBound high = maximum ?? new NumberBound(Math.Max((decimal)_largest, minimum?.Value ?? 0), false);
        var parts = new List<GrammarNode>();
        if (high.Value >= 0) parts.Add(Magnitudes(low.Value < 0 ? new NumberBound(0, false) : low, high));
        if (low.Value < 0) parts.Add(Concat(Literal("-"), Magnitudes(high.Value >= 0 ? new NumberBound(0, true) : high.Negated, low.Negated)));
        return Any([.. parts]);
    }

    private GrammarNode Magnitudes(NumberBound low, NumberBound high)
    {
        if (low.Value > high.Value) return Never;
        BigInteger first = low.Whole, last = high.Whole;
        if (first == last) return Concat(Literal(first.ToString(CultureInfo.InvariantCulture)), Fractions(low, high));
        var parts = new List<GrammarNode>
        {
            Concat(Literal(first.ToString(CultureInfo.InvariantCulture)), Fractions(low, null)),
            Concat(Literal(last.ToString(CultureInfo.InvariantCulture)), Fractions(null, high)),
        };
        if (last - first > 1) parts.Add(Concat(Whole(first + 1, last - 1), json.Fraction));
        return Any([.. parts]);
    }

    /// <summary>Digits of a number from <paramref name="low"/>, which is not negative, to <paramref name="high"/>.</summary>
    private static GrammarNode Whole(BigInteger low, BigInteger high)
    {
        string first = low.ToString(CultureInfo.InvariantCulture), last = high.ToString(CultureInfo.InvariantCulture);
        if (first.Length == last.Length) return Digits(first, last);
        var parts = new List<GrammarNode> { Digits(first, new string('9', first.Length)), Digits($"1{new string('0', last.Length - 1)}", last) };
        if (last.Length - first.Length > 1) parts.Add(Concat(JsonRules.Characters("1-9"), new Repeat(Digit('0', '9'), first.Length, last.Length - 2)));
        return Any([.. parts]);
    }

    /// <summary>As many digits as both have, between them.</summary>
    private static GrammarNode Digits(string low, string high)
    {
        if (low.Length == 0) return Empty;
        if (low.All(c => c == '0') && high.All(c => c == '9')) return new Repeat(Digit('0', '9'), low.Length, low.Length);
        char first = low[0], last = high[0];
        string nines = new('9', low.Length - 1), zeros = new('0', low.Length - 1);
        if (first == last) return Concat(Digit(first, first), Digits(low[1..], high[1..]));
        var parts = new List<GrammarNode> { Concat(Digit(first, first), Digits(low[1..], nines)), Concat(Digit(last, last), Digits(zeros, high[1..])) };
        if (last - first > 1) parts.Add(Concat(Digit((char)(first + 1), (char)(last - 1)), Digits(zeros, nines)));
        return Any([.. parts]);
    }

    /// <summary>What may follow the whole part of a bound.</summary>
    private static GrammarNode Fractions(NumberBound? low, NumberBound? high)
    {
        int most = Math.Max(JsonRules.FractionDigits, Math.Max(low?.Fraction.Length ?? 0, high?.Fraction.Length ?? 0) + 1);
        GrammarNode digits = Concat(Literal("."), More(0, low is not null, high is not null));
        return MayEnd(0, low is not null, high is not null) ? Optional(digits) : digits;

        GrammarNode More(int at, bool onLow, bool onHigh)
        {
            if (at == most) return Never;
            if (!onLow && !onHigh) return new Repeat(Digit('0', '9'), 1, most - at);
            char first = onLow ? low!.Value.DigitAt(at) : '0', last = onHigh ? high!.Value.DigitAt(at) : '9';
            var parts = new List<GrammarNode>();
            for (char digit = first; digit <= last; digit++)
            {
                bool stillLow = onLow && digit == first, stillHigh = onHigh && digit == last;
                char end = digit;
                if (!stillLow && !stillHigh) end = onHigh ? (char)(last - 1) : last;
                GrammarNode more = More(at + 1, stillLow, stillHigh);
                parts.Add(Concat(Digit(digit, end), MayEnd(at + 1, stillLow, stillHigh) ? Optional(more) : more));
                digit = end;
            }

            return Any([.. parts]);
        }

        bool MayEnd(int at, bool onLow, bool onHigh) =>
            (!onLow || (low!.Value.IsZeroFrom(at) && !low.Value.IsExclusive)) && (!onHigh || !high!.Value.IsZeroFrom(at) || !high.Value.IsExclusive);
    }

    private static GrammarNode Digit(char first, char last) => new Characters(CodePointSet.Of((first, last)));
}
