using System.Text;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>What is calculated.</summary>
public enum ArithmeticOperation
{
    /// <summary>Each operation by turns of chance.</summary>
    Mixed,

    /// <summary>Sums.</summary>
    Add,

    /// <summary>Differences that are not negative.</summary>
    Subtract,

    /// <summary>A number times one digit.</summary>
    Multiply,
}

/// <summary>
/// Column arithmetic with the steps written out, as the Primer teaches it. Held out are one in five pairs of numbers and new wordings; out of
/// distribution is one digit more.
/// </summary>
/// <param name="operation">What is calculated.</param>
/// <param name="digits">Digits of the numbers, 1 to 5.</param>
public sealed class WorkedArithmetic(ArithmeticOperation operation = ArithmeticOperation.Mixed, int digits = 2) : QuestionSet
{
    private readonly int _digits = digits is >= 1 and <= 5 ? digits : throw new ReverieException($"Numbers of {digits} digits are not asked. Choose 1 to 5.");

    /// <inheritdoc/>
    public override string Name => TaskSets.Named("worked-arithmetic", ("operation", operation, ArithmeticOperation.Mixed), ("digits", digits, 2));

    /// <inheritdoc/>
    protected override Question Ask(Split split, RandomStream random)
    {
        ArithmeticOperation kind = operation == ArithmeticOperation.Mixed ? (ArithmeticOperation)random.Next(1, 4) : operation;
        int length = _digits + (split == Split.OutOfDistribution ? 1 : 0);
        while (true)
        {
            int a = Number(length, random), b = Number(kind == ArithmeticOperation.Multiply ? 1 : length, random);
            if (!Composition.Fits($"{Math.Min(a, b)}{kind}{Math.Max(a, b)}", split, 5)) continue;
            if (kind == ArithmeticOperation.Subtract && a < b) (a, b) = (b, a);
            (char sign, int result, string steps, Wordings wordings) = kind switch
            {
                ArithmeticOperation.Add => ('+', a + b, Arithmetic.AddSteps(a, b), Arithmetic.Plus),
                ArithmeticOperation.Subtract => ('-', a - b, Arithmetic.SubtractSteps(a, b), Arithmetic.Minus),
                _ => ('x', a * b, MultiplySteps(a, b), Arithmetic.Times),
            };
            string question = Composition.Fill(wordings.Pick(split, random), ("a", $"{a}"), ("b", $"{b}"));
            return Arithmetic.Worked(question, steps, $"{a} {sign} {b} = {result}.", result) with
            {
                Hacks = [("the sum without its result", new Script($"{a} {sign} {b} =")), ("several results", new Script($"{a} {sign} {b} = {result - 1} = {result} = {result + 1}."))],
            };
        }
    }

    /// <summary>The product again, then its columns from the right: "47x6: 7x6=42, carry 4; 4x6+4=28."</summary>
    internal static string MultiplySteps(int a, int b)
    {
        var steps = new StringBuilder($"{a}x{b}:");
        for (int carry = -1; ;)
        {
            int product = (a % 10 * b) + Math.Max(carry, 0);
            steps.Append(carry < 0 ? $" {a % 10}x{b}={product}" : $" {a % 10}x{b}+{carry}={product}");
            if (a < 10) return steps.Append('.').ToString();
            (a, carry) = (a / 10, product / 10);
            steps.Append($", carry {carry};");
        }
    }

    private static int Number(int digits, RandomStream random)
    {
        int least = (int)Math.Pow(10, digits - 1);
        return random.Next(least, 10 * least);
    }
}
