using CsCheck;
using Reverie.Models.Tests.Checkpoints;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Generation;

public sealed class AdjustedSamplingTests
{
    /// <summary>The formulas as OpenAI gives them, one token after the other.</summary>
    private static float[] Naive(float[] logits, int[] prompt, int[] reply, SamplingOptions options, int[] forbidden, HashSet<int>? allowed)
    {
        float[] result = new float[logits.Length];
        int[] seen = [.. prompt.Concat(reply).TakeLast(options.RepetitionWindow)];
        for (int token = 0; token < logits.Length; token++)
        {
            float x = logits[token];
            if (seen.Contains(token)) x = x > 0 ? x / options.RepetitionPenalty : x * options.RepetitionPenalty;
            int count = reply.Count(t => t == token);
            if (count > 0) x -= options.PresencePenalty + (options.FrequencyPenalty * count);
            x += options.LogitBias?.GetValueOrDefault(token) ?? 0;
            result[token] = forbidden.Contains(token) || allowed?.Contains(token) == false ? float.NegativeInfinity : x;
        }

        return result;
    }

    [Fact]
    public void Penalties_bias_and_masks_are_those_of_a_naive_version()
    {
        var sampler = new Sampler(200);
        Gen.Select(Gen.Float[-5, 5].Array[2, 150], Gen.Int[0, 149].Array[0, 30], Gen.Int[0, 30], Gen.Float[-2, 2].Array[2], Gen.Int[0, 149].Array[0, 3], Gen.Int[0, 149].Array[0, 60], Gen.ULong)
            .Sample((logits, history, promptLength, penalties, others, allowed, seed) =>
            {
                history = [.. history.Where(t => t < logits.Length)];
                promptLength = Math.Min(promptLength, history.Length);
                int[] forbidden = [.. others.Where(t => t % 2 == 0)];
                HashSet<int>? only = allowed.Length == 0 ? null : [.. allowed.Where(t => t < logits.Length && !forbidden.Contains(t))];
                if (only?.Count == 0 || logits.Length <= 3) return;
                ulong[] mask = only is null ? [] : new ulong[(logits.Length + 63) / 64];
                foreach (int token in only ?? []) mask[token / 64] |= 1UL << (token % 64);
                SamplingOptions options = new()
                {
                    Temperature = seed % 3 == 0 ? 0 : 1,
                    TopK = (int)(seed % 2) * 5,
                    RepetitionPenalty = 1.3f,
                    RepetitionWindow = 7,
                    PresencePenalty = penalties[0],
                    FrequencyPenalty = penalties[1],
                    LogitBias = others.Where(t => t % 2 == 1).Distinct().ToDictionary(t => t, t => (t % 7) - 3f),
                };
                float[] adjusted = Naive(logits, history[..promptLength], history[promptLength..], options, forbidden, only);
                SampledToken expected = sampler.Sample(adjusted, [], new SamplingOptions { Temperature = options.Temperature, TopK = options.TopK }, new RandomStream(seed, ""));
                Assert.Equal(expected, sampler.Sample(logits, history, options, new RandomStream(seed, ""), forbidden, mask, promptLength));
            }, iter: 2_000, threads: 1);
    }

    [Fact]
    public void Penalties_apply_to_the_reply_and_alternatives_are_the_models_own()
    {
        using Transformer transformer = SmallModels.Transformer();
        using var kernels = new CpuKernels(1);
        using var generator = new Generator(transformer, SmallModels.Tokenizer, kernels);
        SamplingOptions options = SamplingOptions.Greedy with { MaxTokens = 20, StopTokens = [], LogitBias = new Dictionary<int, float> { [65] = 50 } };
        Models.Generation biased = generator.RunToEnd([new GenerationRequest([65, 65], options) { TopLogProbabilities = 5 }])[0];
        Assert.Equal(Enumerable.Repeat(65, 20), biased.Tokens.ToArray());
        Models.Generation varied = generator.RunToEnd([new GenerationRequest([65, 65], options with { PresencePenalty = 2, FrequencyPenalty = 2 })])[0];
        Assert.Equal(65, varied.Tokens[0]);

        using var arena = new Arena();
        var tape = new Tape(kernels, arena, recording: false);
        int[] tokens = [65, 65, .. biased.Tokens];
        Tensor logits = Ops.Linear(tape, transformer.Forward(tape, tokens, tokens.Length, [new Segment(0, tokens.Length)], 1), transformer.Head);
        for (int i = 0; i < biased.Tokens.Length; i++)
        {
            float[] row = logits.Row(i + 1).ToArray();
            double denominator = Math.Log(row.Sum(x => Math.Exp(x - row.Max()))) + row.Max();
            int[] best = [.. Enumerable.Range(0, SmallModels.Tokenizer.VocabularySize).OrderByDescending(t => row[t]).ThenBy(t => t).Take(5)];
            TokenAlternative[] alternatives = biased.Alternatives(i).ToArray();
            Assert.Equal(best, alternatives.Select(a => a.Id));
            foreach (TokenAlternative alternative in alternatives) Assert.Equal(row[alternative.Id] - denominator, alternative.LogProbability, 1e-4);
            if (best.Contains(65)) Assert.Equal(biased.LogProbabilities[i], alternatives.First(a => a.Id == 65).LogProbability);
        }

        Assert.True(varied.Alternatives(0).IsEmpty);
        Assert.Throws<ReverieException>(() => generator.Submit(new GenerationRequest([1], options) { TopLogProbabilities = 21 }));
        Assert.Throws<ReverieException>(() => generator.Submit(new GenerationRequest([1], options with { LogitBias = new Dictionary<int, float> { [304] = 1 } })));
        Assert.True(biased.SubmittedTimestamp <= biased.StartedTimestamp && biased.StartedTimestamp < biased.FirstTokenTimestamp && biased.FirstTokenTimestamp < biased.LastTokenTimestamp);
    }
}
