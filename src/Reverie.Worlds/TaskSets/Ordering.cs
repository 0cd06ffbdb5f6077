using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>What is done to a list.</summary>
public enum OrderingKind
{
    /// <summary>Each kind by turns of chance.</summary>
    Mixed,

    /// <summary>Numbers from small to big.</summary>
    Sort,

    /// <summary>Numbers from big to small.</summary>
    SortDown,

    /// <summary>Words backwards.</summary>
    Reverse,
}

/// <summary>
/// Sorting and reversing, with the steps of a selection sort written out: what is left, and what is taken from it. A length in the middle is held
/// out of training; out of distribution are longer lists.
/// </summary>
/// <param name="kind">What is done.</param>
/// <param name="length">The longest list of training, 4 to 40.</param>
public sealed class Ordering(OrderingKind kind = OrderingKind.Mixed, int length = 6) : QuestionSet
{
    private static readonly Wordings Up = new(["Sort: {s}", "Sort {s}.", "Put in order: {s}", "Sort from small to big: {s}"], ["Please sort: {s}", "From small to big: {s}"]);
    private static readonly Wordings Down = new(["Sort from big to small: {s}", "Sort down: {s}"], ["From big to small: {s}"]);
    private static readonly Wordings Back = new(["Reverse: {s}", "Backwards: {s}", "Say backwards: {s}"], ["Please reverse: {s}", "Turn around: {s}"]);

    private readonly int _length = length is >= 4 and <= 40 ? length : throw new ReverieException($"Lists of up to {length} are not asked. Choose 4 to 40.");

    /// <inheritdoc/>
    public override string Name => TaskSets.Named("ordering", ("kind", kind, OrderingKind.Mixed), ("length", length, 6));

    /// <inheritdoc/>
    protected override Question Ask(Split split, RandomStream random)
    {
        OrderingKind chosen = kind == OrderingKind.Mixed ? (OrderingKind)random.Next(1, 4) : kind;
        int count = Length(split, random, _length);
        string[] items = [.. Enumerable.Range(0, count).Select(_ => chosen == OrderingKind.Reverse ? random.Pick(Words.Animals) : $"{random.Next(100)}")];
        string[] up = [.. items.OrderBy(Rank)], backwards = [.. items.Reverse()];
        (Wordings wordings, string[] right) = chosen switch
        {
            OrderingKind.Sort => (Up, up),
            OrderingKind.SortDown => (Down, [.. up.Reverse()]),
            _ => (Back, backwards),
        };
        string gold = Join(right), shown = Join(items);
        if (gold == shown || gold == Join([.. right.Reverse()])) return Ask(split, random);
        return Task(Composition.Fill(wordings.Pick(split, random), ("s", shown)), $"<think>{Steps(items, right)}</think>{gold}", answer => Reply.Same(answer.Replace(",", ""), gold),
            ("every order", $"{Join(up)} {Join([.. up.Reverse()])} {Join(backwards)}"), ("both orders", $"{gold}\n{Join([.. right.Reverse()])}"), ("the list as it is", shown));
    }

    /// <summary>What is left, then what comes next: "7 2 9: 2; 7 9: 7; 9: 9."</summary>
    private static string Steps(string[] items, string[] right)
    {
        List<string> left = [.. items], steps = [];
        foreach (string next in right)
        {
            steps.Add($"{string.Join(' ', left)}: {next}");
            left.RemoveAt(left.LastIndexOf(next));
        }

        return string.Join("; ", steps) + ".";
    }

    private static int Rank(string item) => int.TryParse(item, out int number) ? number : 0;

    private static string Join(string[] items) => string.Join(' ', items);
}
