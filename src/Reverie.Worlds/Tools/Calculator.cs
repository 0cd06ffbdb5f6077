using System.Globalization;
using System.Numerics;

namespace Reverie.Worlds;

/// <summary>
/// A calculator for expressions of + - * / and parentheses over decimal numbers. Arithmetic is exact (fractions of whole numbers); only a
/// result that has no end as a decimal number is rounded, half to even, when it is written.
/// </summary>
public static class Calculator
{
    private const int MaximumLength = 200, MaximumDepth = 32, Places = 10;

    /// <summary>Works out an expression.</summary>
    /// <param name="expression">At most 200 characters; <c>x</c> also multiplies.</param>
    /// <returns>The result as a decimal number with as many digits as it needs, at most 10 after the point where it has no end; or what is wrong.</returns>
    public static string Evaluate(string expression)
    {
        if (expression.Length > MaximumLength) return "error: the expression is too long";
        try
        {
            var parser = new Parser(expression);
            return Write(parser.Whole());
        }
        catch (FormatException e)
        {
            return "error: " + e.Message;
        }
    }

    // Ten places behind the point are cut off unless the fraction ends as a decimal: its denominator has no factors but 2 and 5.
    private static string Write(Fraction value)
    {
        BigInteger rest = value.Denominator, scale = BigInteger.One;
        int places = 0;
        for (; scale % rest != 0 && places < MaximumLength * 4 && HasOnlyTwosAndFives(rest); places++) scale *= 10;
        BigInteger digits;
        if (scale % rest == 0)
        {
            digits = value.Numerator * (scale / rest);
        }
        else
        {
            (scale, places) = (BigInteger.Pow(10, Places), Places);
            BigInteger whole = BigInteger.DivRem(BigInteger.Abs(value.Numerator) * scale, rest, out BigInteger remainder);
            int half = (remainder * 2).CompareTo(rest);
            if (half > 0 || (half == 0 && !whole.IsEven)) whole++;
            digits = value.Numerator.Sign * whole;
        }

        string text = BigInteger.Abs(digits).ToString(CultureInfo.InvariantCulture).PadLeft(places + 1, '0');
        if (places > 0) text = $"{text[..^places]}.{text[^places..]}".TrimEnd('0').TrimEnd('.');
        return digits.Sign < 0 ? "-" + text : text;
    }

    private static bool HasOnlyTwosAndFives(BigInteger value)
    {
        while (value.IsEven) value >>= 1;
        while (value % 5 == 0) value /= 5;
        return value.IsOne;
    }

    private readonly record struct Fraction
    {
        public Fraction(BigInteger numerator, BigInteger denominator)
        {
            BigInteger divisor = BigInteger.GreatestCommonDivisor(numerator, denominator) * denominator.Sign;
            (Numerator, Denominator) = (numerator / divisor, denominator / divisor);
        }

        public BigInteger Numerator { get; }

        public BigInteger Denominator { get; }

        public static Fraction operator +(Fraction a, Fraction b) => new((a.Numerator * b.Denominator) + (b.Numerator * a.Denominator), a.Denominator * b.Denominator);

        public static Fraction operator -(Fraction a) => new(-a.Numerator, a.Denominator);

        public static Fraction operator *(Fraction a, Fraction b) => new(a.Numerator * b.Numerator, a.Denominator * b.Denominator);

        public static Fraction operator /(Fraction a, Fraction b) =>
            b.Numerator.IsZero ? throw new FormatException("division by zero") : new(a.Numerator * b.Denominator, a.Denominator * b.Numerator);
    }

    // sum = product {(+|-) product}; product = factor {(*|/) factor}; factor = - factor | ( sum ) | number.
    private sealed class Parser(string text)
    {
        private int _at, _depth;

        public Fraction Whole()
        {
            Fraction value = Sum();
            return _at == text.Length ? value : throw Expected("an operator");
        }

        private Fraction Sum()
        {
            Fraction value = Product();
            while (true)
            {
                if (Take('+')) value += Product();
                else if (Take('-')) value += -Product();
                else return value;
            }
        }

        private Fraction Product()
        {
            Fraction value = Factor();
            while (true)
            {
                if (Take('*') || Take('x')) value *= Factor();
                else if (Take('/')) value /= Factor();
                else return value;
            }
        }

        private Fraction Factor()
        {
            if (++_depth > MaximumDepth) throw new FormatException("the expression is nested too deep");
            Fraction value;
            if (Take('-'))
            {
                value = -Factor();
            }
            else if (Take('('))
            {
                value = Sum();
                if (!Take(')')) throw Expected("')'");
            }
            else
            {
                value = Number();
            }

            _depth--;
            return value;
        }

        private Fraction Number()
        {
            Skip();
            int start = _at, point = -1;
            for (; _at < text.Length && (char.IsAsciiDigit(text[_at]) || (text[_at] == '.' && point < 0)); _at++)
                if (text[_at] == '.') point = _at;
            string digits = text[start.._at];
            if (digits is "" or "." || digits[^1] == '.') throw Expected("a number");
            int places = point < 0 ? 0 : _at - point - 1;
            Skip();
            return new(BigInteger.Parse(digits.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture), BigInteger.Pow(10, places));
        }

        private bool Take(char c)
        {
            Skip();
            if (_at == text.Length || text[_at] != c) return false;
            _at++;
            Skip();
            return true;
        }

        private void Skip()
        {
            while (_at < text.Length && text[_at] == ' ') _at++;
        }

        private FormatException Expected(string what) =>
            new(_at < text.Length ? $"expected {what} before \"{text[_at]}\"" : $"expected {what} at the end");
    }
}
