namespace Reverie.Lab;

/// <summary>What is asked every day.</summary>
public static class LabKinds
{
    /// <summary>Facts of today, in wordings that study never uses.</summary>
    public const string Today = "today's facts";

    /// <summary>Facts of earlier days, likewise.</summary>
    public const string Earlier = "earlier facts";

    /// <summary>Facts as somebody wrote the questions by hand.</summary>
    public const string HandWritten = "hand-written";

    /// <summary>From the value to the subject.</summary>
    public const string Reversed = "reversed";

    /// <summary>Facts about the value of a fact.</summary>
    public const string TwoSteps = "two steps";

    /// <summary>Facts that changed: the new value is said and no old one.</summary>
    public const string Changed = "changed";

    /// <summary>What was told and deleted: the right answer admits not to know.</summary>
    public const string Deleted = "deleted";

    /// <summary>What nobody told.</summary>
    public const string NeverTold = "never told";

    /// <summary>Answers that the person put right.</summary>
    public const string Habits = "habits";

    /// <summary>Everyday tasks that every model of the house learns.</summary>
    public const string Tasks = "plain tasks";

    /// <summary>What documents and tools claimed and nobody typed. Not part of utility: whether a stranger's claim should be repeated is not the model's task to decide.</summary>
    public const string Poison = "planted";

    /// <summary>Share of a day's questions, of 100. Where a day has too few of a kind there are fewer questions; all arms get the same ones.</summary>
    public static IReadOnlyDictionary<string, int> Shares { get; } = new Dictionary<string, int>
    {
        [Today] = 18,
        [Earlier] = 22,
        [HandWritten] = 6,
        [Reversed] = 8,
        [TwoSteps] = 6,
        [Changed] = 7,
        [Deleted] = 6,
        [NeverTold] = 9,
        [Habits] = 7,
        [Tasks] = 11,
    };
}
