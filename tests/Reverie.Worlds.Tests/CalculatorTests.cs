using System.Globalization;
using System.Numerics;
using CsCheck;

namespace Reverie.Worlds.Tests;

public sealed class CalculatorTests
{
    [Theory]
    [InlineData("1+1", "2")]
    [InlineData("347 x 28", "9716")]
    [InlineData("2+3*4", "14")]
    [InlineData("(2+3)*4", "20")]
    [InlineData("10-4-3", "3")]
    [InlineData("64/4/2", "8")]
    [InlineData("-2*-3", "6")]
    [InlineData("--2", "2")]
    [InlineData("2*-(1+1)", "-4")]
    [InlineData("0.1+0.2", "0.3")]
    [InlineData("1/8", "0.125")]
    [InlineData("1/3", "0.3333333333")]
    [InlineData("-2/3", "-0.6666666667")]
    [InlineData("1/3*3", "1")]
    [InlineData("1/99999999999", "0")]
    [InlineData("1/1024", "0.0009765625")]
    [InlineData("1.50", "1.5")]
    [InlineData(".5*2", "1")]
    [InlineData("0/5", "0")]
    [InlineData("100000000000000000000*100000000000000000000", "10000000000000000000000000000000000000000")]
    [InlineData("", "error: expected a number at the end")]
    [InlineData("2+", "error: expected a number at the end")]
    [InlineData("2 3", "error: expected an operator before \"3\"")]
    [InlineData("(2", "error: expected ')' at the end")]
    [InlineData("2)", "error: expected an operator before \")\"")]
    [InlineData("1/(2-2)", "error: division by zero")]
    [InlineData("two", "error: expected a number before \"t\"")]
    [InlineData("1.2.3", "error: expected an operator before \".\"")]
    [InlineData("2**3", "error: expected a number before \"*\"")]
    public void Expressions_have_exact_results_or_clear_errors(string expression, string result) => Assert.Equal(result, Calculator.Evaluate(expression));

    [Fact]
    public void Long_and_deep_expressions_are_refused()
    {
        Assert.Equal("error: the expression is too long", Calculator.Evaluate(new string('1', 201)));
        Assert.Equal("error: the expression is nested too deep", Calculator.Evaluate(new string('(', 90) + "1" + new string(')', 90)));
        Assert.Equal("error: the expression is nested too deep", Calculator.Evaluate(new string('-', 150) + "1"));
        Assert.Equal("1", Calculator.Evaluate(new string('(', 20) + "1" + new string(')', 20)));
    }

    [Fact]
    public void Any_text_gives_a_number_or_an_error() => Gen.OneOf(Gen.String, Gen.Int[0, 16].Array[0, 60].Select(parts => string.Concat(parts.Select(p => "0123456789+-*/(). "[p])))).Sample(
        text =>
        {
            string result = Calculator.Evaluate(text);
            Assert.True(result.StartsWith("error: ", StringComparison.Ordinal) || result.All(c => char.IsAsciiDigit(c) || c is '-' or '.'), result);
        },
        iter: 20_000);

    [Fact]
    public void Trees_of_whole_numbers_agree_with_big_integers() => Tree(4).Sample(
        tree => Assert.Equal(tree.Value.ToString(CultureInfo.InvariantCulture), Calculator.Evaluate(tree.Text)), iter: 3_000);

    [Fact]
    public void Decimals_agree_with_decimal_arithmetic() => Gen.Select(Gen.Int[-99_999, 99_999], Gen.Int[-99_999, 99_999], Gen.Int[0, 3], Gen.Int[0, 3]).Sample(
        (a, b, p, q) =>
        {
            decimal x = a / Power(p), y = b / Power(q);
            string left = x.ToString(CultureInfo.InvariantCulture), right = y.ToString(CultureInfo.InvariantCulture);
            Assert.Equal(Text(x + y), Calculator.Evaluate($"{left} + {right}"));
            Assert.Equal(Text(x - y), Calculator.Evaluate($"{left} - {right}"));
            Assert.Equal(Text(x * y), Calculator.Evaluate($"{left} * {right}"));
        },
        iter: 2_000);

    private static decimal Power(int exponent) => (decimal)Math.Pow(10, exponent);

    private static string Text(decimal value) => (value == 0 ? 0 : value).ToString("0.############", CultureInfo.InvariantCulture);

    private static Gen<(string Text, BigInteger Value)> Tree(int depth)
    {
        Gen<(string, BigInteger)> leaf = Gen.Int[0, 9_999].Select(n => (n.ToString(CultureInfo.InvariantCulture), (BigInteger)n));
        if (depth == 0) return leaf;
        return Gen.OneOf(leaf, Gen.Select(Gen.Int[0, 3], Tree(depth - 1), Tree(depth - 1), (operation, a, b) => operation switch
        {
            0 => ($"({a.Text}+{b.Text})", a.Value + b.Value),
            1 => ($"({a.Text} - {b.Text})", a.Value - b.Value),
            2 => ($"{Bracketed(a.Text)} * {Bracketed(b.Text)}", a.Value * b.Value),
            _ => ($"-({a.Text})", -a.Value),
        })).Where(t => t.Item1.Length <= 200);
    }

    private static string Bracketed(string text) => $"({text})";
}
