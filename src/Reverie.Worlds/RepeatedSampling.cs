namespace Reverie.Worlds;

/// <summary>Figures over many samples of one task.</summary>
public static class RepeatedSampling
{
    /// <summary>
    /// pass@k: the probability that at least one of k samples is right, estimated without bias from n samples of which c are:
    /// 1 - C(n-c, k) / C(n, k), as a product that does not overflow (arXiv 2107.03374).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 0 &lt;= correct &lt;= samples, or not 1 &lt;= k &lt;= samples.</exception>
    public static double PassAtK(int samples, int correct, int k)
    {
        Check(samples, correct, k);
        if (samples - correct < k) return 1;
        double allWrong = 1;
        for (int i = samples - correct + 1; i <= samples; i++) allWrong *= 1 - (double)k / i;
        return 1 - allWrong;
    }

    /// <summary>pass^k: the probability that all of k samples are right, C(c, k) / C(n, k) (tau-bench, arXiv 2406.12045).</summary>
    /// <exception cref="ArgumentOutOfRangeException">As for <see cref="PassAtK"/>.</exception>
    public static double PassHatK(int samples, int correct, int k)
    {
        Check(samples, correct, k);
        double result = 1;
        for (int i = 0; i < k; i++) result *= (double)Math.Max(0, correct - i) / (samples - i);
        return result;
    }

    /// <summary>
    /// The answer that most samples give (self-consistency, arXiv 2203.11171): the index of its first sample, or -1 when no sample
    /// gives one. Of answers that are as frequent, the one that came first.
    /// </summary>
    /// <param name="answers">What each sample answers; null where it answers nothing.</param>
    public static int Majority(IReadOnlyList<string?> answers)
    {
        IGrouping<string, int>? winner = Enumerable.Range(0, answers.Count).Where(i => answers[i] is not null).GroupBy(i => answers[i]!).MaxBy(g => g.Count());
        return winner?.First() ?? -1;
    }

    /// <summary>Best-of-N: the index of the highest score, the first one of equals; -1 for none.</summary>
    public static int Best(IReadOnlyList<double> scores)
    {
        int best = -1;
        for (int i = 0; i < scores.Count; i++)
            if (best < 0 || scores[i] > scores[best]) best = i;
        return best;
    }

    private static void Check(int samples, int correct, int k)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(correct);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(correct, samples);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, samples);
    }
}
