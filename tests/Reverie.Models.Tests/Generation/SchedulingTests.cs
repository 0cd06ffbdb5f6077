using CsCheck;
using Reverie.Models.Tests.Checkpoints;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Generation;

public sealed class SchedulingTests : IDisposable
{
    private const int Context = 400;
    private readonly IKernels _kernels = new CpuKernels(1);
    private readonly Transformer _model = SmallModels.Transformer(SmallModels.Config(context: Context));

    public void Dispose()
    {
        _model.Dispose();
        _kernels.Dispose();
    }

    private Generator Open(int concurrent = 8, int prefill = 64, int pages = 1000) =>
        new(_model, null, _kernels, new GeneratorOptions { MaxConcurrent = concurrent, PrefillTokens = prefill, CacheBytes = pages * KvCache.PageBytes(_model.Config) });

    private static int[] Tokens(RandomStream random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(256))];

    private static GenerationRequest Request(int[] prompt, int tokens, string owner = "", ulong seed = 0) =>
        new(prompt, new SamplingOptions { MaxTokens = tokens, Seed = seed, StopTokens = [] }) { Owner = owner };

    private static void Run(Generator generator)
    {
        for (int step = 0; generator.Step(); step++) Assert.True(step < 100_000, "It goes on for ever.");
    }

    [Fact]
    public void Owners_take_turns_whoever_asked_for_most_first()
    {
        using Generator generator = Open(concurrent: 2);
        var ended = new List<string>();
        var random = new RandomStream(1, "owners");
        for (int i = 0; i < 20; i++) generator.Submit(Request(Tokens(random, 10), 10, "many") with { OnFinished = g => ended.Add(g.Request.Owner) });
        for (int i = 0; i < 3; i++) generator.Step();
        for (int i = 0; i < 3; i++) generator.Submit(Request(Tokens(random, 10), 10, $"few {i}") with { OnFinished = g => ended.Add(g.Request.Owner) });
        Run(generator);
        Assert.Equal(23, ended.Count);
        for (int i = 0; i < 3; i++) Assert.InRange(ended.IndexOf($"few {i}"), 2, 8);
    }

    [Fact]
    public void Two_owners_with_long_queues_are_served_alike_and_each_in_order()
    {
        Gen.Select(Gen.Int[1, 4], Gen.ULong).Sample((concurrent, seed) =>
        {
            using Generator generator = Open(concurrent);
            var random = new RandomStream(seed, "owners");
            var started = new Dictionary<string, List<int>> { ["a"] = [], ["b"] = [] };
            int a = 0, b = 0;
            for (int i = 0; i < 40; i++)
            {
                int index = i;
                string owner = i < 20 ? "a" : "b";
                generator.Submit(Request(Tokens(random, owner == "a" ? 5 : 40), owner == "a" ? 5 : 20, owner) with { OnFinished = g => started[owner].Add(index) });
            }

            while (generator.PendingCount > 0)
            {
                generator.Step();
                (a, b) = (started["a"].Count * 10, started["b"].Count * 60);

                // While both wait, neither has had much more than the other: a request of each for every place, at the most.
                if (started["a"].Count < 20 - concurrent && started["b"].Count < 20 - concurrent) Assert.InRange(a - b, -70 * (concurrent + 1), 70 * (concurrent + 1));
            }

            if (concurrent == 1)
            {
                Assert.Equal(Enumerable.Range(0, 20), started["a"]);
                Assert.Equal(Enumerable.Range(20, 20), started["b"]);
            }
        }, iter: 10, threads: 1);
    }

    [Fact]
    public void Who_paused_has_saved_up_nothing()
    {
        using Generator generator = Open(concurrent: 1);
        var ended = new List<string>();
        var random = new RandomStream(2, "owners");
        for (int i = 0; i < 30; i++) generator.Submit(Request(Tokens(random, 5), 5, "busy") with { OnFinished = g => ended.Add("busy") });
        while (ended.Count < 15) generator.Step();
        for (int i = 0; i < 10; i++) generator.Submit(Request(Tokens(random, 5), 5, "back") with { OnFinished = g => ended.Add("back") });
        Run(generator);
        Assert.InRange(ended.Skip(15).Take(10).Count(o => o == "busy"), 4, 6);
    }

    [Fact]
    public void When_pages_run_out_sequences_wait_and_compute_anew_to_the_same_bits()
    {
        long restarts = 0;
        Gen.Select(Gen.Int[7, 14], Gen.ULong).Sample((pages, seed) =>
        {
            var random = new RandomStream(seed, "pages");
            int[] shared = Tokens(random, 70);
            GenerationRequest[] requests = [.. Enumerable.Range(0, 12).Select(i =>
                Request([.. shared.AsSpan(0, random.Next(3) * 35), .. Tokens(random, random.Next(1, 60))], i % 3 == 0 ? Context : random.Next(1, 150), seed: random.NextUInt64()) with { IsEmbedding = random.Next(6) == 0 })];
            using Generator alone = Open(concurrent: 1), crowded = Open(concurrent: 6, pages: pages);
            Models.Generation[] expected = [.. requests.Select(r => alone.RunToEnd([r])[0])];
            Models.Generation[] actual = [.. requests.Select(crowded.Submit)];
            Run(crowded);
            restarts += crowded.Restarts;
            for (int i = 0; i < requests.Length; i++)
            {
                Assert.Equal(expected[i].Tokens, actual[i].Tokens);
                Assert.Equal(expected[i].LogProbabilities, actual[i].LogProbabilities);
                Assert.Equal(expected[i].StopReason, actual[i].StopReason);
                Assert.Equal(expected[i].Embedding, actual[i].Embedding);
            }
        }, iter: 15, threads: 1);
        Assert.True(restarts > 15, $"Only {restarts} sequences made room.");
    }

    [Fact]
    public void Asking_for_as_much_as_there_can_be_does_not_keep_others_out()
    {
        using Generator generator = Open(concurrent: 6, pages: 14);
        var random = new RandomStream(3, "pages");
        Models.Generation[] generations = [.. Enumerable.Range(0, 6).Select(_ => generator.Submit(Request(Tokens(random, 10), int.MaxValue)))];
        for (int i = 0; i < 20; i++) generator.Step();
        Assert.All(generations, g => Assert.Equal(20, g.Tokens.Length));
        foreach (Models.Generation generation in generations) generation.Cancel();
        generator.Step();
        Assert.All(generations, g => Assert.Equal(StopReason.Cancelled, g.StopReason));
        Assert.Equal(0, generator.PendingCount);
    }

    [Fact]
    public void A_short_prompt_does_not_wait_for_long_ones_and_these_do_not_starve()
    {
        using Generator generator = Open(concurrent: 32, prefill: 32);
        var random = new RandomStream(4, "prompts");
        Models.Generation[] longer = [.. Enumerable.Range(0, 4).Select(_ => generator.Submit(Request(Tokens(random, 300), 5)))];
        generator.Step();
        int steps = 0;
        while (longer[0].Tokens.Length == 0)
        {
            Models.Generation brief = generator.Submit(Request(Tokens(random, 14), 1));
            generator.Step();
            Assert.Equal(1, brief.Tokens.Length);
            Assert.True(++steps < 20, "The long prompt starves.");
        }

        Run(generator);
    }

    [Fact]
    public void What_was_cancelled_while_it_waited_never_begins()
    {
        using Generator generator = Open(concurrent: 1);
        int ended = 0;
        Models.Generation first = generator.Submit(Request([1, 2], 100)), second = generator.Submit(Request([3, 4], 100) with { OnFinished = _ => ended++ });
        generator.Step();
        Assert.Equal((2, 1), (generator.PendingCount, generator.WaitingCount));
        second.Cancel();
        generator.Step();
        Assert.Equal((1, 0, 1, StopReason.Cancelled), (generator.PendingCount, generator.WaitingCount, ended, second.StopReason));
        first.Cancel();
        Assert.False(generator.Step());
    }

    [Fact]
    public void Embeddings_are_the_mean_of_the_hidden_states_whatever_runs_beside_them()
    {
        using Adapter adapter = SmallModels.Adapter(_model);
        Gen.Select(Gen.Int[1, 50], Gen.ULong).Sample((prefill, seed) =>
        {
            var random = new RandomStream(seed, "embeddings");
            int[][] prompts = [.. Enumerable.Range(0, 8).Select(_ => Tokens(random, random.Next(1, 200))), Tokens(random, Context)];
            using Generator generator = Open(concurrent: 5, prefill);
            Models.Generation[] generations = [.. prompts.Select((p, i) =>
            {
                generator.Submit(Request(p[..Math.Min(50, p.Length)], random.Next(1, 30)));
                return generator.Submit(Request(p, 1) with { IsEmbedding = true, Adapter = i % 3 == 2 ? adapter : null });
            })];
            Run(generator);
            generator.WeightsChanged();
            using var arena = new Arena();
            var tape = new Tape(_kernels, arena, recording: false);
            for (int i = 0; i < prompts.Length; i++)
            {
                _model.Adapter = i % 3 == 2 ? adapter : null;
                Tensor hidden = _model.Forward(tape, prompts[i], prompts[i].Length, [new Segment(0, prompts[i].Length)], 1);
                double[] sum = new double[hidden.Columns];
                for (int row = 0; row < hidden.Rows; row++)
                    for (int c = 0; c < sum.Length; c++) sum[c] += hidden.Row(row)[c];
                Assert.Equal([.. sum.Select(s => (float)(s / hidden.Rows))], generations[i].Embedding!);
                Assert.Equal((StopReason.Complete, 0), (generations[i].StopReason, generations[i].Tokens.Length));
                tape.Reset();
            }

            _model.Adapter = null;
            Assert.Equal(StopReason.ContextFull, generator.Submit(Request(Tokens(random, Context + 1), 1) with { IsEmbedding = true }).StopReason);
        }, iter: 8, threads: 1);
    }

    [Fact]
    public void A_broken_adapter_ends_its_own_requests_only()
    {
        using Adapter broken = SmallModels.Adapter(_model);
        broken.Parameters.All[1].Value.Span.Fill(float.NaN);
        using Generator generator = Open();
        Models.Generation expected = generator.RunToEnd([Request([1, 2], 20)])[0];
        Models.Generation good = generator.Submit(Request([1, 2], 20)), bad = generator.Submit(Request([1, 2], 20) with { Adapter = broken });
        Run(generator);
        Assert.Equal(expected.Tokens, good.Tokens);
        Assert.Equal(StopReason.Failed, bad.StopReason);
        Assert.Contains("not finite", bad.Failure);
        Assert.Throws<ReverieException>(() => generator.RunToEnd([Request([1, 2], 20) with { Adapter = broken }]));
    }
}
