using System.Diagnostics;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>How fast a model of a given shape writes: random weights, greedy, one token of prompt, several sequences at once.</summary>
/// <param name="Sequences">Sequences decoded together.</param>
/// <param name="TokensPerSequence">Tokens that each was given.</param>
/// <param name="Seconds">Median time of a run.</param>
/// <param name="BytesPerStep">Managed memory that a step allocated, in the mean; 0 is the aim.</param>
public sealed record DecodeBenchmark(int Sequences, int TokensPerSequence, double Seconds, double BytesPerStep)
{
    /// <summary>Tokens of all sequences per second.</summary>
    public double TokensPerSecond => Sequences * (double)TokensPerSequence / Seconds;

    /// <summary>The shape of stories260K, a known tiny Llama: 260K parameters with its tied head.</summary>
    public static TransformerConfig Stories260K { get; } = new()
    {
        VocabularySize = 512,
        Width = 64,
        Layers = 5,
        Heads = 8,
        KeyValueHeads = 4,
        HeadDimension = 8,
        FeedForward = 172,
        ContextLength = 512,
        TiedEmbeddings = true,
        QueryKeyNorm = false,
    };

    /// <summary>Measures a model.</summary>
    /// <param name="transformer">Its weights do not matter for the speed.</param>
    /// <param name="kernels">The arithmetic.</param>
    /// <param name="sequences">How many at once.</param>
    /// <param name="tokens">Tokens for each; at most the context less one.</param>
    /// <param name="runs">Runs to take the median of, after one to warm up.</param>
    /// <param name="adapters">Given to the sequences in turn; null for none.</param>
    /// <param name="sampling">How tokens are drawn, but for their number; null for the most likely ones.</param>
    public static DecodeBenchmark Measure(Transformer transformer, IKernels kernels, int sequences, int tokens, int runs = 5, IReadOnlyList<Adapter>? adapters = null, SamplingOptions? sampling = null)
    {
        using var generator = new Generator(transformer, null, kernels, new GeneratorOptions { MaxConcurrent = sequences, CacheBytes = long.MaxValue });
        var seconds = new double[runs];
        double bytesPerStep = 0;
        for (int run = -1; run < runs; run++)
        {
            for (int i = 0; i < sequences; i++)
                generator.Submit(new GenerationRequest([i % transformer.Config.VocabularySize], (sampling ?? SamplingOptions.Greedy) with { MaxTokens = tokens, Seed = (ulong)i, StopTokens = [] }) { Adapter = adapters is { Count: > 0 } ? adapters[i % adapters.Count] : null });
            generator.Step();
            long allocated = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
            int steps = 1;
            while (generator.Step()) steps++;
            if (run < 0) continue;

            // The first step, with its memory for the requests, is not counted: tokens - 1 were timed.
            seconds[run] = Stopwatch.GetElapsedTime(start).TotalSeconds * tokens / Math.Max(1, tokens - 1);
            bytesPerStep = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)steps;
        }

        Array.Sort(seconds);
        return new DecodeBenchmark(sequences, tokens, seconds[runs / 2], bytesPerStep);
    }
}
