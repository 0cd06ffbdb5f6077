using Reverie.Worlds;

namespace Reverie.Training.Tests;

public sealed class GrpoTests
{
    // Rewards 1, 0, 0, 1: mean 1/2, deviation 1/2.
    private static TraceGroup Half() => Tries.Group(Tries.OfLength(1, 2), Tries.OfLength(0, 4), Tries.OfLength(0, 1), Tries.OfLength(1, 3));

    // Rewards 1, 0, 0, 0: mean 1/4, deviation sqrt(3)/4.
    private static TraceGroup Quarter() => Tries.Group(Tries.OfLength(1, 2), Tries.OfLength(0, 2), Tries.OfLength(0, 2), Tries.OfLength(0, 2));

    private static TraceGroup Same() => Tries.Group(Tries.OfLength(0.1, 2), Tries.OfLength(0.1, 5), Tries.OfLength(0.1, 2));

    [Fact]
    public void Grpo_divides_by_the_deviation_and_by_each_length()
    {
        TraceGroup group = Half();
        Tries.Assign(Grpo.Default, group);
        // A = +-1 and 4 traces: 1 / (4 * 2), -1 / (4 * 4), -1 / (4 * 1), 1 / (4 * 3).
        Tries.Near([0.125, 0.125], group.Traces[0].Own(group.Traces[0].Rl));
        Tries.Near([-0.0625, -0.0625, -0.0625, -0.0625], group.Traces[1].Own(group.Traces[1].Rl));
        Tries.Near([-0.25], group.Traces[2].Own(group.Traces[2].Rl));
        Tries.Near([1 / 12.0, 1 / 12.0, 1 / 12.0], group.Traces[3].Own(group.Traces[3].Rl));
    }

    [Fact]
    public void Dr_grpo_gives_each_token_its_advantage_over_a_constant()
    {
        TraceGroup group = Half();
        Tries.Assign(Grpo.DrGrpo with { MaxTokens = 10 }, group);
        // A = +-1/2, over 4 traces of at most 10 tokens: 1/2 / 40.
        Assert.All(group.Traces[0].Own(group.Traces[0].Rl), w => Assert.Equal(0.0125, w, 1e-7));
        Assert.All(group.Traces[1].Own(group.Traces[1].Rl), w => Assert.Equal(-0.0125, w, 1e-7));
    }

    [Fact]
    public void Dapo_divides_by_all_tokens_and_leaves_out_groups_without_signal()
    {
        TraceGroup group = Half(), same = Same();
        Tries.Assign(Grpo.Dapo, group, same);
        // A = +-1 over 2 + 4 + 1 + 3 tokens; the other group's 9 do not count.
        Assert.All(group.Traces[0].Own(group.Traces[0].Rl), w => Assert.Equal(0.1, w, 1e-7));
        Assert.All(group.Traces[1].Own(group.Traces[1].Rl), w => Assert.Equal(-0.1, w, 1e-7));
        Assert.All(same.Traces, t => Assert.False(t.IsCredited));
    }

    [Fact]
    public void MaxRl_divides_by_the_mean()
    {
        TraceGroup group = Quarter();
        Tries.Assign(Grpo.MaxRl with { MaxTokens = 10 }, group);
        // (1 - 1/4) / (1/4) = 3 and (0 - 1/4) / (1/4) = -1, over 4 * 10.
        Tries.Near([3 / 40.0, 3 / 40.0], group.Traces[0].Own(group.Traces[0].Rl));
        Tries.Near([-1 / 40.0, -1 / 40.0], group.Traces[1].Own(group.Traces[1].Rl));
    }

    [Fact]
    public void Batch_normalisation_divides_by_the_deviation_of_the_whole_batch()
    {
        TraceGroup half = Half(), quarter = Quarter();
        Tries.Assign(new Grpo { Advantage = GroupAdvantage.Batch, Length = LengthNormalization.Constant, MaxTokens = 10 }, half, quarter);
        // Variances 1/4 and 3/16 of four traces each: deviation sqrt(7/32). Weights 1/2 and 3/4 over it, over 8 * 10.
        double deviation = Math.Sqrt(7 / 32.0);
        Tries.Near([0.5 / deviation / 80, 0.5 / deviation / 80], half.Traces[0].Own(half.Traces[0].Rl));
        Tries.Near([0.75 / deviation / 80, 0.75 / deviation / 80], quarter.Traces[0].Own(quarter.Traces[0].Rl));
    }

