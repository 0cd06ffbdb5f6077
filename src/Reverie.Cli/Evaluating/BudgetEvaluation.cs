using Reverie.Cli.Chat;
using Reverie.Cli.Display;
using Reverie.Evaluation;
using Reverie.Models;
using Reverie.Worlds;

namespace Reverie.Cli.Evaluating;

/// <summary>Draws accuracy against tokens: each task set under budgets of reasoning, as a table and a plot.</summary>
internal sealed class BudgetEvaluation(EvalOptions options, ModelInUse model, Terminal terminal, CancellationToken cancellation)
{
    private const int PlotWidth = 64;

    private readonly TextWriter _text = terminal.Messages;

    /// <summary>Measures every task set that was named; the Primer's arithmetic where none was.</summary>
    /// <returns>What goes into the JSON object.</returns>
    public object Run(string split)
    {
        _text.WriteLine($"{model.Name}, {Figures.Short(model.Transformer.Config.ParameterCount)} parameters, {split}");
        ITaskSet[] sets = options.Suites.Count == 0 ? [TaskSets.Find("arithmetic")] : [.. options.Suites.SelectMany(s => s.Sets()).DistinctBy(s => s.Name)];
        return new { Model = model.Name, Split = split, options.Samples, Exact = options.ExactBudgets, Budgets = sets.ToDictionary(s => s.Name, Measure) };
    }

    private object[] Measure(ITaskSet set)
    {
        bool several = options.Samples > 1;
        string[] more = several ? [$"pass@{options.Samples}", $"maj@{options.Samples}", $"best@{options.Samples}"] : [];
        _text.WriteLine($"{set.Name}: {options.Questions} questions{(several ? $", {options.Samples} replies each" : "")}");
        _text.WriteLine($"  {"budget",8} {"tokens",8} {"thought",8} {"cut off",8} {"score",14}{string.Concat(more.Select(name => $" {name,8}"))}");
        IReadOnlyList<BudgetPoint> points = BudgetCurve.Measure(set, options.Split, options.Questions, options.Budgets, options.ExactBudgets, options.AnswerTokens,
            new SamplingOptions { Temperature = options.Temperature }, model.Generator, model.Tokenizer, options.Samples, options.ExamSeed, Print, cancellation);
        foreach (string row in ScatterPlot.Draw([.. points.Select(p => (p.Tokens, p.Score.Value, p.Score.StandardError))], "tokens of a reply", PlotWidth, terminal.Console.Profile.Capabilities.Unicode))
            _text.WriteLine(row);
        return
        [
            .. points.Select(p => new
            {
                p.Budget,
                MeanTokens = p.Tokens,
                p.ThinkingTokens,
                p.Truncated,
                Metrics = p.Metrics.ToDictionary(m => m.Name, m => m.Value),
                StandardErrors = p.Metrics.ToDictionary(m => m.Name, m => m.StandardError),
            }),
        ];

        void Print(BudgetPoint p)
        {
            string score = $"{Figures.Percent(p.Score.Value, 1)} ± {Figures.Percent(p.Score.StandardError, 1)}";
            _text.WriteLine($"  {p.Budget,8} {Figures.ThreeDigits(p.Tokens),8} {Figures.ThreeDigits(p.ThinkingTokens),8} {Figures.Percent(p.Truncated),8} {score,14}"
                + string.Concat(more.Select(name => $" {Figures.Percent(p.Metrics.First(m => m.Name == name).Value, 1),8}")));
        }
    }
}
