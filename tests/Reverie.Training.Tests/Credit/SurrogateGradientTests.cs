using Reverie.Tensors;

namespace Reverie.Training.Tests;

/// <summary>
/// The weights of a rule against the objective that they stand for, on a policy of three tokens with one logit each: the gradient of
/// the sum of -w log p must be that of the published objective, which is written down here a second time and differentiated numerically.
/// </summary>
public sealed class SurrogateGradientTests
{
    private static readonly double[] _theta = [0.35, -0.25, 0.1];
    private static readonly double[] _before = [0.1, 0.0, -0.1];
    private static readonly double[] _reference = [0.0, 0.2, -0.3];

    private readonly (CreditedTrace Trace, int[] Actions, double Reward)[] _tries;

    public SurrogateGradientTests()
    {
        var random = new RandomStream(7, "actions");
        _tries = [.. new[] { 1.0, 0, 0.5, 0 }.Select(reward =>
        {
            int[] actions = [.. Enumerable.Range(0, random.Next(3, 9)).Select(_ => random.Next(3))];
            CreditedTrace trace = Tries.Of(reward, [.. actions.Select(a => (float)Log(_before, a))]);
            trace.Current = trace.Spread([.. actions.Select(a => (float)Log(_theta, a))]);
            trace.Reference = trace.Spread([.. actions.Select(a => (float)Log(_reference, a))]);
            trace.Values = trace.Spread([.. actions.Select((a, i) => (0.1f * a) + (0.03f * i))]);
            return (trace, actions, reward);
        })];
    }

    private double Tokens => _tries.Sum(t => t.Actions.Length);

    private double Mean => _tries.Average(t => t.Reward);

    private double Deviation => Math.Sqrt(_tries.Average(t => Math.Pow(t.Reward - Mean, 2)));

    [Theory]
    [InlineData(0.2, 0.2, 0)]
    [InlineData(0.05, 0.1, 0)]
    [InlineData(0.1, 0.28, 0.3)]
    public void Grpo(double low, double high, double beta) =>
        Check(new Grpo { ClipLow = low, ClipHigh = high, KlBeta = beta }, theta => _tries.Average(t => t.Actions.Average(a =>
        {
            double advantage = (t.Reward - Mean) / Deviation, ratio = Math.Exp(Log(theta, a) - Log(_before, a)), other = Log(_reference, a) - Log(theta, a);
            return Math.Min(ratio * advantage, Math.Clamp(ratio, 1 - low, 1 + high) * advantage) - (beta * (Math.Exp(other) - other - 1));
        })));

    [Fact]
    public void Dapo() =>
        Check(Training.Grpo.Dapo with { ClipLow = 0.1, ClipHigh = 0.15 }, theta => _tries.Sum(t => t.Actions.Sum(a =>
        {
            double advantage = (t.Reward - Mean) / Deviation, ratio = Math.Exp(Log(theta, a) - Log(_before, a));
            return Math.Min(ratio * advantage, Math.Clamp(ratio, 0.9, 1.15) * advantage) / Tokens;
        })));

