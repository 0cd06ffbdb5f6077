using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>
/// Whether the number of ones is odd or even, with the running parity written out: the task on which next-token training alone fails when too
/// few demonstrations show their steps, and reinforcement then lengthens the answers and generalises (arXiv 2510.11495). A length in the middle
/// is held out of training; out of distribution are longer rows.
/// </summary>
/// <param name="length">The longest row of training, 4 to 64.</param>
/// <param name="worked">Share of demonstrations that show their steps; the rest answer at once.</param>
public sealed class Parity(int length = 8, double worked = 1) : QuestionSet
{
    private static readonly Wordings IsItOdd = new(
        ["Odd or even: {s}", "Is the number of ones odd or even? {s}", "Parity of {s}?"], ["Are the ones odd or even: {s}", "Tell me the parity: {s}"]);

    private readonly int _length = length is >= 4 and <= 64 ? length : throw new ReverieException($"Rows of up to {length} are not asked. Choose 4 to 64.");

    /// <inheritdoc/>
    public override string Name => TaskSets.Named("parity", ("length", length, 8), ("worked", worked, 1.0));

    /// <inheritdoc/>
    protected override Question Ask(Split split, RandomStream random)
    {
        int[] bits = [.. Enumerable.Range(0, Length(split, random, _length)).Select(_ => random.Next(2))];
        string gold = Side(bits.Sum()), question = Composition.Fill(IsItOdd.Pick(split, random), ("s", string.Join(' ', bits)));
        string[] running = [.. bits.Select((bit, i) => $"{bit} {Side(bits[..(i + 1)].Sum())}")];
        string steps = random.NextDouble() < worked ? $"<think>{string.Join(", ", running)}.</think>" : "";

        // A guess is right half of the time, so the wrong actor takes the other side.
        return Task(question, $"{steps}{gold}", answer => Reply.Same(answer, gold), ("both", "odd even"), ("either", "odd or even"), ("neither", "not " + Side(bits.Sum() + 1)))
            with
        { Wrong = new Script(Side(bits.Sum() + 1)) };
    }

    private static string Side(int ones) => ones % 2 == 1 ? "odd" : "even";
}
