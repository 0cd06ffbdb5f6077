namespace Reverie.Evaluation;

/// <summary>
/// Ratings from pairwise comparisons (Bradley and Terry, 1952) as Chatbot Arena computes them (arXiv 2403.04132): logistic regression in which a
/// player who is 400 points ahead wins ten times as often, ratings around 1000, a tie half a win for each.
/// </summary>
public static class BradleyTerry
{
    private const double Scale = 400, Initial = 1000;

    /// <summary>Weight of a pull towards the mean: too small to show, but a player who never loses gets a finite rating.</summary>
    private const double Ridge = 1e-4;

    /// <summary>The rating of each player; they average 1000.</summary>
    /// <param name="games">The comparisons.</param>
    /// <param name="players">Number of players.</param>
    public static double[] Fit(IReadOnlyList<ArenaGame> games, int players)
    {
        double[,] wins = new double[players, players];
        foreach (ArenaGame game in games)
        {
            wins[game.First, game.Second] += game.Score;
            wins[game.Second, game.First] += 1 - game.Score;
        }

        double[] strength = new double[players];
        for (int round = 0; round < 100; round++)
        {
            double[] step = NewtonStep(wins, strength);
            double before = Objective(wins, strength), share = 1;
            double[] next = strength;
            for (int halving = 0; halving < 40; halving++, share /= 2)
            {
                next = [.. strength.Select((s, i) => s + share * step[i])];
                if (Objective(wins, next) >= before) break;
            }

            strength = next;
            if (step.Max(Math.Abs) < 1e-10) break;
        }

        double mean = strength.Average();
        return [.. strength.Select(s => Initial + (s - mean) * Scale / Math.Log(10))];
    }

    /// <summary>The probability that the first wins, by the ratings.</summary>
    public static double WinProbability(double first, double second) => 1 / (1 + Math.Pow(10, (second - first) / Scale));

    /// <summary>Log-likelihood of the games, and the pull.</summary>
    private static double Objective(double[,] wins, double[] strength)
    {
        double sum = 0;
        for (int i = 0; i < strength.Length; i++)
        {
            sum -= Ridge / 2 * strength[i] * strength[i];
            for (int j = 0; j < strength.Length; j++)
                if (wins[i, j] > 0) sum -= wins[i, j] * Softplus(strength[j] - strength[i]);
        }

        return sum;
    }

    private static double[] NewtonStep(double[,] wins, double[] strength)
    {
        int n = strength.Length;
        double[,] curvature = new double[n, n];
        double[] gradient = new double[n];
        for (int i = 0; i < n; i++)
        {
            gradient[i] = -Ridge * strength[i];
            curvature[i, i] += Ridge;
            for (int j = 0; j < n; j++)
            {
                double games = wins[i, j] + wins[j, i];
                if (i == j || games == 0) continue;
                double p = 1 / (1 + Math.Exp(strength[j] - strength[i]));
                gradient[i] += wins[i, j] - games * p;
                curvature[i, i] += games * p * (1 - p);
                curvature[i, j] -= games * p * (1 - p);
            }
        }

        return Solve(curvature, gradient);
    }

    /// <summary>Gaussian elimination; the matrix is symmetric and positive definite, so it needs no pivots.</summary>
    private static double[] Solve(double[,] matrix, double[] right)
    {
        int n = right.Length;
        for (int column = 0; column < n; column++)
            for (int row = column + 1; row < n; row++)
            {
                double factor = matrix[row, column] / matrix[column, column];
                for (int k = column; k < n; k++) matrix[row, k] -= factor * matrix[column, k];
                right[row] -= factor * right[column];
            }

        for (int row = n - 1; row >= 0; row--)
        {
            for (int k = row + 1; k < n; k++) right[row] -= matrix[row, k] * right[k];
            right[row] /= matrix[row, row];
        }

        return right;
    }

    private static double Softplus(double x) => x > 0 ? x + Math.Log(1 + Math.Exp(-x)) : Math.Log(1 + Math.Exp(x));
}
