using System.Diagnostics;
using System.Globalization;

namespace Reverie.Tensors;

/// <summary>
/// Kernels that report on others: with REVERIE_TRACE=ops each call prints its shapes, time and speed, and disposing prints a
/// table of where the time went. Speed is GFLOP/s for products and attention, GB/s for what only moves memory.
/// </summary>
public sealed class TracingKernels : IKernels
{
    private readonly IKernels _kernels;
    private readonly TextWriter _writer;
    private readonly SortedDictionary<string, Total> _totals = new(StringComparer.Ordinal);

    /// <summary>Wraps <paramref name="kernels"/>, which this object then owns.</summary>
    public TracingKernels(IKernels kernels, TextWriter writer) => (_kernels, _writer) = (kernels, writer);

    /// <summary>Whether the environment asks for a trace.</summary>
    public static bool IsWanted => Environment.GetEnvironmentVariable("REVERIE_TRACE") == "ops";

    /// <inheritdoc/>
    public int Threads => _kernels.Threads;

    /// <inheritdoc/>
    public void MatMul(Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor c, bool accumulate)
    {
        long start = Stopwatch.GetTimestamp();
        _kernels.MatMul(a, transposeA, b, transposeB, c, accumulate);
        int inner = transposeA ? a.Rows : a.Columns;
        string kind = $"MatMul {(transposeA ? 'T' : 'N')}{(transposeB ? 'T' : 'N')}{(b.Packed is null ? "" : " packed")}";
        Report(start, kind, $"({c.Rows}, {inner}) x ({inner}, {c.Columns})", flops: 2.0 * inner * c.Length);
    }

    /// <inheritdoc/>
    public void Prepack(Tensor weight)
    {
        long start = Stopwatch.GetTimestamp();
        _kernels.Prepack(weight);
        Report(start, "Prepack", weight.ToString(), bytes: 8 * weight.Length);
    }

    /// <inheritdoc/>
    public void Unpack(Tensor weight) => _kernels.Unpack(weight);

    /// <inheritdoc/>
    public void AddLowRanks(Tensor x, ReadOnlySpan<LowRankRows> rows, Tensor y)
    {
        long start = Stopwatch.GetTimestamp();
        _kernels.AddLowRanks(x, rows, y);
        double flops = 0;
        foreach (LowRankRows run in rows) flops += 2.0 * run.Count * run.Up.Rows * (x.Columns + y.Columns);
        Report(start, "AddLowRanks", $"{x} to {y}, {rows.Length} runs", flops: flops);
    }

    /// <inheritdoc/>
    public void Embed(Tensor table, ReadOnlySpan<int> tokens, Tensor output)
    {
        long start = Stopwatch.GetTimestamp();
        _kernels.Embed(table, tokens, output);
        Report(start, "Embed", output.ToString(), bytes: 8 * output.Length);
    }

    /// <inheritdoc/>
    public void EmbedBackward(Tensor outputGradient, ReadOnlySpan<int> tokens, Tensor tableGradient)
    {
        long start = Stopwatch.GetTimestamp();
        _kernels.EmbedBackward(outputGradient, tokens, tableGradient);
        Report(start, "EmbedBackward", outputGradient.ToString(), bytes: 12 * outputGradient.Length);
    }

    /// <inheritdoc/>
    public void RmsNorm(Tensor x, Tensor gain, float epsilon, Tensor y, Tensor inverseRms)
    {
        long start = Stopwatch.GetTimestamp();
        _kernels.RmsNorm(x, gain, epsilon, y, inverseRms);
        Report(start, "RmsNorm", x.ToString(), bytes: 8 * x.Length);
    }

    /// <inheritdoc/>
    public void RmsNormBackward(Tensor x, Tensor gain, Tensor inverseRms, Tensor yGradient, Tensor xGradient, bool accumulate, Tensor? gainGradient)
    {
        long start = Stopwatch.GetTimestamp();
        _kernels.RmsNormBackward(x, gain, inverseRms, yGradient, xGradient, accumulate, gainGradient);
        Report(start, "RmsNormBackward", x.ToString(), bytes: (accumulate ? 16 : 12) * x.Length);
    }

    /// <inheritdoc/>
    public void SwiGlu(Tensor gateUp, Tensor y)
    {
        long start = Stopwatch.GetTimestamp();
        _kernels.SwiGlu(gateUp, y);
        Report(start, "SwiGlu", gateUp.ToString(), bytes: 6 * gateUp.Length);
    }

    /// <inheritdoc/>
    public void SwiGluBackward(Tensor gateUp, Tensor yGradient, Tensor gateUpGradient)
    {
        long start = Stopwatch.GetTimestamp();
        _kernels.SwiGluBackward(gateUp, yGradient, gateUpGradient);
        Report(start, "SwiGluBackward", gateUp.ToString(), bytes: 10 * gateUp.Length);
    }

    /// <inheritdoc/>
    public void Add(Tensor source, Tensor target, bool accumulate)
    {
        long start = Stopwatch.GetTimestamp();
        _kernels.Add(source, target, accumulate);
        Report(start, accumulate ? "Add" : "Copy", target.ToString(), bytes: (accumulate ? 12 : 8) * target.Length);
    }

