namespace Reverie.Evaluation;

/// <summary>Compares replies.</summary>
public interface IArenaJudge
{
    /// <summary>
    /// A verdict on each match: 1 where the first reply is better, 0 where the second is, a half for a tie, NaN where there is no verdict.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was set.</exception>
    double[] Judge(IReadOnlyList<ArenaMatch> matches, CancellationToken cancellation);
}
