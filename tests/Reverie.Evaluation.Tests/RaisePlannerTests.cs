using System.Text.Json;
using Reverie.Tensors;
using Reverie.Training;
using Reverie.Worlds;

namespace Reverie.Evaluation.Tests;

public sealed class RaisePlannerTests
{
    private static readonly RaiseSource[] _primer = [.. Primer.Corpora.Select(c => new RaiseSource(c, IsPrimer: true, HasConversations: true))];

    [Theory]
    [InlineData(300_000, 64, 3)]
    [InlineData(7_200_000, 96, 4)]
    public void A_plan_of_tokens_is_the_same_on_any_machine(long tokens, int width, int layers)
    {
        string slow = Recipe(new RaiseOptions { Tokens = tokens }, ceiling: 2, seconds: 10), fast = Recipe(new RaiseOptions { Tokens = tokens }, ceiling: 5000, seconds: 900);
        Assert.Equal(slow, fast);
        Assert.Contains($"\"Width\":{width},\"Layers\":{layers},", slow, StringComparison.Ordinal);
        Assert.Contains("\"MaximumSeconds\":0,", slow, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_of_minutes_has_a_larger_model_on_a_faster_machine() =>
        Assert.NotEqual(Recipe(new RaiseOptions(), ceiling: 20, seconds: 280), Recipe(new RaiseOptions(), ceiling: 500, seconds: 280));

    [Fact]
    public void Reinforcement_rehearses_the_mixture_of_fine_tuning()
    {
        using IKernels kernels = CpuKernels.Create(1);
        IReadOnlyList<StagePlan> stages = RaisePlanner.Plan(new RaiseOptions { Tokens = 300_000 }, "run", kernels, 100, 300, _primer, 60).Recipe.Stages;
        StagePlan rl = stages[^1], sft = stages[^2];
        Assert.Equal(sft.Mixture, rl.Rollouts!.Rehearsal!.Mixture);
        Assert.True(rl.TokensRead("told") > 0);
        Assert.Equal(0, sft.TokensRead("no such source"));
    }

    private static string Recipe(RaiseOptions options, double ceiling, double seconds)
    {
        using IKernels kernels = CpuKernels.Create(1);
        return JsonSerializer.Serialize(RaisePlanner.Plan(options, "run", kernels, ceiling, 1536, _primer, seconds).Recipe);
    }
}
