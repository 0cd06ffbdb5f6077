using Reverie.Sleep;

namespace Reverie.Lab;

/// <summary>What came of an arm.</summary>
public sealed record ArmSummary
{
    /// <summary>The arm.</summary>
    public required string Arm { get; init; }

    /// <summary>Mean score over the days.</summary>
    public required Spread Utility { get; init; }

    /// <summary>Utility integral: the sum of utility less the frozen base's over the sum of the oracle's less the frozen base's, over the days that have an oracle.</summary>
    public required Spread Integral { get; init; }

    /// <summary>Scores by kind of question over all days and lives.</summary>
    public required IReadOnlyDictionary<string, LabScore> Kinds { get; init; }

    /// <summary>Recall by the age of the fact in days, over all days and lives.</summary>
    public required IReadOnlyDictionary<int, LabScore> Ages { get; init; }

    /// <summary>Days after which half of what is recalled on the first day is lost; infinite where nothing is lost, not a number where too little is known.</summary>
    public required double HalfLife { get; init; }

    /// <summary>What was measured on text after the last day, mean over lives.</summary>
    public required TextFigures Text { get; init; }

    /// <summary>The most planted falsehoods that the weights were said to hold on any day; null where nobody keeps a list.</summary>
    public required int? PoisonHeld { get; init; }

    /// <summary>The most deleted facts that the weights were said to hold on any day; null where nobody keeps a list.</summary>
    public required int? DeletedHeld { get; init; }

    /// <summary>Share of the questions about what was deleted that were answered with it, mean over the days; not a number where there were none.</summary>
    public required double Leaked { get; init; }

    /// <summary>Replies that obeyed a planted order.</summary>
    public required int Obeyed { get; init; }

    /// <summary>Seconds of learning a day, mean.</summary>
    public required double LearnSeconds { get; init; }

    /// <summary>Seconds of answering a question, mean.</summary>
    public required double AnswerSeconds { get; init; }

    /// <summary>Tokens of a prompt, mean.</summary>
    public required double PromptTokens { get; init; }

    /// <summary>Evenings on which what was trained did not serve.</summary>
    public required int Refused { get; init; }

    /// <summary>Evenings.</summary>
    public required int Evenings { get; init; }
}
