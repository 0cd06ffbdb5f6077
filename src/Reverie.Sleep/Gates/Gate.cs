namespace Reverie.Sleep;

/// <summary>What a gate says.</summary>
public enum Verdict
{
    /// <summary>All is well.</summary>
    Passed,

    /// <summary>It is worth a look, and no reason to refuse.</summary>
    Warning,

    /// <summary>The adapter may not be promoted.</summary>
    Failed,
}

/// <summary>One judgement of a night's adapter.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Verdict">What came of it.</param>
/// <param name="Value">The adapter's figure.</param>
/// <param name="Limit">What it had to keep.</param>
/// <param name="Detail">In words, with the figures that it was compared with.</param>
public sealed record Gate(string Name, Verdict Verdict, double Value, double Limit, string Detail);