    /// <inheritdoc/>
    public void Attention(Tensor projection, Tensor? queryGain, Tensor? keyGain, AttentionShape shape, ReadOnlySpan<Segment> segments, Tensor output, Tensor logSumExp)
    {
        long start = Stopwatch.GetTimestamp();
        _kernels.Attention(projection, queryGain, keyGain, shape, segments, output, logSumExp);
        Report(start, "Attention", $"{projection} in {segments.Length} segments", flops: 4 * Pairs(segments, [], shape) * shape.OutputColumns);
    }

    /// <inheritdoc/>
    public void AttentionBackward(Tensor projection, Tensor? queryGain, Tensor? keyGain, AttentionShape shape, ReadOnlySpan<Segment> segments,
        Tensor output, Tensor logSumExp, Tensor outputGradient, Tensor projectionGradient, Tensor? queryGainGradient, Tensor? keyGainGradient)
    {
        long start = Stopwatch.GetTimestamp();
        _kernels.AttentionBackward(projection, queryGain, keyGain, shape, segments, output, logSumExp, outputGradient, projectionGradient, queryGainGradient, keyGainGradient);
        Report(start, "AttentionBackward", $"{projection} in {segments.Length} segments", flops: 10 * Pairs(segments, [], shape) * shape.OutputColumns);
    }

    /// <inheritdoc/>
    public void CachedAttention(Tensor projection, Tensor? queryGain, Tensor? keyGain, AttentionShape shape, ReadOnlySpan<Segment> segments,
        PagedKeyValues cache, int layer, Tensor output)
    {
        long start = Stopwatch.GetTimestamp();
        _kernels.CachedAttention(projection, queryGain, keyGain, shape, segments, cache, layer, output);
        Report(start, "CachedAttention", $"{projection} in {segments.Length} segments", flops: 4 * Pairs(segments, cache.Past, shape) * shape.OutputColumns);
    }

    /// <inheritdoc/>
    public void SoftmaxLoss(Tensor logits, ReadOnlySpan<int> targets, TokenWeights? weights, int offset, float scale, Span<float> logProbabilities, Span<float> entropies,
        Tensor? teacher = null, bool reverse = false, Span<float> divergences = default)
    {
        long start = Stopwatch.GetTimestamp();
        _kernels.SoftmaxLoss(logits, targets, weights, offset, scale, logProbabilities, entropies, teacher, reverse, divergences);
        Report(start, "SoftmaxLoss", logits.ToString(), bytes: (weights is null ? 4 : 8) * logits.Length + 4 * (teacher?.Length ?? 0));
    }

    /// <inheritdoc/>
    public double SumOfSquares(Tensor x)
    {
        long start = Stopwatch.GetTimestamp();
        double sum = _kernels.SumOfSquares(x);
        Report(start, "SumOfSquares", x.ToString(), bytes: 4 * x.Length);
        return sum;
    }

    /// <inheritdoc/>
    public void Scale(Tensor x, float factor)
    {
        long start = Stopwatch.GetTimestamp();
        _kernels.Scale(x, factor);
        Report(start, "Scale", x.ToString(), bytes: 8 * x.Length);
    }

    /// <inheritdoc/>
    public void Clear(Tensor x)
    {
        long start = Stopwatch.GetTimestamp();
        _kernels.Clear(x);
        Report(start, "Clear", x.ToString(), bytes: 4 * x.Length);
    }

    /// <inheritdoc/>
    public void AdamW(Tensor value, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWSettings settings)
    {
        long start = Stopwatch.GetTimestamp();
        _kernels.AdamW(value, gradient, firstMoment, secondMoment, settings);
        Report(start, "AdamW", value.ToString(), bytes: 28 * value.Length);
    }

    /// <summary>Prints the table and disposes the kernels.</summary>
    public void Dispose()
    {
        double all = Math.Max(_totals.Values.Sum(t => t.Seconds), 1e-12);
        foreach ((string op, Total total) in _totals.OrderByDescending(t => t.Value.Seconds))
            _writer.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{op,-18} {total.Calls,8} calls {total.Seconds * 1e3,12:F2} ms {total.Seconds / all,7:P1} {Speed(total.Flops, total.Bytes, total.Seconds)}"));
        _totals.Clear();
        _kernels.Dispose();
    }

    /// <summary>Pairs of a token and one that it sees.</summary>
    private static double Pairs(ReadOnlySpan<Segment> segments, int[] past, AttentionShape shape)
    {
        double pairs = 0;
        for (int s = 0; s < segments.Length; s++)
        {
            double before = past.Length > s ? past[s] : 0, after = before + segments[s].Length;
            pairs += Triangle(after) - Triangle(before);
        }

        return pairs;

        double Triangle(double n) => shape.Window > 0 && n > shape.Window ? shape.Window * (n - shape.Window) + shape.Window * (shape.Window + 1.0) / 2 : n * (n + 1) / 2;
    }

    private static string Speed(double flops, double bytes, double seconds) => flops > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{flops / seconds * 1e-9,8:F1} GFLOP/s")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / seconds * 1e-9,8:F1} GB/s");

    private void Report(long start, string op, string shapes, double flops = 0, double bytes = 0)
    {
        double seconds = Math.Max(Stopwatch.GetElapsedTime(start).TotalSeconds, 1e-9);
        _totals.TryGetValue(op, out Total total);
        _totals[op] = new Total(total.Calls + 1, total.Seconds + seconds, total.Flops + flops, total.Bytes + bytes);
        _writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{op,-18} {shapes,-40} {seconds * 1e6,10:F1} us {Speed(flops, bytes, seconds)}"));
    }

    private readonly record struct Total(long Calls, double Seconds, double Flops, double Bytes);
}
