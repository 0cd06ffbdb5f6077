using CsCheck;
using Reverie.Models.Tests.Checkpoints;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Generation;

public sealed class MixedAdapterTests : IDisposable
{
    private readonly IKernels _kernels = new CpuKernels(2);
    private readonly Transformer _model = SmallModels.Transformer(SmallModels.Config(context: 200));
    private readonly Adapter[] _adapters;

    public MixedAdapterTests() => _adapters = [.. new[] { 1, 4, 8, 8, 8, 8, 19 }.Select((rank, i) => SmallModels.Adapter(_model, rank, (ulong)i))];

    public void Dispose()
    {
        foreach (Adapter adapter in _adapters) adapter.Dispose();
        _model.Dispose();
        _kernels.Dispose();
    }

    private Generator Open(int concurrent = 12, int prefill = 40, long cacheBytes = 1 << 30) =>
        new(_model, null, _kernels, new GeneratorOptions { MaxConcurrent = concurrent, PrefillTokens = prefill, CacheBytes = cacheBytes });

    /// <summary>What the model says with this adapter as its own, one request after the other.</summary>
    private Models.Generation[] Alone(IReadOnlyList<GenerationRequest> requests)
    {
        var result = new Models.Generation[requests.Count];
        foreach (IGrouping<Adapter?, int> group in Enumerable.Range(0, requests.Count).GroupBy(i => requests[i].Adapter))
        {
            _model.Adapter = group.Key;
            using Generator alone = Open(concurrent: 1, prefill: 500);
            foreach (int i in group) result[i] = alone.RunToEnd([requests[i] with { Adapter = null }])[0];
        }

        _model.Adapter = null;
        return result;
    }

    private static void AssertSame(Models.Generation expected, Models.Generation actual, int count)
    {
        Assert.Equal(expected.Tokens[..count], actual.Tokens[..count]);
        Assert.Equal(expected.LogProbabilities[..count], actual.LogProbabilities[..count]);
    }

    [Fact]
    public void A_batch_of_many_adapters_gives_each_row_what_it_gets_alone_with_its_own()
    {
        Gen.ULong.Sample(seed =>
        {
            var random = new RandomStream(seed, "mixed");
            int[] shared = [.. Enumerable.Range(0, 90).Select(_ => random.Next(256))];
            GenerationRequest[] requests = [.. Enumerable.Range(0, 24).Select(_ => new GenerationRequest(
                [.. shared.AsSpan(0, random.Next(4) * 30), .. Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(256))],
                new SamplingOptions { Seed = random.NextUInt64(), MaxTokens = random.Next(1, 40), StopTokens = [] })
            { Adapter = random.Next(4) == 0 ? null : _adapters[random.Next(_adapters.Length)] })];
            Models.Generation[] expected = Alone(requests);
            using Generator together = Open(cacheBytes: random.Next(2) == 0 ? 1 << 30 : 6 * KvCache.PageBytes(_model.Config));
            var actual = new List<Models.Generation>();
            var cancelled = new HashSet<int>();
            while (actual.Count < requests.Length || together.PendingCount > 0)
            {
                for (int i = random.Next(4); i > 0 && actual.Count < requests.Length; i--) actual.Add(together.Submit(requests[actual.Count]));
                if (random.Next(20) == 0 && actual.Count > 0)
                {
                    int victim = random.Next(actual.Count);
                    cancelled.Add(victim);
                    actual[victim].Cancel();
                }

                together.Step();
            }

            for (int i = 0; i < requests.Length; i++)
            {
                AssertSame(expected[i], actual[i], actual[i].Tokens.Length);
                if (!cancelled.Contains(i)) Assert.Equal(expected[i].StopReason, actual[i].StopReason);
            }
        }, iter: 12, threads: 1);
    }

    [Fact]
    public void Keys_and_values_of_one_adapter_are_never_another_ones()
    {
        int[] prompt = [.. Enumerable.Range(0, 150).Select(i => i * 31 % 256)];
        using Generator generator = Open();
        for (int round = 0; round < 2; round++)
            foreach (Adapter? adapter in _adapters.Prepend(null))
            {
                Models.Generation reply = generator.RunToEnd([new GenerationRequest(prompt, SamplingOptions.Greedy with { MaxTokens = 3, StopTokens = [] }) { Adapter = adapter }])[0];
                Assert.Equal(round == 0 ? 0 : prompt.Length - 1, reply.ReusedTokens);
            }

        _model.Adapter = _adapters[2];
        Assert.Equal(prompt.Length - 1, generator.RunToEnd([new GenerationRequest(prompt, SamplingOptions.Greedy with { MaxTokens = 3, StopTokens = [] })])[0].ReusedTokens);
        _model.Adapter = null;
    }

    [Fact]
    public void An_adapter_that_is_disposed_of_serves_those_who_have_it_and_nobody_else()
    {
        Adapter last = SmallModels.Adapter(_model, 8, 77), same = SmallModels.Adapter(_model, 8, 77);
        var request = new GenerationRequest([.. Enumerable.Range(0, 80)], new SamplingOptions { MaxTokens = 20, StopTokens = [] });
        using Generator generator = Open(concurrent: 1);
        Models.Generation first = generator.Submit(request with { Adapter = last }), waiting = generator.Submit(request with { Adapter = last });
        generator.Step();
        last.Dispose();
        while (generator.Step())
        {
        }

        Models.Generation other = generator.RunToEnd([request with { Adapter = same }])[0];
        Assert.Equal(0, other.ReusedTokens);
        AssertSame(other, first, 20);
        AssertSame(other, waiting, 20);
        Assert.Contains("no longer loaded", Assert.Throws<ReverieException>(() => generator.Submit(request with { Adapter = last })).Message);
        using Transformer wider = SmallModels.Transformer(SmallModels.Config(layers: 3));
        Adapter foreign = SmallModels.Adapter(wider);
        Assert.Throws<ReverieException>(() => generator.Submit(request with { Adapter = foreign }));
        foreign.Dispose();
        same.Dispose();
    }

    [Fact]
    public void Training_between_two_requests_shows_in_the_second()
    {
        var request = new GenerationRequest([1, 2, 3], SamplingOptions.Greedy with { MaxTokens = 20, StopTokens = [] }) { Adapter = _adapters[2] };
        using Generator generator = Open();
        float[] before = generator.RunToEnd([request])[0].LogProbabilities.ToArray();
        generator.WeightsChanged();
        _kernels.Scale(_adapters[2].Parameters.Values, 0.5f);
        Models.Generation after = generator.RunToEnd([request])[0];
        Assert.NotEqual(before, after.LogProbabilities.ToArray());
        AssertSame(Alone([request])[0], after, 20);
    }
}
