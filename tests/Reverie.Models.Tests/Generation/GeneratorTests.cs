using CsCheck;
using Reverie.Models.Tests.Checkpoints;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Generation;

public sealed class GeneratorTests : IDisposable
{
    private const int Context = 200;
    private static readonly Tokenizer _tokenizer = SmallModels.Tokenizer;
    private readonly IKernels _kernels = new CpuKernels(2);
    private readonly Transformer _transformer = SmallModels.Transformer(SmallModels.Config(context: Context));

    public void Dispose()
    {
        _transformer.Dispose();
        _kernels.Dispose();
    }

    private Generator Open(int concurrent = 8, int prefill = 64, long cacheBytes = 1 << 30) =>
        new(_transformer, _tokenizer, _kernels, new GeneratorOptions { MaxConcurrent = concurrent, PrefillTokens = prefill, CacheBytes = cacheBytes });

    private static int[] Tokens(RandomStream random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(256))];

    private static GenerationRequest Request(RandomStream random) => new(
        Tokens(random, random.Next(5) == 0 ? random.Next(60, 150) : random.Next(1, 20)),
        new SamplingOptions
        {
            Temperature = random.Next(3) == 0 ? 0 : 1.2f,
            TopK = random.Next(2) * 50,
            TopP = random.Next(2) == 0 ? 1 : 0.9f,
            RepetitionPenalty = random.Next(3) == 0 ? 1.2f : 1,
            Seed = random.NextUInt64(),
            MaxTokens = random.Next(1, 60),
        });

    private static void AssertSame(Models.Generation expected, Models.Generation actual)
    {
        Assert.Equal(expected.Tokens, actual.Tokens);
        Assert.Equal(expected.LogProbabilities, actual.LogProbabilities);
        Assert.Equal(expected.SamplingLogProbabilities, actual.SamplingLogProbabilities);
        Assert.Equal(expected.StopReason, actual.StopReason);
        Assert.Equal(expected.Text, actual.Text);
    }

    [Fact]
    public void Each_sequence_gets_what_it_gets_alone_whatever_joins_and_leaves_beside_it()
    {
        var random = new RandomStream(1, "requests");
        GenerationRequest[] requests = [.. Enumerable.Range(0, 40).Select(_ => Request(random))];
        using Generator alone = Open(concurrent: 1, prefill: 1000);
        Models.Generation[] expected = [.. requests.Select(r => Assert.Single(alone.RunToEnd([r])))];
        foreach ((int concurrent, int prefill, long bytes) in new[] { (7, 64, 1L << 30), (16, 5, 1 << 30), (3, 1, 1 << 30), (40, 256, 200_000) })
        {
            using Generator together = Open(concurrent, prefill, bytes);
            var actual = new List<Models.Generation>();
            while (actual.Count < requests.Length || together.PendingCount > 0)
            {
                for (int i = random.Next(4); i > 0 && actual.Count < requests.Length; i--) actual.Add(together.Submit(requests[actual.Count]));
                together.Step();
            }

            for (int i = 0; i < requests.Length; i++) AssertSame(expected[i], actual[i]);
        }
    }

    [Fact]
    public void The_number_of_threads_does_not_change_a_bit()
    {
        var random = new RandomStream(2, "requests");
        GenerationRequest[] requests = [.. Enumerable.Range(0, 10).Select(_ => Request(random))];
        using Generator two = Open();
        IReadOnlyList<Models.Generation> expected = two.RunToEnd(requests);
        two.Dispose();
        using var one = new CpuKernels(1);
        using var generator = new Generator(_transformer, _tokenizer, one);
        IReadOnlyList<Models.Generation> actual = generator.RunToEnd(requests, maxConcurrent: 3);
        for (int i = 0; i < requests.Length; i++) AssertSame(expected[i], actual[i]);
    }

    [Fact]
    public void Log_probabilities_of_the_sampler_are_those_of_the_trainer()
    {
        var random = new RandomStream(3, "requests");
        using Generator generator = Open();
        IReadOnlyList<Models.Generation> generations = generator.RunToEnd([.. Enumerable.Range(0, 12).Select(_ => Request(random))]);
        generator.WeightsChanged();
        using var arena = new Arena();
        var tape = new Tape(_kernels, arena);
        foreach (Models.Generation generation in generations)
        {
            int[] tokens = [.. generation.Request.Prompt, .. generation.Tokens];
            int count = tokens.Length - 1, first = generation.Request.Prompt.Length - 1;
            float[] expected = new float[count];
            Tensor hidden = _transformer.Forward(tape, tokens, count, [new Segment(0, count)], 1);
            Ops.TokenLoss(tape, hidden, _transformer.Head, tokens[1..], null, 0, 1, expected);
            tape.Reset();
            Assert.Equal(expected[first..], generation.LogProbabilities);
        }
    }

    [Fact]
    public void The_models_own_distribution_drawn_at_temperature_one_has_one_log_probability()
    {
        using var generator = new Generator(_transformer, null, _kernels);
        Models.Generation generation = Assert.Single(generator.RunToEnd([new GenerationRequest([5, 6], new SamplingOptions { MaxTokens = 50 })]));
        for (int i = 0; i < generation.Tokens.Length; i++) Assert.Equal(generation.LogProbabilities[i], generation.SamplingLogProbabilities[i], 1e-4);
    }

    [Fact]
    public void Stop_texts_cut_exactly_and_streamed_parts_make_up_the_text()
    {
        using Generator generator = Open(concurrent: 1);
        Gen.Select(Gen.ULong, Gen.Double[0, 1], Gen.Int[1, 6]).Sample((seed, share, length) =>
        {
            SamplingOptions options = new() { Seed = seed, MaxTokens = 40, StopTokens = [] };
            string whole = generator.RunToEnd([new GenerationRequest([1, 2, 3], options)])[0].Text;
            Assert.Equal(whole, string.Concat(generator.Stream(new GenerationRequest([1, 2, 3], options))));
            length = Math.Min(length, whole.Length);
            if (length == 0) return;
            string stop = whole.Substring((int)(share * (whole.Length - length)), length);
            Models.Generation? cut = null;
            string[] parts = [.. generator.Stream(new GenerationRequest([1, 2, 3], options with { Stop = ["never said", stop] }) { OnToken = g => cut = g })];
            Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], string.Concat(parts));
            Assert.Equal(cut!.Text, string.Concat(parts));
            Assert.Equal(StopReason.StopString, cut.StopReason);
            foreach (string part in parts) Assert.False(char.IsHighSurrogate(part[^1]) || char.IsLowSurrogate(part[0]), "a character was split");
        }, iter: 100, threads: 1);
    }

    [Fact]
    public void Every_end_has_its_reason()
    {
        using Generator generator = Open();
        int[] prompt = [1, 2, 3];
        SamplingOptions free = SamplingOptions.Greedy with { MaxTokens = 20, StopTokens = [] };
        Models.Generation most = Assert.Single(generator.RunToEnd([new GenerationRequest(prompt, free)]));
        Assert.Equal((StopReason.MaxTokens, 20), (most.StopReason, most.Tokens.Length));

        int last = most.Tokens[7], at = most.Tokens.IndexOf(last);
        Models.Generation stopped = Assert.Single(generator.RunToEnd([new GenerationRequest(prompt, free with { StopTokens = [last] })]));
        Assert.Equal((StopReason.StopToken, at + 1), (stopped.StopReason, stopped.Tokens.Length));
        Assert.Equal(_tokenizer.Decode(most.Tokens[..at], skipSpecialTokens: true), stopped.Text);

        Models.Generation full = Assert.Single(generator.RunToEnd([new GenerationRequest(prompt, free with { MaxTokens = int.MaxValue })]));
        Assert.Equal((StopReason.ContextFull, Context - 3), (full.StopReason, full.Tokens.Length));
        Models.Generation tooLong = Assert.Single(generator.RunToEnd([new GenerationRequest(new int[Context], free)]));
        Assert.Equal((StopReason.ContextFull, 0, ""), (tooLong.StopReason, tooLong.Tokens.Length, tooLong.Text));

        foreach (int end in new[] { _tokenizer.EndOfText, _tokenizer.MessageEnd })
        {
            Models.Generation ended = Assert.Single(generator.RunToEnd([new GenerationRequest(prompt, new SamplingOptions { Temperature = 100, MaxTokens = 1, Seed = SeedThatDraws(generator, end) })]));
            Assert.Equal((end == _tokenizer.EndOfText ? StopReason.EndOfText : StopReason.StopToken, ""), (ended.StopReason, ended.Text));
        }

        Assert.Throws<ReverieException>(() => generator.Submit(new GenerationRequest([], free)));
        Assert.Throws<ReverieException>(() => generator.Submit(new GenerationRequest([304], free)));
        Assert.Throws<ReverieException>(() => generator.Submit(new GenerationRequest([-1], free)));
        Assert.Throws<ReverieException>(() => generator.Submit(new GenerationRequest([1], free with { TopP = 2 })));
        Assert.False(generator.Step());
    }

    /// <summary>At the highest temperature every token is about as likely, so some seed draws the one that is wanted.</summary>
    private static ulong SeedThatDraws(Generator generator, int token)
    {
        for (ulong seed = 0; ; seed++)
        {
            SamplingOptions options = new() { Temperature = 100, MaxTokens = 1, Seed = seed, StopTokens = [] };
            if (generator.RunToEnd([new GenerationRequest([1, 2, 3], options)])[0].Tokens[0] == token) return seed;
        }
    }

    [Fact]
    public void A_cancelled_sequence_leaves_at_the_next_step_and_the_others_do_not_notice()
    {
        var random = new RandomStream(4, "requests");
        GenerationRequest[] requests = [.. Enumerable.Range(0, 6).Select(_ => Request(random) with { Options = new SamplingOptions { MaxTokens = 30, Seed = random.NextUInt64(), StopTokens = [] } })];
        using Generator generator = Open(concurrent: 4);
        IReadOnlyList<Models.Generation> expected = generator.RunToEnd(requests);
        using var cancel = new CancellationTokenSource();
        string said = "";
        Models.Generation[] actual = [.. requests.Select((r, i) => generator.Submit(i == 1 ? r with { Cancellation = cancel.Token, OnText = t => said += t } : r))];
        for (int i = 0; i < 12; i++) generator.Step();
        int count = actual[1].Tokens.Length;
        Assert.True(count > 0);
        cancel.Cancel();
        actual[5].Cancel();
        generator.Step();
        Assert.Equal(StopReason.Cancelled, actual[1].StopReason);
        Assert.Equal(count, actual[1].Tokens.Length);
        Assert.Equal(said, actual[1].Text);
        while (generator.Step())
        {
        }

        Assert.Equal((StopReason.Cancelled, 0), (actual[5].StopReason, actual[5].Tokens.Length));
        foreach (int i in new[] { 0, 2, 3, 4 }) AssertSame(expected[i], actual[i]);
        Assert.Equal(expected[1].Tokens[..count], actual[1].Tokens);
    }

    [Fact]
    public void What_is_cancelled_at_its_last_token_has_ended_and_says_so_once()
    {
        using Generator generator = Open();
        using var cancel = new CancellationTokenSource();
        int ended = 0;
        Models.Generation generation = generator.Submit(new GenerationRequest([1, 2], new SamplingOptions { MaxTokens = 1, StopTokens = [] }) { Cancellation = cancel.Token, OnToken = _ => cancel.Cancel(), OnFinished = _ => ended++ });
        while (generator.Step())
        {
        }

        Assert.Equal((1, StopReason.MaxTokens), (ended, generation.StopReason));
    }

    [Fact]
    public void Leaving_a_stream_early_frees_its_place()
    {
        using Generator generator = Open(concurrent: 1);
        foreach (string _ in generator.Stream(new GenerationRequest([1, 2], new SamplingOptions { MaxTokens = 100, StopTokens = [] }))) break;
        Assert.Equal(0, generator.PendingCount);
    }

    [Fact]
    public void A_long_prompt_does_not_hold_up_the_others()
    {
        using Generator generator = Open(prefill: 16);
        SamplingOptions options = new() { MaxTokens = 30, StopTokens = [] };
        Models.Generation brief = generator.Submit(new GenerationRequest([1], options)), lengthy = generator.Submit(new GenerationRequest(new int[160], options));
        for (int step = 1; step <= 9; step++)
        {
            generator.Step();
            Assert.Equal((step, 0), (brief.Tokens.Length, lengthy.Tokens.Length));
        }

        while (generator.Step())
        {
        }

        Assert.Equal(30, lengthy.Tokens.Length);
    }

    [Fact]
    public void A_beginning_that_was_computed_before_saves_work_and_changes_nothing()
    {
        var random = new RandomStream(5, "requests");
        using Generator cached = Open(), crowded = Open(cacheBytes: 4 * KvCache.PageBytes(_transformer.Config));
        int[] first = Tokens(random, 30), second = Tokens(random, 90);
        for (int turn = 0; turn < 8; turn++)
        {
            SamplingOptions options = new() { MaxTokens = 12, Seed = (ulong)turn, StopTokens = [] };
            var request = new GenerationRequest(first, options);
            using Generator plain = Open();
            Models.Generation expected = Assert.Single(plain.RunToEnd([request])), actual = Assert.Single(cached.RunToEnd([request]));
            AssertSame(expected, actual);
            Assert.Equal(0, expected.ReusedTokens);
            Assert.Equal(turn == 0 ? 0 : turn == 4 ? 10 : first.Length - 6, actual.ReusedTokens);

            // Two conversations and room for one and a bit: the older has to give way.
            AssertSame(expected, Assert.Single(crowded.RunToEnd([request])));
            using Generator alone = Open();
            AssertSame(Assert.Single(alone.RunToEnd([request with { Prompt = second }])), Assert.Single(crowded.RunToEnd([request with { Prompt = second }])));
            first = turn == 3
                ? [.. first.AsSpan(0, 10), .. Tokens(random, 40)]
                : [.. first, .. actual.Tokens, .. Tokens(random, 5)];
        }

        cached.WeightsChanged();
        Assert.Equal(0, Assert.Single(cached.RunToEnd([new GenerationRequest(first, new SamplingOptions { MaxTokens = 1, StopTokens = [] })])).ReusedTokens);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_request_that_needs_all_pages_gets_them_whatever_was_left_there(int pages)
    {
        var random = new RandomStream(6, "requests");
        using Generator generator = Open(cacheBytes: pages * KvCache.PageBytes(_transformer.Config));
        int[] prompt = Tokens(random, pages * PagedKeyValues.PageTokens - 30);
        foreach (int kept in new[] { prompt.Length, 20, 70, 130, 1 })
        {
            var request = new GenerationRequest([.. prompt.AsSpan(0, Math.Min(kept, prompt.Length)), .. Tokens(random, 1 + prompt.Length - Math.Min(kept, prompt.Length))], new SamplingOptions { MaxTokens = 1000, StopTokens = [] });
            Models.Generation actual = generator.Submit(request);
            for (int step = 0; actual.StopReason is null; step++)
            {
                Assert.True(step < 1000, "It waits for ever.");
                generator.Step();
            }

            using Generator plain = Open(cacheBytes: pages * KvCache.PageBytes(_transformer.Config));
            AssertSame(Assert.Single(plain.RunToEnd([request])), actual);
        }
    }

    [Fact]
    public void Requests_that_begin_alike_and_come_together_compute_the_beginning_once()
    {
        var random = new RandomStream(8, "requests");
        int[] shared = Tokens(random, 100);
        GenerationRequest[] requests = [.. Enumerable.Range(0, 12).Select(i => new GenerationRequest(
            [.. shared, .. Tokens(random, i % 3)], new SamplingOptions { MaxTokens = 20, Seed = (ulong)i, StopTokens = [] }))];
        using Generator together = Open(prefill: 32), apart = Open();
        IReadOnlyList<Models.Generation> generations = together.RunToEnd(requests);
        for (int i = 0; i < requests.Length; i++)
        {
            apart.WeightsChanged();
            AssertSame(Assert.Single(apart.RunToEnd([requests[i]])), generations[i]);
            Assert.Equal(0, generations[0].ReusedTokens);
            if (i > 0) Assert.InRange(generations[i].ReusedTokens, 99, 101);
        }
    }

    [Fact]
    public void A_request_whose_model_for_the_beginning_was_cancelled_computes_the_rest_itself()
    {
        int[] prompt = Tokens(new RandomStream(9, "requests"), 150);
        using Generator generator = Open(prefill: 16), plain = Open();
        var request = new GenerationRequest(prompt, new SamplingOptions { MaxTokens = 10, StopTokens = [] });
        Models.Generation first = generator.Submit(request), second = generator.Submit(request);
        for (int step = 0; step < 4; step++) generator.Step();
        first.Cancel();
        while (generator.Step())
        {
        }

        Assert.Equal(64, second.ReusedTokens);
        AssertSame(Assert.Single(plain.RunToEnd([request])), second);
    }

    [Fact]
    public void Weights_that_changed_are_the_ones_that_answer()
    {
        SamplingOptions options = SamplingOptions.Greedy with { MaxTokens = 20, StopTokens = [] };
        using Generator generator = Open();
        var request = new GenerationRequest([1, 2, 3, 4, 5], options);
        generator.RunToEnd([request]);
        generator.Submit(request);
        generator.Step();
        Assert.Throws<InvalidOperationException>(generator.WeightsChanged);
        while (generator.Step())
        {
        }

        generator.WeightsChanged();
        _transformer.Initialize(99, 1, outputScale: 0.5f);
        Models.Generation actual = Assert.Single(generator.RunToEnd([request]));
        generator.Dispose();
        using Generator fresh = Open();
        AssertSame(Assert.Single(fresh.RunToEnd([request])), actual);
    }

    [Fact]
    public void A_step_makes_no_garbage()
    {
        using Generator generator = Open();
        for (int i = 0; i < 8; i++) generator.Submit(new GenerationRequest([i, 2], new SamplingOptions { MaxTokens = 150, TopP = 0.9f, StopTokens = [] }));
        for (int i = 0; i < 60; i++) generator.Step();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 60; i++) generator.Step();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
