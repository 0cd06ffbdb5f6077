using Reverie.Worlds;

namespace Reverie.Training.Tests;

/// <summary>Each rule on a case computed by hand.</summary>
public sealed class CreditRuleTests
{
    public static TheoryData<string> Names => [.. CreditRules.All.Select(r => r.Name)];

    [Fact]
    public void Every_rule_is_found_by_its_name()
    {
        Assert.Equal(
            ["cispo", "dapo", "distill", "dpo", "dr-grpo", "expert-iteration", "grpo", "gspo", "maxrl", "on-policy-distill", "ppo", "reinforce", "reward-model", "rloo", "sft", "step-rewards"],
            CreditRules.All.Select(r => r.Name));
        Assert.All(CreditRules.All, rule => Assert.Equal(rule, CreditRules.Find(rule.Name)));
        Assert.Contains("dr-grpo", Refusal.Of(() => CreditRules.Find("drgrpo")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_poisons_a_batch(string name)
    {
        // Two sound traces of two turns, alone and then among those that failed, were cut off, or carry what is not a number.
        TraceGroup alone = Complete(Sound()), mixed = Complete([.. Sound(), Tries.Failed(-1, -1), Tries.OfLength(double.NaN, 2), Tries.Of(1, -1, float.NaN), new(new Trace("", "", 0, null))]);
        ICredit rule = CreditRules.Find(name);
        Tries.Assign(rule, alone);
        Tries.Assign(rule, mixed, Complete([Tries.Failed(-1)]));
        Assert.Contains(alone.Traces, t => t.IsCredited);
        for (int i = 0; i < mixed.Traces.Count; i++)
        {
            Assert.Equal(i < 2 ? alone.Traces[i].Rl : new float[mixed.Traces[i].Rl.Length], mixed.Traces[i].Rl);
            Assert.Equal(i < 2 ? alone.Traces[i].Ce : new float[mixed.Traces[i].Ce.Length], mixed.Traces[i].Ce);
        }

        CreditedTrace strange = Sound()[0];
        TraceGroup other = Complete([strange, .. Sound()]);
        if (strange.Reference is not null) strange.Reference[1] = strange.Teacher![1] = strange.Values![1] = float.NaN;
        Tries.Assign(rule, other);
        Assert.False(strange.IsCredited);
        Tries.Assign(rule, Complete([Tries.Cut(-1, -1), Tries.Cut(-2)]));
        Tries.Assign(rule);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Weights_do_not_pile_up(string name)
    {
        TraceGroup group = Complete(Sound());
        ICredit rule = CreditRules.Find(name);
        Tries.Assign(rule, group);
        float[] once = Written(group.Traces[0]);
        Tries.Assign(rule, group);
        Assert.Equal(once, Written(group.Traces[0]));

        static float[] Written(CreditedTrace trace) => [.. trace.Rl, .. trace.Ce, .. trace.Kl, .. trace.ValueTargets];
    }

    [Fact]
    public void Reinforce_takes_the_reward_less_its_baseline()
    {
        TraceGroup one = Tries.Group(Tries.OfLength(1, 3), Tries.OfLength(0, 2)), two = Tries.Group(Tries.OfLength(1, 1), Tries.OfLength(1, 1));
        // Four traces. Without a baseline R / 4.
        Tries.Assign(new Reinforce { Baseline = RewardBaseline.None }, one, two);
        Tries.Near([0.25, 0.25, 0.25], one.Traces[0].Own(one.Traces[0].Rl));
        Assert.False(one.Traces[1].IsCredited);
        // Mean of the batch 3/4: (1 - 3/4) / 4 and -3/4 / 4.
        Tries.Assign(new Reinforce(), one, two);
        Tries.Near([0.0625, 0.0625, 0.0625], one.Traces[0].Own(one.Traces[0].Rl));
        Tries.Near([-0.1875, -0.1875], one.Traces[1].Own(one.Traces[1].Rl));
        Tries.Near([0.0625], two.Traces[0].Own(two.Traces[0].Rl));
        // Against the other of the group: (1 - 0) / 4, (0 - 1) / 4, and nothing where both are right.
        Tries.Assign(Reinforce.Rloo, one, two);
        Tries.Near([0.25, 0.25, 0.25], one.Traces[0].Own(one.Traces[0].Rl));
        Tries.Near([-0.25, -0.25], one.Traces[1].Own(one.Traces[1].Rl));
        Assert.All(two.Traces, t => Assert.False(t.IsCredited));
        // A try alone has no others; a batch in which all are the same says nothing.
        TraceGroup alone = Tries.Group(Tries.OfLength(1, 1)), same = Tries.Group(Tries.OfLength(0.1, 1), Tries.OfLength(0.1, 1), Tries.OfLength(0.1, 1));
        Tries.Assign(Reinforce.Rloo, alone);
        Assert.False(alone.Traces[0].IsCredited);
        Tries.Assign(new Reinforce(), same);
        Assert.All(same.Traces, t => Assert.False(t.IsCredited));
    }

    [Fact]
    public void Ppo_spreads_a_late_reward_over_the_tokens()
    {
        CreditedTrace trace = Tries.OfLength(1, 3);
        trace.Values = trace.Spread(0.5f, 0.25f, 0.5f);
        Tries.Assign(new Ppo { Gamma = 0.5, Lambda = 0.5, Normalize = false, ValueWeight = 0.3 }, Tries.Group(trace));
        // From the end: delta_2 = 1 - 0.5 = 0.5 = A_2.
        // delta_1 = 0.5 * 0.5 - 0.25 = 0, A_1 = 0 + 0.25 * 0.5 = 0.125.
        // delta_0 = 0.5 * 0.25 - 0.5 = -0.375, A_0 = -0.375 + 0.25 * 0.125 = -0.34375.
        Tries.Near([-0.34375 / 3, 0.125 / 3, 0.5 / 3], trace.Own(trace.Rl));
        Tries.Near([0.15625, 0.375, 1], trace.Own(trace.ValueTargets));
        Tries.Near([0.1, 0.1, 0.1], trace.Own(trace.ValueWeights));
    }

    [Fact]
    public void Ppo_gives_a_reward_to_its_turn_clips_and_normalises()
    {
        CreditedTrace trace = Tries.Turns([1, 2], [-1, -1], [-1]);
        trace.Values = trace.Spread(0, 0, 0);
        trace.Current = trace.Spread(-1, -1 + MathF.Log(1.3f), -1 + MathF.Log(1.1f));
        trace.Reference = trace.Spread(-1, -1, -3);
        var rule = new Ppo { Lambda = 0, Normalize = false };
        // Without values and with lambda 0 the advantage of a token is its own reward: 1 at the end of the first turn, 2 at the end of the second.
        // 1.3 is beyond the clip; 1.1 * 2 / 3.
        Tries.Assign(rule, Tries.Group(trace));
        Tries.Near([0, 0, 2.2 / 3], trace.Own(trace.Rl));
        // Mean 1, variance 2/3: -1, 0 and 1 over sqrt(2/3).
        Tries.Assign(rule with { Normalize = true }, Tries.Group(trace));
        Tries.Near([-1 / Math.Sqrt(2 / 3.0) / 3, 0, 1.1 / Math.Sqrt(2 / 3.0) / 3], trace.Own(trace.Rl));
        // The last token is e^2 times as likely as under the reference: its reward loses 0.1 * 2.
        Tries.Assign(rule with { KlBeta = 0.1 }, Tries.Group(trace));
        Tries.Near([0, 0, 1.1 * 1.8 / 3], trace.Own(trace.Rl));
        // With lambda 1 and no values every token has the reward that is still to come.
        trace.Current = trace.Old;
        Tries.Assign(rule with { Lambda = 1 }, Tries.Group(trace));
        Tries.Near([1, 1, 2 / 3.0], trace.Own(trace.Rl));
    }

    [Fact]
    public void Expert_iteration_imitates_the_best_that_pass_each_once()
    {
        TraceGroup group = Tries.Group(Tries.OfLength(0.5, 2), Tries.OfLength(1, 3), Tries.OfLength(1, 3), Tries.OfLength(1.5, 2), Tries.OfLength(1, 4));
        Tries.Assign(new ExpertIteration(), group);
        // 3 + 2 + 4 tokens: the third says what the second says.
        Assert.Equal([false, true, false, true, true], group.Traces.Select(t => t.IsCredited));
        Assert.All(group.Traces[1].Own(group.Traces[1].Ce), w => Assert.Equal(1 / 9.0, w, 1e-7));
        Tries.Assign(new ExpertIteration { Keep = 1 }, group);
        Assert.Equal([false, false, false, true, false], group.Traces.Select(t => t.IsCredited));
        Tries.Near([0.5, 0.5], group.Traces[3].Own(group.Traces[3].Ce));
    }

    [Fact]
    public void Dpo_weighs_a_pair_by_how_wrong_the_model_is_about_it()
    {
        CreditedTrace better = Tries.Of(1, -1, -1), worse = Tries.Of(0, -1), between = Tries.Of(0.5, -1);
        better.Reference = better.Spread(-2, -1);
        worse.Reference = worse.Spread(-3);
        between.Reference = between.Old;
        TraceGroup pair = Tries.Group(worse, between, better), same = Complete([Tries.OfLength(1, 2), Tries.OfLength(1, 1)]), second = Complete([Tries.OfLength(1, 2), Tries.OfLength(0, 1)]);
        Tries.Assign(new Dpo { Beta = 0.5 }, pair, same, second);
        // Log-ratios 1 and 2: m = 0.5 * (1 - 2), weight 0.5 * sigmoid(0.5) over two pairs.
        double weight = 0.25 / (1 + Math.Exp(-0.5));
        Tries.Near([weight, weight], better.Own(better.Ce));
        Tries.Near([-weight], worse.Own(worse.Ce));
        Assert.False(between.IsCredited);
        Assert.All(same.Traces, t => Assert.False(t.IsCredited));
        // Where model and reference agree: 0.5 * 0.5 over two pairs.
        Tries.Near([0.125, 0.125], second.Traces[0].Own(second.Traces[0].Ce));
    }

    [Fact]
    public void A_reward_model_moves_the_scores_of_a_pair_apart()
    {
        CreditedTrace better = Tries.Of(1, -1, -1), worse = Tries.Of(0, -1);
        better.Values = better.Spread(9, 0.5f);
        worse.Values = worse.Spread(1.5f);
        Tries.Assign(new RewardModel(), Tries.Group(better, worse));
        // sigmoid(1.5 - 0.5) = 0.7310586; the pull is 2 * 0.01 * 2 = 0.04. Targets 0.5 + 0.7310586 - 0.04 and 1.5 - 0.7310586 - 0.04.
        Tries.Near([0, 1], better.Own(better.ValueWeights));
        Tries.Near([0, 1.1910586], better.Own(better.ValueTargets));
        Tries.Near([0.7289414], worse.Own(worse.ValueTargets));
        Assert.False(better.Rl.AsSpan().ContainsAnyExcept(0f));
    }

    [Fact]
    public void Distillation_on_own_samples_follows_the_difference_of_log_probabilities()
    {
        CreditedTrace trace = Tries.Of(0, -1, -2, -3), cut = Tries.Cut(-1);
        trace.Teacher = trace.Spread(-0.5f, -2, -5);
        cut.Teacher = cut.Spread(-1.4f);
        Tries.Assign(new OnPolicyDistillation(), Tries.Group(trace, cut));
        Tries.Near([0.125, 0, -0.5], trace.Own(trace.Rl));
        Tries.Near([-0.1], cut.Own(cut.Rl));
    }

    [Fact]
    public void Distillation_weighs_every_token_alike()
    {
        CreditedTrace trace = Tries.Of(0, -1, -2, -3), cut = Tries.Cut(-1);
        Tries.Assign(new Distillation(), Tries.Group(trace, cut));
        Tries.Near([0.25, 0.25, 0.25], trace.Own(trace.Kl));
        Tries.Near([0.25], cut.Own(cut.Kl));
    }

    [Fact]
    public void Step_rewards_pay_a_turn_for_what_it_changed()
    {
        CreditedTrace trace = Tries.Turns([0, 0, 1], [-1, -1], [-1], [-1, -1]);
        trace.StepValues = [0.25, 0.75, 0.5];
        Tries.Assign(new StepRewards(), Tries.Group(trace));
        // 0.75 - 0.25, 0.5 - 0.75, 1 - 0.5, over 5 tokens.
        Tries.Near([0.1, 0.1, -0.05, 0.1, 0.1], trace.Own(trace.Rl));
    }

    private static CreditedTrace[] Sound() => [Tries.Turns([0, 1], [-1, -2], [-1]), Tries.Turns([0, 0.5], [-1], [-1, -0.5f])];

    /// <summary>A group with everything that any rule reads.</summary>
    private static TraceGroup Complete(CreditedTrace[] traces)
    {
        foreach (CreditedTrace trace in traces)
        {
            trace.Reference = [.. trace.Old];
            trace.Teacher = [.. trace.Old.Select(p => p * 1.5f)];
            trace.Values = [.. trace.Old.Select(p => 0.3f + (p / 7))];
            trace.StepValues = [.. Enumerable.Range(0, trace.Trace.TurnCount).Select(k => 0.2 * (k + 1))];
        }

        return Tries.Group(traces);
    }
}
