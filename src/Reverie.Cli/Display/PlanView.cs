using Reverie.Evaluation;
using Reverie.Models;
using Reverie.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Reverie.Cli.Display;

/// <summary>The plan with every number, and beside each the option that changes it.</summary>
internal static class PlanView
{
    /// <summary>Makes the table.</summary>
    /// <param name="plan">What will be done.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="resumed">Whether an interrupted run goes on.</param>
    public static IRenderable Of(RaisePlan plan, RaiseOptions options, bool resumed)
    {
        var dim = new Style(decoration: Decoration.Dim);
        var grid = new Grid { Expand = false };
        grid.AddColumn(new GridColumn().NoWrap().Padding(1, 0, 2, 0));
        grid.AddColumn(new GridColumn().Padding(0, 0, 0, 0));
        foreach ((string what, string value, string flags) in Rows(plan, options))
        {
            var text = new Paragraph(value);
            if (flags.Length > 0) text.Append("  " + flags, dim);
            grid.AddRow(new Text(what, dim), text);
        }

        var title = new Text(resumed ? $" Resuming run {plan.Run}" : $" The plan of run {plan.Run}", new Style(decoration: Decoration.Bold));
        return new Rows(title, grid, Text.Empty);
    }

    private static IEnumerable<(string What, string Value, string Flags)> Rows(RaisePlan plan, RaiseOptions options)
    {
        TransformerConfig model = plan.Recipe.Model;
        StagePlan first = plan.Recipe.Stages[0];
        yield return ("time", $"{Figures.Plain(options.Minutes)} minutes, {options.ExamQuestions} questions in each exam", "--minutes --exam-questions");
        yield return ("machine", $"{Figures.ThreeDigits(plan.CeilingGflops)} GFLOP/s at most, {Figures.ThreeDigits(plan.Gflops)} in training ({Figures.Percent(plan.Gflops / plan.CeilingGflops)})", "--threads");
        yield return ("model", $"{Figures.Short(plan.Parameters)} parameters: width {model.Width}, {model.Layers} layers, {(model.TiedEmbeddings ? "tied" : "separate")} head", "--width --layers --tied");
        yield return ("vocabulary", $"{Figures.Whole(model.VocabularySize)} tokens", "--vocabulary");
        yield return ("context", $"{Figures.Whole(model.ContextLength)} tokens", "--context");
        yield return ("learns", $"{Figures.Short(plan.Recipe.Tokens)} tokens at {Figures.Whole(plan.TokensPerSecond)} a second, {Figures.Whole(first.BatchTokens)} a step", "--tokens --batch-tokens");
        yield return ("optimizer", $"{plan.Recipe.Optimizer}, rate {Figures.Rate(first.LearningRate)}, beta2 {Figures.Rate(plan.Recipe.Beta2)}, weight decay {Figures.Rate(plan.Recipe.WeightDecay)}", "--optimizer --learning-rate");
        yield return ("seed", plan.Recipe.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture), "--seed");
        foreach (StagePlan stage in plan.Recipe.Stages)
        {
            string rate = stage.LearningRate == first.LearningRate ? "" : $", rate {Figures.Rate(stage.LearningRate)}";
            string decay = stage.DecayFraction > 0 ? $" falling over {Figures.Percent(stage.DecayFraction)}" : "";
            string limit = stage.MaximumSeconds > 0 ? $" in at most {Figures.Clock(stage.MaximumSeconds)}" : "";
            string mixture = string.Join(", ", stage.Mixture.OrderByDescending(m => m.Value).Select(m => $"{m.Key} {Figures.Percent(m.Value)}"));
            if (stage.Rollouts is { } rollouts)
            {
                yield return (stage.Name, $"{(stage.MaximumSeconds > 0 ? $"for {Figures.Clock(stage.MaximumSeconds)}" : $"{Figures.Whole(stage.Steps)} steps")}{rate}{decay}, {rollouts.Prompts} tasks of {rollouts.GroupSize} episodes a step, credit by {rollouts.Credit}: {mixture}{(rollouts.Rehearsal is { } rehearsal ? $"; beside them {Figures.Whole(rehearsal.Tokens)} tokens of what was read last" : "")}", "--no-rl --credit --rl-rate --rl-prompts --rl-group");
                continue;
            }

            yield return (stage.Name, $"{Figures.Whole(stage.ExpectedSteps ?? stage.Steps)} steps{limit}{rate}{decay}: {mixture}", stage == first ? "--data --data-share" : "");
        }
    }
}
