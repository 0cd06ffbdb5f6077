using CsCheck;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Generation;

public sealed class SamplerTests
{
    /// <summary>The distribution by the book: sorts everything, in double. Null where a limit is too close to call in float.</summary>
    private static double[]? Reference(float[] logits, int[] history, SamplingOptions options)
    {
        double[] scores = [.. logits.Select(x => (double)x)];
        foreach (int token in history.TakeLast(options.RepetitionWindow == 0 ? history.Length : options.RepetitionWindow).Distinct())
            scores[token] = scores[token] > 0 ? scores[token] / options.RepetitionPenalty : scores[token] * options.RepetitionPenalty;
        double maximum = scores.Max();
        double[] weights = [.. scores.Select(x => Math.Exp((x - maximum) / options.Temperature))];
        int[] order = [.. Enumerable.Range(0, weights.Length).OrderByDescending(i => weights[i]).ThenBy(i => i)];
        if (order.Zip(order.Skip(1)).Any(pair => weights[pair.First] != weights[pair.Second] && weights[pair.First] - weights[pair.Second] < 1e-5 * weights[pair.First])) return null;
        var kept = new List<int>(options.TopK > 0 ? order.Take(options.TopK) : order);
        if (options.TopP < 1)
        {
            double total = kept.Sum(i => weights[i]), sum = 0;
            int count = 0;
            while (count < kept.Count && sum < options.TopP * total)
            {
                sum += weights[kept[count++]];
                if (Math.Abs(sum - (options.TopP * total)) < 1e-5 * total) return null;
            }

            kept = [.. kept.Take(count)];
        }

        if (kept.Any(i => Math.Abs(weights[i] - options.MinP) < 1e-5)) return null;
        kept.RemoveAll(i => weights[i] < options.MinP);
        double[] probabilities = new double[weights.Length];
        foreach (int i in kept) probabilities[i] = weights[i] / kept.Sum(k => weights[k]);
        return probabilities;
    }

    private static readonly Gen<SamplingOptions> _options =
        Gen.Select(Gen.Float[0.3f, 2], Gen.OneOf(0, 1, 3, 20), Gen.OneOf(1f, 0.9f, 0.5f), Gen.OneOf(0f, 0.05f, 0.3f), Gen.OneOf(1f, 1.3f))
            .Select((temperature, topK, topP, minP, penalty) => new SamplingOptions
            {
                Temperature = temperature,
                TopK = topK,
                TopP = topP,
                MinP = minP,
                RepetitionPenalty = penalty,
                RepetitionWindow = 5,
            });

