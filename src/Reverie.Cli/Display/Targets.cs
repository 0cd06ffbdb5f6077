namespace Reverie.Cli.Display;

/// <summary>What a five-minute model is to reach in the Primer's exams.</summary>
internal static class Targets
{
    private static readonly Dictionary<string, double> _scores = new()
    {
        ["addition"] = 0.95,
        ["name-memory"] = 0.95,
        ["told"] = 0.85,
        ["facts"] = 0.90,
        ["spelling"] = 0.90,
        ["stories"] = 0.80,
    };

    /// <summary>The target of an exam, or null.</summary>
    public static double? Of(string exam) => _scores.TryGetValue(exam, out double target) ? target : null;

    /// <summary>Whether a score is below its target.</summary>
    public static bool IsMissed(string exam, double score) => score < Of(exam);
}