    [Fact]
    public void The_clip_stops_tokens_that_moved_as_far_as_they_may()
    {
        CreditedTrace good = Tries.OfLength(1, 4), bad = Tries.OfLength(0, 4);
        float[] ratios = [1f, 1.1f, 1.3f, 0.7f];
        float[] current = [.. ratios.Select(r => -1 + MathF.Log(r))];
        (good.Current, bad.Current) = (good.Spread(current), bad.Spread(current));
        Tries.Assign(new Grpo { Length = LengthNormalization.Constant, MaxTokens = 1 }, Tries.Group(good, bad));
        // A = +-1 over 2 traces. Up: 1.3 is beyond 1.2 and stops. Down: 0.7 is beyond 0.8 and stops.
        Tries.Near([0.5, 0.55, 0, 0.35], good.Own(good.Rl));
        Tries.Near([-0.5, -0.55, -0.65, 0], bad.Own(bad.Rl));

        Tries.Assign(new Grpo { Length = LengthNormalization.Constant, MaxTokens = 1, ClipHigh = 0.4 }, Tries.Group(good, bad));
        Tries.Near([0.5, 0.55, 0.65, 0.35], good.Own(good.Rl));

        // CISPO bounds the factor and keeps the token: min(1.3, 1.25).
        Tries.Assign(Grpo.Cispo with { ClipHigh = 0.25, Length = LengthNormalization.Constant, MaxTokens = 1 }, Tries.Group(good, bad));
        Tries.Near([0.5, 0.55, 0.625, 0.35], good.Own(good.Rl));
        Tries.Near([-0.5, -0.55, -0.625, -0.35], bad.Own(bad.Rl));
    }

    [Fact]
    public void Gspo_has_one_ratio_for_a_sequence()
    {
        CreditedTrace good = Tries.OfLength(1, 2), bad = Tries.OfLength(0, 2);
        good.Current = good.Spread(-1 + 0.3f, -1 - 0.1f);
        bad.Current = bad.Spread(-1 + 0.3f, -1 - 0.1f);
        TraceGroup group = Tries.Group(good, bad);
        Tries.Assign(Grpo.Gspo, group);
        // s = exp((0.3 - 0.1) / 2) = e^0.1: beyond the clip upwards, s (-1) / (2 * 2) downwards.
        Tries.Near([0, 0], good.Own(good.Rl));
        Tries.Near([-Math.Exp(0.1) / 4, -Math.Exp(0.1) / 4], bad.Own(bad.Rl));
    }

    [Fact]
    public void The_divergence_from_the_reference_pulls_back()
    {
        CreditedTrace trace = Tries.OfLength(1, 2), other = Tries.OfLength(1, 2);
        trace.Reference = trace.Spread(-1 + MathF.Log(2), -1 - MathF.Log(2));
        other.Reference = other.Old;
        Tries.Assign(new Grpo { KlBeta = 0.1 }, Tries.Group(trace, other));
        // No signal, so only beta (r - 1) / (2 * 2) with r = 2 and 1/2: the token that the reference likes better is raised.
        Tries.Near([0.1 * 1 / 4, 0.1 * -0.5 / 4], trace.Own(trace.Rl));
        Assert.False(other.IsCredited);
    }

    public static TheoryData<string> Presets => ["grpo", "dr-grpo", "dapo", "cispo", "gspo", "maxrl"];

