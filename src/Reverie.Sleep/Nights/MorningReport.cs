namespace Reverie.Sleep;

/// <summary>What came of a night.</summary>
public enum NightOutcome
{
    /// <summary>A new adapter serves.</summary>
    Promoted,

    /// <summary>A new adapter is there and another one is pinned.</summary>
    Kept,

    /// <summary>Nothing that was trained passed the gates: yesterday's adapter serves on.</summary>
    Refused,

    /// <summary>Nothing new was told.</summary>
    NothingNew,

    /// <summary>Everything that an adapter was made from is gone, or is known without it: the base serves alone, or the company's adapter.</summary>
    Emptied,

    /// <summary>The owner has not agreed to be learned from: the base serves alone.</summary>
    NoConsent,
}

/// <summary>One try to learn the day.</summary>
/// <param name="What">What was tried.</param>
/// <param name="IsPassed">Whether the gates let it pass.</param>
/// <param name="Why">The gates that did not.</param>
public sealed record NightAttempt(string What, bool IsPassed, string Why);

/// <summary>The morning report: what was learned, what was refused and why, what was lost, how the exams went, what it cost. The content of <c>report.json</c>.</summary>
public sealed record MorningReport
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "report.json";

    /// <summary>Name of the page.</summary>
    public const string PageName = "report.html";

    /// <summary>Whose.</summary>
    public required string Owner { get; init; }

    /// <summary>Name of the base.</summary>
    public required string Model { get; init; }

    /// <summary>What came of it.</summary>
    public required NightOutcome Outcome { get; init; }

    /// <summary>What the gates said, in a word or a few.</summary>
    public string Verdict => Gates is null ? "not examined" : Gates.IsPassed ? Gates.Gates.Count(g => g.Verdict is Sleep.Verdict.Warning) is > 0 and int warnings ? $"passed, {warnings} to look at" : "passed" : "refused";

    /// <summary>The new adapter's number; null where there is none.</summary>
    public int? Number { get; init; }

    /// <summary>When it began, UTC.</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>Seconds of each phase.</summary>
    public IReadOnlyDictionary<string, double> Seconds { get; init; } = new Dictionary<string, double>();

    /// <summary>Why the adapter was made anew from the base; null where yesterday's learned on.</summary>
    public string? Rebuilt { get; init; }

    /// <summary>Facts that the weights learned tonight.</summary>
    public IReadOnlyList<FactRecord> Learned { get; init; } = [];

    /// <summary>Facts that were told and that the weights do not hold, with the reason.</summary>
    public IReadOnlyList<FactRecord> NotLearned { get; init; } = [];

    /// <summary>Facts of earlier days that the exams no longer found in the weights; they are studied again.</summary>
    public IReadOnlyList<FactRecord> Lost { get; init; } = [];

    /// <summary>Sentences that may not reach the weights, by reason.</summary>
    public IReadOnlyDictionary<string, int> Refused { get; init; } = new Dictionary<string, int>();

    /// <summary>Answers that were approved of or put right and that were learned from.</summary>
    public int Lessons { get; init; }

    /// <summary>What was read; null where nothing was.</summary>
    public StudyReport? Study { get; init; }

    /// <summary>What was tried, in order.</summary>
    public IReadOnlyList<NightAttempt> Attempts { get; init; } = [];

    /// <summary>The judgement of the last try; null where nothing was trained.</summary>
    public GateReport? Gates { get; init; }
}
