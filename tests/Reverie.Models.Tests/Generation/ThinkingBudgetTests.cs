using CsCheck;
using Reverie.Models.Tests.Checkpoints;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Generation;

public sealed class ThinkingBudgetTests : IDisposable
{
    private static readonly Tokenizer _tokenizer = SmallModels.Tokenizer;
    private readonly IKernels _kernels = new CpuKernels(1);
    private readonly Transformer _transformer = SmallModels.Transformer(SmallModels.Config(context: 200));
    private readonly Generator _generator;

    public ThinkingBudgetTests() => _generator = new Generator(_transformer, _tokenizer, _kernels);

    public void Dispose()
    {
        _generator.Dispose();
        _transformer.Dispose();
        _kernels.Dispose();
    }

    // So hot that every token is about as likely, those that end something too.
    private Models.Generation Hot(ThinkingBudget? budget, ulong seed, int tokens = 100, float temperature = 100) =>
        _generator.RunToEnd([new GenerationRequest([1, 2, 3], new SamplingOptions { Temperature = temperature, Seed = seed, MaxTokens = tokens, Thinking = budget })])[0];

    [Fact]
    public void A_budget_of_zero_begins_with_empty_reasoning_that_nobody_chose()
    {
        for (ulong seed = 0; seed < 30; seed++)
        {
            Models.Generation reply = Hot(ThinkingBudget.None, seed);
            Assert.Equal([_tokenizer.ThinkStart, _tokenizer.ThinkEnd], reply.Tokens[..2]);
            Assert.Equal([true, true], reply.Forced[..2]);
            Assert.False(reply.Forced[2..].Contains(true));
            Assert.False(reply.Tokens[2..].Contains(_tokenizer.ThinkStart));
        }
    }

    [Fact]
    public void Reasoning_has_at_least_the_minimum_and_at_most_the_maximum_of_tokens()
    {
        Gen.Select(Gen.Int[0, 40], Gen.Int[0, 40], Gen.ULong, Gen.Int[0, 2].Select(i => i * i * 25f)).Sample((least, more, seed, temperature) =>
        {
            Models.Generation reply = Hot(new ThinkingBudget(least, least + more), seed, temperature: temperature);
            int used = 0;
            bool isThinking = false;
            for (int i = 0; i < reply.Tokens.Length; i++)
            {
                int token = reply.Tokens[i];
                if (token == _tokenizer.ThinkStart) isThinking = true;
                else if (token == _tokenizer.ThinkEnd)
                {
                    if (isThinking) Assert.InRange(used, least, least + more);
                    isThinking = false;
                }
                else if (isThinking) used++;
            }

            if (least > 0) Assert.Equal(_tokenizer.ThinkStart, reply.Tokens[0]);
            Assert.InRange(used, reply.StopReason == StopReason.MaxTokens ? 0 : least, least + more);
            for (int i = 0; i < reply.Tokens.Length; i++)
                if (reply.Forced[i]) Assert.True(reply.Tokens[i] == _tokenizer.ThinkStart || reply.Tokens[i] == _tokenizer.ThinkEnd);
        }, iter: 150, threads: 1);
    }

    [Fact]
    public void The_minimum_holds_back_every_end()
    {
        int[] ends = [_tokenizer.ThinkEnd, _tokenizer.MessageEnd, _tokenizer.EndOfText, 7];
        for (ulong seed = 0; seed < 20; seed++)
        {
            var options = new SamplingOptions { Temperature = 100, TopP = 0.99f, Seed = seed, MaxTokens = 100, StopTokens = [7], Thinking = new ThinkingBudget(80, 80) };
            Models.Generation reply = _generator.RunToEnd([new GenerationRequest([1, 2, 3], options)])[0];
            Assert.Equal(-1, reply.Tokens[..81].IndexOfAny(ends));
            Assert.Equal(_tokenizer.ThinkEnd, reply.Tokens[81]);
            Assert.True(reply.Forced[81]);
        }
    }

    [Fact]
    public void Log_probabilities_are_the_trainers_forced_or_not()
    {
        Models.Generation reply = Hot(new ThinkingBudget(10, 10), 5, temperature: 1);
        int[] tokens = [.. reply.Request.Prompt, .. reply.Tokens];
        using var arena = new Arena();
        var tape = new Tape(_kernels, arena);
        float[] expected = new float[tokens.Length - 1];
        Tensor hidden = _transformer.Forward(tape, tokens, tokens.Length - 1, [new Segment(0, tokens.Length - 1)], 1);
        Ops.TokenLoss(tape, hidden, _transformer.Head, tokens[1..], null, 0, 1, expected);
        Assert.Equal(expected[2..], reply.LogProbabilities);
    }

    [Fact]
    public void Budgets_beside_one_another_change_nothing()
    {
        GenerationRequest[] requests = [.. Enumerable.Range(0, 12).Select(i => new GenerationRequest([i + 1, 2], new SamplingOptions
        {
            Seed = (ulong)i, MaxTokens = 60, Temperature = i % 3 == 0 ? 100 : 1, Thinking = i % 4 == 0 ? null : new ThinkingBudget(i % 4, 5 * i),
        }))];
        IReadOnlyList<Models.Generation> together = _generator.RunToEnd(requests);
        for (int i = 0; i < requests.Length; i++)
        {
            Models.Generation alone = _generator.RunToEnd([requests[i]])[0];
            Assert.Equal(alone.Tokens, together[i].Tokens);
            Assert.Equal(alone.LogProbabilities, together[i].LogProbabilities);
            Assert.Equal(requests[i].Options.Thinking is null ? 0 : alone.Tokens.Length, together[i].Forced.Length);
        }
    }

    [Fact]
    public void A_budget_that_leaves_everything_free_draws_what_no_budget_draws()
    {
        for (ulong seed = 0; seed < 20; seed++) Assert.Equal(Hot(null, seed).Tokens, Hot(new ThinkingBudget(), seed).Tokens);
    }

    [Theory]
    [InlineData(-1, 5)]
    [InlineData(6, 5)]
    public void A_budget_that_makes_no_sense_is_refused(int minimum, int maximum) =>
        Assert.Throws<ReverieException>(() => Hot(new ThinkingBudget(minimum, maximum), 1));
}