    [Fact]
    public void Cispo()
    {
        // The factor is held where it is: only log p moves.
        double[] held = [.. Enumerable.Range(0, 3).Select(a => Math.Min(Math.Exp(Log(_theta, a) - Log(_before, a)), 1.1))];
        Assert.Contains(1.1, held);
        Check(Training.Grpo.Cispo with { ClipHigh = 0.1 }, theta => _tries.Sum(t => t.Actions.Sum(a => held[a] * (t.Reward - Mean) / Deviation * Log(theta, a) / Tokens)));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.02)]
    public void Gspo(double clip) =>
        Check(Training.Grpo.Gspo with { ClipLow = clip, ClipHigh = clip }, theta => _tries.Average(t =>
        {
            double advantage = (t.Reward - Mean) / Deviation, ratio = Math.Exp(t.Actions.Average(a => Log(theta, a) - Log(_before, a)));
            return Math.Min(ratio * advantage, Math.Clamp(ratio, 1 - clip, 1 + clip) * advantage);
        }));

    [Fact]
    public void Dpo()
    {
        // The best try is the first, the worst the second.
        double LogRatio(double[] theta, int i) => _tries[i].Actions.Sum(a => Log(theta, a) - Log(_reference, a));
        Check(new Dpo { Beta = 0.7 }, theta => -Math.Log(1 + Math.Exp(-0.7 * (LogRatio(theta, 0) - LogRatio(theta, 1)))));
    }

    [Fact]
    public void Ppo()
    {
        // Advantages are constants: by the definition, sums of discounted deltas.
        var rule = new Ppo { Gamma = 0.9, Lambda = 0.8, Clip = 0.12, Normalize = false };
        double[][] advantages = [.. _tries.Select(t => Enumerable.Range(0, t.Actions.Length).Select(i =>
        {
            double sum = 0;
            for (int j = i; j < t.Actions.Length; j++)
            {
                bool last = j == t.Actions.Length - 1;
                double delta = (last ? t.Reward : 0.9 * Value(t.Actions, j + 1)) - Value(t.Actions, j);
                sum += Math.Pow(0.9 * 0.8, j - i) * delta;
            }

            return sum;
        }).ToArray())];
        Check(rule, theta => _tries.Zip(advantages).Sum(t => t.First.Actions.Zip(t.Second).Sum(step =>
        {
            double ratio = Math.Exp(Log(theta, step.First) - Log(_before, step.First));
            return Math.Min(ratio * step.Second, Math.Clamp(ratio, 0.88, 1.12) * step.Second) / Tokens;
        })));
        for (int i = 0; i < _tries.Length; i++)
            Tries.Near([.. advantages[i].Select((a, j) => a + Value(_tries[i].Actions, j))], _tries[i].Trace.Own(_tries[i].Trace.ValueTargets));

        static double Value(int[] actions, int i) => (0.1 * actions[i]) + (0.03 * i);
    }

    [Fact]
    public void A_reward_models_values()
    {
        var rule = new RewardModel { Centering = 0.03 };
        CreditedTrace better = _tries[0].Trace, worse = _tries[1].Trace;
        Tries.Assign(rule, Tries.Group(better, worse));
        double high = better.Values![better.ActorTokens[^1]], low = worse.Values![worse.ActorTokens[^1]];
        double Loss(double w, double l) => Math.Log(1 + Math.Exp(l - w)) + (0.03 * (w + l) * (w + l));
        double Slope(CreditedTrace trace) => trace.ValueWeights[trace.ActorTokens[^1]] * (trace.Values![trace.ActorTokens[^1]] - trace.ValueTargets[trace.ActorTokens[^1]]);
        const double h = 1e-5;
        Assert.Equal((Loss(high + h, low) - Loss(high - h, low)) / (2 * h), Slope(better), 1e-6);
        Assert.Equal((Loss(high, low + h) - Loss(high, low - h)) / (2 * h), Slope(worse), 1e-6);
    }

    private void Check(ICredit rule, Func<double[], double> objective)
    {
        Tries.Assign(rule, Tries.Group([.. _tries.Select(t => t.Trace)]));
        for (int k = 0; k < 3; k++)
        {
            // d log p(a) / d theta_k = [a = k] - p(k), and the loss is minus the objective.
            double implied = 0;
            foreach ((CreditedTrace trace, int[] actions, _) in _tries)
                for (int i = 0; i < actions.Length; i++)
                    implied += (trace.Rl[trace.ActorTokens[i]] + trace.Ce[trace.ActorTokens[i]]) * ((actions[i] == k ? 1 : 0) - Math.Exp(Log(_theta, k)));
            const double h = 1e-5;
            double[] up = [.. _theta], down = [.. _theta];
            up[k] += h;
            down[k] -= h;
            double numeric = (objective(up) - objective(down)) / (2 * h);
            Assert.True(Math.Abs(numeric) > 1e-4, $"theta {k} has no gradient: {numeric}");
            Assert.Equal(numeric, implied, 1e-6);
        }
    }

    private static double Log(double[] theta, int action) => theta[action] - Math.Log(theta.Sum(Math.Exp));
}
