using Reverie.Evaluation;
using Reverie.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Reverie.Cli.Display;

/// <summary>The plan of a stage of <c>train</c>, and what came of it.</summary>
internal static class TrainView
{
    private static readonly Style _dim = new(decoration: Decoration.Dim), _bold = new(decoration: Decoration.Bold);

    /// <summary>The plan with every number, and beside each the option that changes it.</summary>
    public static IRenderable Plan(RaisePlan plan, TrainOptions options, bool resumed)
    {
        Grid grid = Columns(2);
        foreach ((string what, string value, string flags) in Rows(plan, options))
        {
            var text = new Paragraph(value);
            if (flags.Length > 0) text.Append("  " + flags, _dim);
            grid.AddRow(new Text(what, _dim), text);
        }

        return new Rows(new Text(resumed ? $" Resuming run {plan.Run}" : $" The plan of run {plan.Run}", _bold), grid, Text.Empty);
    }

    /// <summary>Scores before and after, and what the stage did.</summary>
    public static IRenderable Summary(TrainResult result, bool unicode)
    {
        string pm = unicode ? "±" : "+-";
        var parts = new List<IRenderable> { new Text($"{result.Stage.Name} from {result.From}: {Figures.Whole(result.Stage.Steps)} steps, {Figures.Short(result.Stage.Tokens)} tokens, {Figures.Clock(result.Stage.Seconds)}; {Figures.Clock(result.Seconds)} in all"
            + (result.Stage.SkippedBatches > 0 ? $"; {result.Stage.SkippedBatches} batches had nothing to learn from" : "")) };
        if (result.Exams.Count > 0)
        {
            Grid grid = Columns(5);
            grid.AddRow(new Text("held out", _dim), new Text("before", _dim), new Text("after", _dim), new Text("difference", _dim), new Text("questions", _dim));
            string Score(double score, double error) => $"{Figures.Percent(score, 1)} {pm} {Figures.Percent(error, 1)}";
            foreach (ExamChange exam in result.Exams)
                grid.AddRow(new Text(exam.Name), new Text(Score(exam.Before, exam.BeforeError)), new Text(Score(exam.After, exam.AfterError)),
                    new Text((exam.Difference >= 0 ? "+" : "") + Score(exam.Difference, exam.DifferenceError)), new Text(Figures.Whole(exam.Questions)));
            parts.AddRange([Text.Empty, grid]);
        }

        if (result.BitsPerByte.Count > 0)
        {
            Grid grid = Columns(3);
            grid.AddRow(new Text("bits per byte, held out", _dim), new Text("before", _dim), new Text("after", _dim));
            foreach ((string source, double bits) in result.BitsPerByte) grid.AddRow(new Text(source), new Text($"{result.BitsPerByteBefore.GetValueOrDefault(source):F3}"), new Text($"{bits:F3}"));
            parts.AddRange([Text.Empty, grid]);
        }

        return new Panel(new Rows(parts)) { Header = new PanelHeader($" {result.Model} "), Padding = new Padding(2, 0, 2, 0), Border = unicode ? BoxBorder.Rounded : BoxBorder.Ascii };
    }

    private static IEnumerable<(string What, string Value, string Flags)> Rows(RaisePlan plan, TrainOptions options)
    {
        StagePlan stage = plan.Recipe.Stages[0];
        yield return ("model", $"{options.Model}: {Figures.Short(plan.Parameters)} parameters" + (options.LoraRank is int rank ? $", of which an adapter of rank {rank} is trained" : ""), "--lora");
        string limit = stage.MaximumSeconds > 0 ? $"{Figures.Clock(stage.MaximumSeconds)} of training" : $"{Figures.Whole(stage.Steps)} steps";
        yield return ("length", $"{limit}, {options.Questions} questions in each exam", "--minutes --steps --questions");
        yield return ("optimizer", $"{plan.Recipe.Optimizer}, rate {Figures.Rate(stage.LearningRate)}", "--optimizer --rate");
        if (stage.Rollouts is { } play)
        {
            yield return ("episodes", $"{play.Prompts} tasks by {play.GroupSize} tries, {play.Turns} turns of {play.TokensPerTurn} tokens, temperature {Figures.Plain(play.Temperature)}", "--prompts --group --turns --tokens-per-turn --temperature");
            if (play.Rehearsal is { } rehearsal) yield return ("rehearses", $"{Figures.Whole(rehearsal.Tokens)} tokens a step of {string.Join(", ", options.Rehearse)}", "--rehearse");
            yield return ("credit", play.Credit + (play.UpdatesPerBatch > 1 ? $", {play.UpdatesPerBatch} steps on the same episodes" : ""), "--credit --updates");
        }
        else
        {
            yield return ("step", $"{Figures.Whole(stage.BatchTokens)} tokens, {Figures.Whole(plan.TokensPerSecond)} a second", "--batch-tokens");
        }

        if (options.Teacher is { } teacher) yield return ("teacher", teacher, "--teacher");
        yield return ("learns from", string.Join(", ", stage.Mixture.OrderByDescending(m => m.Value).Select(m => $"{m.Key} {Figures.Percent(m.Value)}")), stage.Rollouts is null ? "--data --tasks" : "--tasks");
        yield return ("seed", options.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture), "--seed");
    }

    private static Grid Columns(int count)
    {
        var grid = new Grid { Expand = false };
        for (int i = 0; i < count; i++) grid.AddColumn(i == 0 ? new GridColumn().NoWrap().Padding(1, 0, 2, 0) : new GridColumn().Padding(0, 0, 2, 0));
        return grid;
    }
}
