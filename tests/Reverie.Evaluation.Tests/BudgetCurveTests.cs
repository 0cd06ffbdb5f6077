using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Evaluation.Tests;

public class BudgetCurveTests(SmallModel model) : IClassFixture<SmallModel>
{
    [Fact]
    public void More_budget_is_more_tokens_and_the_figures_come_with_it()
    {
        using var generator = new Generator(model.Transformer, SmallModel.Tokenizer, model.Kernels);
        List<BudgetPoint> told = [];
        IReadOnlyList<BudgetPoint> points = BudgetCurve.Measure(
            new Parity(4), Split.HeldOut, 5, [0, 3, 9], isExact: true, answerTokens: 6, new SamplingOptions(), generator, SmallModel.Tokenizer, samples: 3, onPoint: told.Add);
        Assert.Equal(points, told);
        Assert.Equal([0.0, 3, 9], points.Select(p => p.ThinkingTokens));
        Assert.All(points, p => Assert.InRange(p.Tokens, p.Budget + 3, p.Budget + 6));
        Assert.Equal(["score", "pass@1", "pass@2", "pass@3", "pass^2", "pass^3", "maj@3", "best@3"], points[0].Metrics.Select(m => m.Name));
        Assert.Throws<ReverieException>(() => BudgetCurve.Measure(new Parity(4), Split.HeldOut, 1, [60], true, 6, new SamplingOptions(), generator, SmallModel.Tokenizer));
    }

    [Fact]
    public void Forced_tokens_stand_in_the_trace_with_their_probabilities_and_are_not_learned_from()
    {
        using var generator = new Generator(model.Transformer, SmallModel.Tokenizer, model.Kernels);
        var actor = new ModelActor(generator, new SamplingOptions { Thinking = new ThinkingBudget(4, 4) });
        TaskItem item = new Parity(4).Tasks(Split.Train, 1).First();
        Trace trace = Episode.Run([new Episode("parity", "0", item, actor, 1)], SmallModel.Tokenizer, new Budget(TokensPerTurn: 12), [generator])[0];
        int start = trace.Turns[0].Start - 1;
        Assert.Equal(SmallModel.Tokenizer.ThinkStart, trace.Tokens[start]);
        Assert.Equal(SmallModel.Tokenizer.ThinkEnd, trace.Tokens[start + 5]);
        int[] learned = [.. trace.Turns.SelectMany(t => Enumerable.Range(t.Start, t.Length))];
        Assert.DoesNotContain(start, learned);
        Assert.DoesNotContain(start + 5, learned);
        Assert.Equal((1, trace.ActorTokens + 2), (trace.TurnCount, trace.WrittenTokens));
        Trace again = TraceFile.Parse(TraceFile.Line(trace));
        Assert.Equal((trace.TurnCount, trace.WrittenTokens), (again.TurnCount, again.WrittenTokens));
        float[] expected = model.LogProbabilities([.. trace.Tokens]);
        for (int i = start; i < start + trace.WrittenTokens; i++) Assert.Equal(expected[i - 1], trace.LogProbabilities[i]);
    }
}
