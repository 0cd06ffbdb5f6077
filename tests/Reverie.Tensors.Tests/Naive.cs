namespace Reverie.Tensors.Tests;

/// <summary>The forward kernels in double precision, written as plainly as they can be. Matrices are flat and row-major.</summary>
internal static class Naive
{
    public static double[] Embedding(double[] table, int columns, int[] tokens) =>
        [.. tokens.SelectMany(token => table.Skip(token * columns).Take(columns))];

    /// <summary>x (n, k) times the transpose of w (m, k).</summary>
    public static double[] Linear(double[] x, double[] w, int n, int k, int m, double[]? residual = null)
    {
        var y = new double[n * m];
        for (int i = 0; i < n; i++)
            for (int j = 0; j < m; j++)
            {
                double sum = residual?[i * m + j] ?? 0;
                for (int c = 0; c < k; c++) sum += x[i * k + c] * w[j * k + c];
                y[i * m + j] = sum;
            }

        return y;
    }

    public static double[] RmsNorm(double[] x, double[] gain, double epsilon)
    {
        int d = gain.Length;
        var y = new double[x.Length];
        for (int row = 0; row < x.Length; row += d)
        {
            double squares = 0;
            for (int i = 0; i < d; i++) squares += x[row + i] * x[row + i];
            for (int i = 0; i < d; i++) y[row + i] = x[row + i] / Math.Sqrt(squares / d + epsilon) * gain[i];
        }

        return y;
    }

    public static double[] SwiGlu(double[] gateUp, int f)
    {
        var y = new double[gateUp.Length / 2];
        for (int i = 0; i < y.Length; i++)
        {
            double gate = gateUp[i / f * 2 * f + i % f], up = gateUp[i / f * 2 * f + f + i % f];
            y[i] = gate / (1 + Math.Exp(-gate)) * up;
        }

        return y;
    }

    /// <summary>(N, ProjectionColumns) to (N, OutputColumns); rows outside the segments are zero.</summary>
    public static double[] Attention(double[] projection, double[]? queryGain, double[]? keyGain, AttentionShape shape, Segment[] segments)
    {
        int d = shape.HeadDimension, columns = shape.ProjectionColumns;
        var output = new double[projection.Length / columns * shape.OutputColumns];
        foreach (Segment segment in segments)
            for (int head = 0; head < shape.Heads; head++)
            {
                int shared = head / (shape.Heads / shape.KeyValueHeads);
                double[][] queries = Heads(head, queryGain), keys = Heads(shape.Heads + shared, keyGain);
                for (int t = 0; t < segment.Length; t++)
                {
                    int first = shape.Window > 0 ? Math.Max(0, t - shape.Window + 1) : 0;
                    double[] scores = [.. Enumerable.Range(first, t + 1 - first).Select(u => queries[t].Zip(keys[u], (a, b) => a * b).Sum() / Math.Sqrt(d))];
                    double maximum = scores.Max(), sum = scores.Sum(s => Math.Exp(s - maximum));
                    for (int u = first; u <= t; u++)
                        for (int i = 0; i < d; i++)
                            output[(segment.Start + t) * shape.OutputColumns + head * d + i] +=
                                Math.Exp(scores[u - first] - maximum) / sum * projection[(segment.Start + u) * columns + (shape.Heads + shape.KeyValueHeads + shared) * d + i];
                }

                double[][] Heads(int at, double[]? gain) => [.. Enumerable.Range(0, segment.Length).Select(t => Rotate(projection.AsSpan((segment.Start + t) * columns + at * d, d), gain, t, shape))];
            }

        return output;
    }

    /// <summary>The sum of <c>scale * loss</c> over the tokens, as <see cref="TokenWeights"/> defines it, and each target's log-probability.</summary>
    public static double TokenLoss(double[] logits, int[] targets, TokenWeights weights, double scale, out double[] logProbabilities, out double[] entropies, out double[] divergences, double[]? teacher = null, bool reverse = false)
    {
        int v = logits.Length / Math.Max(targets.Length, 1);
        logProbabilities = new double[targets.Length];
        entropies = new double[targets.Length];
        divergences = new double[targets.Length];
        double loss = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            double[] row = logits[(i * v)..((i + 1) * v)];
            double maximum = row.Max(), log = maximum + Math.Log(row.Sum(x => Math.Exp(x - maximum)));
            logProbabilities[i] = row[targets[i]] - log;
            entropies[i] = row.Sum(x => Math.Exp(x - log) * (log - x));
            loss -= weights.Ce[i] * logProbabilities[i];
            if (weights.Rl is not null) loss -= weights.Rl[i] * logProbabilities[i];
            if (teacher is null) continue;
            double[] other = teacher[(i * v)..((i + 1) * v)];
            double otherMaximum = other.Max(), otherLog = otherMaximum + Math.Log(other.Sum(x => Math.Exp(x - otherMaximum)));
            divergences[i] = row.Zip(other, (x, t) => reverse ? Math.Exp(x - log) * (x - log - t + otherLog) : Math.Exp(t - otherLog) * (t - otherLog - x + log)).Sum();
            loss += (weights.Kl?[i] ?? 0) * divergences[i];
        }

        return scale * loss;
    }

    /// <summary>The loss of one value.</summary>
    public static double ValueLoss(double value, double target, bool logistic) => logistic
        ? target * Math.Log(1 + Math.Exp(-value)) + (1 - target) * Math.Log(1 + Math.Exp(value))
        : (value - target) * (value - target) / 2;

    private static double[] Rotate(Span<double> x, double[]? gain, int position, AttentionShape shape)
    {
        double[] normed = gain is null ? x.ToArray() : RmsNorm(x.ToArray(), gain, shape.Epsilon);
        int half = x.Length / 2;
        var y = new double[x.Length];
        for (int i = 0; i < half; i++)
        {
            double angle = position * Math.Pow(shape.RopeTheta, -2.0 * i / x.Length);
            y[i] = normed[i] * Math.Cos(angle) - normed[i + half] * Math.Sin(angle);
            y[i + half] = normed[i + half] * Math.Cos(angle) + normed[i] * Math.Sin(angle);
        }

        return y;
    }
}