    [Theory]
    [MemberData(nameof(Presets))]
    public void Groups_without_signal_give_no_weights(string name)
    {
        TraceGroup same = Same(), half = Half();
        Tries.Assign(CreditRules.Find(name), same, half);
        Assert.All(same.Traces, t => Assert.False(t.IsCredited));
        Assert.All(half.Traces, t => Assert.True(t.IsCredited));
        Tries.Assign(CreditRules.Find(name), same);
        Assert.All(same.Traces, t => Assert.False(t.IsCredited));
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public void Failed_and_malformed_traces_do_not_touch_the_others(string name)
    {
        TraceGroup alone = Half();
        Tries.Assign(CreditRules.Find(name), alone);
        CreditedTrace[] poison =
        [
            Tries.Failed(-1, -1), Tries.OfLength(double.NaN, 2), Tries.OfLength(double.PositiveInfinity, 2), Tries.Of(1, -1, float.NaN), Tries.Of(1, float.NegativeInfinity),
            new(new Trace("", "", 0, null)),
        ];
        TraceGroup mixed = new([.. Half().Traces, .. poison]);
        Tries.Assign(CreditRules.Find(name), mixed, Tries.Group(poison), new TraceGroup(Array.Empty<CreditedTrace>()));
        for (int i = 0; i < alone.Traces.Count; i++) Assert.Equal(alone.Traces[i].Rl, mixed.Traces[i].Rl);
        Assert.All(poison, t => Assert.False(t.IsCredited));
    }

    [Fact]
    public void A_very_different_model_gives_finite_weights()
    {
        CreditedTrace good = Tries.OfLength(1, 2), bad = Tries.OfLength(0, 2);
        (good.Current, bad.Current) = (good.Spread(-1e-8f, -300), bad.Spread(-1e-8f, -300));
        (good.Reference, bad.Reference) = (good.Spread(-200, -1), bad.Spread(-200, -1));
        foreach (string name in Presets) Tries.Assign((Grpo)CreditRules.Find(name) with { KlBeta = 0.1 }, Tries.Group(good, bad));
    }

    [Fact]
    public void Traces_that_were_cut_off_are_treated_as_the_option_says()
    {
        TraceGroup Fresh() => Tries.Group(Tries.OfLength(1, 2), Tries.Cut(-1, -1));
        var rule = new Grpo { Advantage = GroupAdvantage.Mean, Length = LengthNormalization.Constant, MaxTokens = 10 };

        // Rewards 1 and 0: +-1/2 over 2 * 10.
        TraceGroup group = Fresh();
        Tries.Assign(rule, group);
        Tries.Near([-0.025, -0.025], group.Traces[1].Own(group.Traces[1].Rl));

        // Left out: one trace alone has nothing to be compared with.
        group = Fresh();
        Tries.Assign(rule with { OverLong = OverLong.LeaveOut }, group);
        Assert.All(group.Traces, t => Assert.False(t.IsCredited));

        // Penalty: rewards 1 and -1, so +-1 over 2 * 10.
        group = Fresh();
        Tries.Assign(rule with { OverLong = OverLong.Penalty }, group);
        Tries.Near([0.05, 0.05], group.Traces[0].Own(group.Traces[0].Rl));

        // L_max 10 and margin 2: 8 tokens cost nothing, 9 cost (8 - 9) / 2. Rewards 1 and 1/2: +-1/4 over 2 * 10.
        group = Tries.Group(Tries.OfLength(1, 8), Tries.OfLength(1, 9));
        Tries.Assign(rule with { OverLong = OverLong.Penalty }, group);
        Assert.All(group.Traces[0].Own(group.Traces[0].Rl), w => Assert.Equal(0.0125, w, 1e-7));
    }

    [Fact]
    public void A_rule_that_lacks_what_it_reads_says_so() =>
        Assert.Contains("Reference", Assert.Throws<InvalidOperationException>(() => new Grpo { KlBeta = 0.1 }.Assign([Half()])).Message);

    [Fact]
    public void Sft_gives_each_token_of_the_actor_the_same()
    {
        TraceGroup group = Tries.Group(Tries.OfLength(0, 3), Tries.OfLength(1, 2), Tries.Cut(-1), Tries.Failed(-1));
        Tries.Assign(new Sft(), group);
        Tries.Near([0.2, 0.2, 0.2], group.Traces[0].Own(group.Traces[0].Ce));
        Tries.Near([0.2, 0.2], group.Traces[1].Own(group.Traces[1].Ce));
        Assert.False(group.Traces[2].IsCredited);
    }
}