    [Fact]
    public void Draws_have_the_probabilities_of_the_definition()
    {
        Gen.Select(_options, Gen.Float[-5, 5].Array[1, 70], Gen.Int[0, 1000], Gen.Int[0, 69].Array[0, 9]).Sample((options, logits, seed, seen) =>
        {
            int[] history = [.. seen.Where(t => t < logits.Length)];
            double[]? expected = Reference(logits, history, options);
            if (expected is null) return;
            var sampler = new Sampler(logits.Length + 3);
            var random = new RandomStream((ulong)seed, "test");
            for (int i = 0; i < 20; i++)
            {
                SampledToken token = sampler.Sample(logits, history, options, random);
                Assert.True(expected[token.Id] > 0, $"token {token.Id} was filtered out");
                Assert.Equal(Math.Log(expected[token.Id]), token.LogProbability, 1e-4);
            }
        }, iter: 2_000);
    }

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(6, 1, 0)]
    [InlineData(0, 0.95, 0)]
    [InlineData(0, 1, 0.02)]
    public void Frequencies_are_the_probabilities(int topK, float topP, float minP)
    {
        const int Draws = 40_000;
        var random = new RandomStream(3, "logits");
        float[] logits = [.. Enumerable.Range(0, 21).Select(_ => (float)random.NextGaussian() * 2)];
        SamplingOptions options = new() { Temperature = 0.8f, TopK = topK, TopP = topP, MinP = minP };
        double[] expected = Reference(logits, [], options)!;
        int[] counts = new int[logits.Length];
        var sampler = new Sampler(logits.Length);
        for (int i = 0; i < Draws; i++) counts[sampler.Sample(logits, [], options, random).Id]++;
        for (int i = 0; i < counts.Length; i++)
            Assert.True(Math.Abs(counts[i] - (expected[i] * Draws)) <= 5 * Math.Sqrt(Draws * expected[i] * (1 - expected[i])) + 1e-9, $"token {i}: {counts[i]} of {expected[i] * Draws}");
    }

    [Fact]
    public void Greedy_takes_the_first_of_the_most_likely()
    {
        var sampler = new Sampler(100);
        for (int length = 2; length < 100; length++)
        {
            float[] logits = new float[length];
            logits[length / 2] = logits[length - 1] = 1;
            Assert.Equal(length / 2, sampler.Sample(logits, [], SamplingOptions.Greedy, new RandomStream(1, "")).Id);
            SamplingOptions penalised = SamplingOptions.Greedy with { RepetitionPenalty = 2 };
            if (length > 2) Assert.Equal(length - 1, sampler.Sample(logits, [length / 2, length / 2], penalised, new RandomStream(1, "")).Id);
        }
    }

    [Fact]
    public void Masked_tokens_are_never_drawn_and_broken_logits_are_refused()
    {
        var sampler = new Sampler(40);
        float[] logits = [.. Enumerable.Repeat(float.NegativeInfinity, 40)];
        logits[17] = -3;
        foreach (SamplingOptions options in new[] { SamplingOptions.Greedy, new(), new() { TopK = 5 }, new() { TopP = 0.5f }, new() { MinP = 0.1f } })
        {
            Assert.Equal(new SampledToken(17, 0), sampler.Sample(logits, [], options, new RandomStream(1, "")));
            Assert.Throws<ReverieException>(() => sampler.Sample([float.PositiveInfinity, 0], [], options, new RandomStream(1, "")));
            Assert.Throws<ReverieException>(() => sampler.Sample([.. logits[..30], float.NaN, 0], [], options, new RandomStream(1, "")));
            Assert.Throws<ReverieException>(() => sampler.Sample([1, 2, float.NaN], [], options, new RandomStream(1, "")));
        }
    }

    [Fact]
    public void A_draw_makes_no_garbage()
    {
        var sampler = new Sampler(512);
        var random = new RandomStream(1, "logits");
        float[] logits = [.. Enumerable.Range(0, 512).Select(_ => (float)random.NextGaussian())];
        int[] history = [1, 2, 3, 4];
        SamplingOptions options = new() { Temperature = 0.7f, TopK = 200, TopP = 0.9f, MinP = 0.01f, RepetitionPenalty = 1.1f };
        long before = 0;
        for (int i = 0; i < 200; i++)
        {
            if (i == 100) before = GC.GetAllocatedBytesForCurrentThread();
            sampler.Sample(logits, history, options, random);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Options_out_of_range_are_refused_by_name()
    {
        (SamplingOptions Options, string Name)[] wrong =
        [
            (new() { Temperature = -1 }, "temperature"), (new() { Temperature = float.NaN }, "temperature"), (new() { TopK = -1 }, "top-k"),
            (new() { TopP = 0 }, "top-p"), (new() { TopP = 1.01f }, "top-p"), (new() { MinP = -0.1f }, "min-p"), (new() { RepetitionPenalty = 0 }, "repetition penalty"),
            (new() { PresencePenalty = 2.1f }, "presence penalty"), (new() { FrequencyPenalty = float.NaN }, "frequency penalty"),
            (new() { LogitBias = new Dictionary<int, float> { [3] = 101 } }, "logit bias"), (new() { LogitBias = new Dictionary<int, float> { [-1] = 1 } }, "logit bias"),
            (new() { RepetitionWindow = -1 }, "window"), (new() { MaxTokens = 0 }, "maximum of tokens"), (new() { Stop = ["a", ""] }, "stop text"),
        ];
        foreach ((SamplingOptions options, string name) in wrong) Assert.Contains(name, Assert.Throws<ReverieException>(options.Validate).Message);
        Assert.Same(SamplingOptions.Greedy, SamplingOptions.Greedy.Validate());
    }
}
