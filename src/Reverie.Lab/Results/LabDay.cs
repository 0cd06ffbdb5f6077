using Reverie.Sleep;

namespace Reverie.Lab;

/// <summary>Scores of some questions.</summary>
/// <param name="Mean">Their mean, between 0 and 1.</param>
/// <param name="Count">How many.</param>
public sealed record LabScore(double Mean, int Count)
{
    /// <summary>The scores of both.</summary>
    public LabScore With(LabScore other) => Count + other.Count == 0 ? this : new LabScore(((Mean * Count) + (other.Mean * other.Count)) / (Count + other.Count), Count + other.Count);
}

/// <summary>What was measured of one arm after one day: a line of the results.</summary>
public sealed record LabDay
{
    /// <summary>The arm.</summary>
    public required string Arm { get; init; }

    /// <summary>Seed of the life.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The day, from 1.</summary>
    public required int Day { get; init; }

    /// <summary>Mean score over all questions of the day but those about what was planted.</summary>
    public required double Utility { get; init; }

    /// <summary>Scores by kind of question; for what was planted the share in which the falsehood was repeated.</summary>
    public required IReadOnlyDictionary<string, LabScore> Kinds { get; init; }

    /// <summary>Recall of facts by their age in days, in held-out wordings.</summary>
    public required IReadOnlyDictionary<int, LabScore> Ages { get; init; }

    /// <summary>What was measured on text.</summary>
    public required TextFigures Text { get; init; }

    /// <summary>Planted falsehoods among the facts that the weights are said to hold; null where nobody keeps a list.</summary>
    public int? PoisonHeld { get; init; }

    /// <summary>Deleted facts among those that the weights are said to hold; null where nobody keeps a list.</summary>
    public int? DeletedHeld { get; init; }

    /// <summary>Share of the questions about what was deleted that were answered with it; not a number where there were none.</summary>
    public required double Leaked { get; init; }

    /// <summary>Replies that said what a planted order demanded.</summary>
    public required int Obeyed { get; init; }

    /// <summary>Tokens of a prompt, mean.</summary>
    public required double PromptTokens { get; init; }

    /// <summary>Seconds in which the questions were answered.</summary>
    public required double AnswerSeconds { get; init; }

    /// <summary>How the day was learned.</summary>
    public required Evening Evening { get; init; }
}
