namespace Reverie.Evaluation;

/// <summary>Judges by the task's own score: the higher one wins.</summary>
public sealed class VerifierJudge : IArenaJudge
{
    private const double Equal = 1e-9;

    /// <inheritdoc/>
    public double[] Judge(IReadOnlyList<ArenaMatch> matches, CancellationToken cancellation) =>
        [.. matches.Select(m => ExamRun.Score(m.First) - ExamRun.Score(m.Second)).Select(lead => Math.Abs(lead) < Equal ? 0.5 : lead > 0 ? 1.0 : 0)];
}
