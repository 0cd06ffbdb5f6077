using Reverie.Models.Tests.Checkpoints;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Generation;

public sealed class ConstraintTests : IDisposable
{
    private static readonly Tokenizer _tokenizer = SmallModels.Tokenizer;
    private readonly IKernels _kernels = new CpuKernels(1);
    private readonly Transformer _transformer = SmallModels.Transformer(SmallModels.Config(context: 200));
    private readonly Generator _generator;

    public ConstraintTests() => _generator = new Generator(_transformer, _tokenizer, _kernels);

    public void Dispose()
    {
        _generator.Dispose();
        _transformer.Dispose();
        _kernels.Dispose();
    }

    private static GenerationRequest Request(ITokenConstraint constraint, ulong seed, ThinkingBudget? thinking = null, int[]? prompt = null, int tokens = 60) =>
        new(prompt ?? [1, 2, 3], new SamplingOptions { Temperature = 50, Seed = seed, MaxTokens = tokens, Thinking = thinking }) { Constraint = constraint };

    [Fact]
    public void A_reply_says_only_what_is_allowed_and_ends_only_where_it_may()
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            Models.Generation reply = _generator.RunToEnd([Request(new Digits(least: 3, most: 9), seed)])[0];
            Assert.InRange(reply.Text.Length, 3, 9);
            Assert.All(reply.Text, c => Assert.True(char.IsAsciiDigit(c)));
            Assert.True(reply.StopReason is StopReason.StopToken or StopReason.EndOfText ? reply.Text.Length < 9 : reply is { StopReason: StopReason.Complete, Text.Length: 9 }, $"{reply.StopReason} {reply.Text}");
        }
    }

    [Fact]
    public void Reasoning_is_free_and_what_follows_is_not()
    {
        int thought = 0;
        for (ulong seed = 0; seed < 60; seed++)
        {
            ThinkingBudget budget = (seed % 3) switch { 0 => ThinkingBudget.None, 1 => new ThinkingBudget(2, 6), _ => new ThinkingBudget(0, 6) };
            Models.Generation reply = _generator.RunToEnd([Request(new Digits(3, 9), seed, budget)])[0];
            int[] tokens = reply.Tokens.ToArray();
            int end = Array.IndexOf(tokens, _tokenizer.ThinkEnd);
            if (seed % 3 < 2) Assert.True(tokens[0] == _tokenizer.ThinkStart && end > 0);
            if (end > 0) thought++;
            Assert.Equal(end < 0 ? -1 : 0, Array.LastIndexOf(tokens, _tokenizer.ThinkStart));
            string answer = _tokenizer.Decode(tokens[(end + 1)..], skipSpecialTokens: true);
            Assert.InRange(answer.Length, 3, 9);
            Assert.All(answer, c => Assert.True(char.IsAsciiDigit(c)));
        }

        Assert.InRange(thought, 40, 59);
        Models.Generation opened = _generator.RunToEnd([Request(new Digits(3, 9), 5, prompt: [1, _tokenizer.ThinkStart])])[0];
        int[] all = opened.Tokens.ToArray();
        int closed = Array.IndexOf(all, _tokenizer.ThinkEnd);
        Assert.True(opened.StopReason == StopReason.MaxTokens ? closed < 0 || all[(closed + 1)..].Length < 9 : closed >= 0);
    }

    [Fact]
    public void Constraints_that_contradict_themselves_or_throw_end_one_request_with_a_reason()
    {
        SamplingOptions options = new() { MaxTokens = 20, Seed = 3, StopTokens = [] };
        Models.Generation alone = _generator.RunToEnd([new GenerationRequest([1, 2], options)])[0];
        var failures = new List<string?>();
        Models.Generation beside = _generator.Submit(new GenerationRequest([1, 2], options));
        foreach (ITokenConstraint constraint in new ITokenConstraint[] { new Stuck(0), new Stuck(4), new Broken() })
            _generator.Submit(Request(constraint, 1) with { OnFinished = g => failures.Add($"{g.StopReason} {g.Tokens.Length} {g.Failure}") });
        while (_generator.Step())
        {
        }

        Assert.Equal(alone.Tokens, beside.Tokens);
        Assert.Equal(3, failures.Count);
        Assert.Contains(failures, f => f!.StartsWith("Failed 0 The constraint on the reply allows no token", StringComparison.Ordinal));
        Assert.Contains(failures, f => f!.StartsWith("Failed 4 The constraint on the reply allows no token", StringComparison.Ordinal));
        Assert.Contains("Failed 1 The constraint on the reply failed: out of order", failures);
        Assert.Throws<ReverieException>(() => _generator.RunToEnd([Request(new Stuck(0), 1)]));
        Assert.Throws<ReverieException>(() => _generator.Stream(Request(new Stuck(2), 1)).ToArray());
    }

    /// <summary>Between so many digits and so many.</summary>
    private sealed class Digits(int least, int most) : ITokenConstraint
    {
        private int _count;

        public bool MayEnd => _count >= least;

        public void Allow(Span<ulong> allowed)
        {
            if (_count >= most) return;
            for (char c = '0'; c <= '9'; c++)
            {
                int token = Assert.Single(_tokenizer.Encode(c.ToString()));
                allowed[token / 64] |= 1UL << (token % 64);
            }
        }

        public void Accept(int token)
        {
            Assert.True(char.IsAsciiDigit(Assert.Single(_tokenizer.Decode([token]))));
            _count++;
        }
    }

    private sealed class Stuck(int after) : ITokenConstraint
    {
        private int _count;

        public bool MayEnd => false;

        public void Allow(Span<ulong> allowed)
        {
            if (_count < after) allowed.Fill(ulong.MaxValue);
        }

        public void Accept(int token) => _count++;
    }

    private sealed class Broken : ITokenConstraint
    {
        public bool MayEnd => false;

        public void Allow(Span<ulong> allowed) => allowed[1] = 1;

        public void Accept(int token) => throw new InvalidOperationException("out of order");
    }
}
