using Reverie.Tensors;

namespace Reverie.Training.Tests;

public sealed class TraceBatchTests
{
    [Fact]
    public void The_weight_of_a_token_stands_where_it_is_predicted()
    {
        TraceGroup group = Tries.Group(Tries.OfLength(1, 3), Tries.OfLength(0, 2));
        Tries.Assign(Grpo.Default, group);
        var batch = new TraceBatch();
        batch.Fill([group]);
        Assert.Equal((2, 2, 5), (batch.Count, batch.Batch.SegmentCount, batch.Batch.SupervisedTokens));
        for (int s = 0; s < 2; s++)
        {
            CreditedTrace trace = group.Traces[s];
            Segment segment = batch.Batch.Segments[s];
            for (int t = 1; t < trace.Rl.Length; t++)
            {
                Assert.Equal(trace.Rl[t], batch.Batch.Weights.Rl![segment.Start + t - 1]);
                Assert.Equal(trace.Trace.Tokens[t], batch.Batch.Targets[segment.Start + t - 1]);
                Assert.Equal(trace.Trace.Tokens[t - 1], batch.Batch.Tokens[segment.Start + t - 1]);
            }
        }

        Assert.Null(batch.Batch.Weights.Kl);
        Assert.Null(batch.Batch.Weights.ValueWeights);
    }

    [Fact]
    public void Traces_that_teach_nothing_or_cannot_are_counted()
    {
        CreditedTrace nothing = Tries.OfLength(1, 2), tooLong = Tries.OfLength(1, 40), poisoned = Tries.OfLength(1, 2), sound = Tries.OfLength(1, 2), foreign = Tries.OfLength(1, 2);
        tooLong.Rl[tooLong.ActorTokens[0]] = poisoned.Rl[poisoned.ActorTokens[0]] = sound.Rl[sound.ActorTokens[0]] = 1;
        poisoned.Rl[poisoned.ActorTokens[1]] = float.NaN;
        foreign.Rl[1] = 1;
        var batch = new TraceBatch(longest: 30);
        batch.Fill([Tries.Group(nothing, tooLong), Tries.Group(poisoned, sound, foreign)]);
        Assert.Equal((1, 2, 1, 1), (batch.Count, batch.WithoutWeight, batch.TooLong, batch.Malformed));
        Assert.Equal(1, batch.Batch.SupervisedTokens);
        batch.Fill([]);
        Assert.Equal((0, 0, 0, 0, 0), (batch.Count, batch.WithoutWeight, batch.TooLong, batch.Malformed, batch.Batch.TokenCount));
    }

    [Fact]
    public void Results_come_back_by_trace()
    {
        CreditedTrace[] traces = [Tries.OfLength(1, 2), Tries.OfLength(1, 3)];
        var batch = new TraceBatch();
        batch.FillForScoring(traces);
        float[] results = [.. Enumerable.Range(0, batch.Batch.TokenCount).Select(i => (float)batch.Batch.Targets[i])];
        batch.Read(results, (trace, own) => Assert.Equal([0f, .. trace.Trace.Tokens.Skip(1).Select(t => (float)t)], own));
    }
}
