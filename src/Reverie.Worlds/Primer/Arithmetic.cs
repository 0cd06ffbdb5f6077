using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>
/// Sums with visible steps: column by column, with the carry said aloud ("Teaching Arithmetic to Small Transformers", 2307.03381:
/// the format decides how many examples it takes). Held out are one in five pairs of numbers; out of distribution are three digits.
/// </summary>
public sealed partial class Arithmetic : PrimerSkill
{
    internal static readonly Wordings Plus = new(
        ["What is {a} + {b}?", "What is {a} + {b}?", "{a} + {b} = ?", "Add {a} and {b}.", "How much is {a} plus {b}?", "What is {a} plus {b}?", "{a}+{b}", "Please add {a} and {b}.", "Work out {a} + {b}.", "Can you tell me what {a} + {b} is?"],
        ["What do you get for {a} + {b}?", "How much is {a} + {b}?", "Please work out {a} + {b}.", "Can you add {a} and {b}?"]);

    internal static readonly Wordings Minus = new(
        ["What is {a} - {b}?", "What is {a} - {b}?", "{a} - {b} = ?", "Take {b} from {a}.", "How much is {a} minus {b}?", "What is {a} minus {b}?", "{a}-{b}", "Work out {a} - {b}.", "Can you tell me what {a} - {b} is?"],
        ["What do you get for {a} - {b}?", "How much is {a} - {b}?", "Please work out {a} - {b}."]);

    internal static readonly Wordings Times = new(
        ["What is {a} x {b}?", "What is {a} times {b}?", "{a} x {b} = ?", "How much is {a} times {b}?", "Multiply {a} by {b}."],
        ["Work out {a} x {b}.", "Please multiply {a} by {b}."]);

    private static readonly Wordings Bigger = new(
        ["Which is bigger, {a} or {b}?", "Which number is bigger, {a} or {b}?", "What is more, {a} or {b}?", "Is {a} bigger than {b}, or is {b} bigger?"],
        ["Which one is bigger: {a} or {b}?", "Tell me which is bigger, {a} or {b}."]);

    private static readonly Wordings MoreThings = new(
        ["{n} has {a} {t} and gets {b} more. How many {t} does {n} have?", "There are {a} {t} in one basket and {b} in another. How many {t} are there?"],
        ["{n} finds {a} {t} and then {b} more. How many {t} does {n} have?"]);

    private static readonly Wordings FewerThings = new(
        ["{n} has {a} {t} and gives {b} away. How many {t} are left?", "There are {a} {t} and {b} are eaten. How many {t} are left?"],
        ["{n} has {a} {t} and loses {b}. How many {t} are left?"]);

    private static readonly string[] Countable = ["apples", "berries", "nuts", "carrots", "plums", "pears", "cookies", "grapes"];

    /// <inheritdoc/>
    public override string Name => "arithmetic";

    /// <inheritdoc/>
    private protected override Document Write(Split split, RandomStream random) => Chat(split, random, 1 + random.Next(3));

    /// <inheritdoc/>
    internal override Question Ask(Split split, RandomStream random) => random.Next(20) switch
    {
        < 10 => Addition(split, random),
        < 15 => Subtraction(split, random),
        < 18 => Multiplication(split, random),
        _ => Comparison(split, random),
    };

    /// <summary>A sum of two numbers of one or two digits (mostly two), or of three out of distribution.</summary>
    internal static Question Addition(Split split, RandomStream random, bool bothTwoDigits = false)
    {
        (int a, int b) = Pair(split, random, '+', bothTwoDigits);
        string wording = random.Next(10) == 0 ? MoreThings.Pick(split, random) : Plus.Pick(split, random);
        return Worked(Fill(wording, a, b, random), AddSteps(a, b), Text($"{a} + {b} = {a + b}."), a + b);
    }

    private static Question Subtraction(Split split, RandomStream random)
    {
        (int a, int b) = Pair(split, random, '-', false);
        if (a < b) (a, b) = (b, a);
        string wording = random.Next(10) == 0 ? FewerThings.Pick(split, random) : Minus.Pick(split, random);
        return Worked(Fill(wording, a, b, random), SubtractSteps(a, b), Text($"{a} - {b} = {a - b}."), a - b);
    }

    private static Question Multiplication(Split split, RandomStream random)
    {
        int a = random.Next(1, 11), b = random.Next(1, 11);
        if (split == Split.OutOfDistribution) a += 10;
        return Worked(Fill(Times.Pick(split, random), a, b, random), null, Text($"{a} x {b} = {a * b}."), a * b);
    }

    private static Question Comparison(Split split, RandomStream random)
    {
        (int a, int b) = Pair(split, random, '>', false);
        if (a == b) b++;
        string right = Text($"{Math.Max(a, b)}"), wrong = Text($"{Math.Min(a, b)}");
        return Task(Fill(Bigger.Pick(split, random), a, b, random), $"{right} is bigger than {wrong}.", answer =>
            Reply.Same(answer, right) || Reply.Same(answer, $"{right} is bigger") || Reply.Same(answer, $"{right} is bigger than {wrong}"));
    }

    // A pair of the split: one in five pairs (in either order) never appears in training.
    private static (int A, int B) Pair(Split split, RandomStream random, char operation, bool bothTwoDigits)
    {
        while (true)
        {
            if (split == Split.OutOfDistribution) return (random.Next(100, 1000), random.Next(100, 1000));
            int shape = bothTwoDigits ? 9 : random.Next(10);
            int a = shape < 2 ? random.Next(1, 10) : random.Next(10, 100);
            int b = shape is 1 or 2 ? random.Next(1, 10) : random.Next(10, 100);
            if (Composition.Fits(Text($"{Math.Min(a, b)}{operation}{Math.Max(a, b)}"), split, 5)) return (a, b);
        }
    }

    /// <summary>A calculation: right is the bare result, or the sum with it.</summary>
    internal static Question Worked(string question, string? steps, string sum, int result)
    {
        string gold = steps is null ? sum : $"<think>{steps}</think>{sum}";
        string number = Text($"{result}");
        return new([new Message(Role.User, question)], gold, reply =>
        {
            if (Reply.IsFarTooLong(reply, gold)) return 0;
            string answer = Reply.Answer(reply);
            return Result().Match(answer) is { Success: true } match && match.Groups["result"].Value == number ? 1 : 0;
        });
    }

    /// <summary>The sum again, then its columns from the right: "47+38: 7+8=15, carry 1; 4+3+1=8."</summary>
    internal static string AddSteps(int a, int b)
    {
        var steps = new StringBuilder(Text($"{a}+{b}:"));
        int carry = 0;
        for (bool first = true; ; first = false)
        {
            int x = a % 10, y = b % 10, sum = x + y + carry;
            steps.Append(first ? Text($" {x}+{y}={sum}") : Text($" {x}+{y}+{carry}={sum}"));
            if (a < 10 && b < 10) return steps.Append('.').ToString();
            steps.Append(Text($", carry {sum / 10};"));
            (a, b, carry) = (a / 10, b / 10, sum / 10);
        }
    }

    /// <summary>The difference again, then its columns from the right: "52-37: 12-7=5, borrow 1; 5-3-1=1."</summary>
    internal static string SubtractSteps(int a, int b)
    {
        var steps = new StringBuilder(Text($"{a}-{b}:"));
        int borrow = 0;
        for (bool first = true; ; first = false)
        {
            int x = a % 10, y = b % 10, lend = x - borrow < y ? 1 : 0, left = x + (10 * lend) - y - borrow;
            steps.Append(first ? Text($" {x + (10 * lend)}-{y}={left}") : Text($" {x + (10 * lend)}-{y}-{borrow}={left}"));
            if (a < 10 && b < 10) return steps.Append('.').ToString();
            steps.Append(Text($", borrow {lend};"));
            (a, b, borrow) = (a / 10, b / 10, lend);
        }
    }

    /// <summary>An addition of two-digit numbers whose reply must show the right steps as well as the right result.</summary>
    internal static Question AdditionWithSteps(Split split, RandomStream random)
    {
        Question task = Addition(split, random, bothTwoDigits: true);
        string steps = task.Gold[..(task.Gold.IndexOf("</think>", StringComparison.Ordinal) + "</think>".Length)];
        return task with { Score = reply => reply.TrimStart().StartsWith(steps, StringComparison.Ordinal) ? task.Score(reply) : 0 };
    }

    private static string Fill(string wording, int a, int b, RandomStream random) => Composition.Fill(
        wording, ("a", Text($"{a}")), ("b", Text($"{b}")), ("n", random.Pick(Names.She)), ("t", random.Pick(Countable)));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    // A bare number, or what stands after the last equals sign.
    [GeneratedRegex("(?:^|[=] ?)(?<result>[0-9]+)[.!]?$")]
    private static partial Regex Result();
}
