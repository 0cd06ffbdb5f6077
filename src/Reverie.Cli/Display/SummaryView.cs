using Reverie.Evaluation;
using Reverie.Models;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Reverie.Cli.Display;

/// <summary>What came of a run: scores against their targets, bits per byte, time by stage, and what to type next.</summary>
internal static class SummaryView
{
    private static readonly Style _dim = new(decoration: Decoration.Dim), _good = new(Color.Green), _warning = new(Color.Yellow);

    /// <summary>Makes the panel.</summary>
    /// <param name="result">What came of the run.</param>
    /// <param name="exams">The exams with their errors, as far as this process saw them.</param>
    /// <param name="unicode">Whether marks beyond ASCII can be shown.</param>
    public static IRenderable Of(RaiseResult result, IReadOnlyList<ExamResult> exams, bool unicode = true)
    {
        var parts = new List<IRenderable> { new Text($"{Figures.Short(result.Parameters)} parameters, {Figures.Short(result.Tokens)} tokens, {Figures.Clock(result.Seconds)} in all") };
        if (result.Scores.Count > 0) Add(parts, Scores(result, exams, unicode));
        if (result.BitsPerByte.Count > 0) Add(parts, Pairs("bits per byte, held out", result.BitsPerByte.Select(b => (b.Key, $"{b.Value:F3}"))));
        Add(parts, Pairs("time by stage", result.Stages.Select(s => (s.Name, $"{Figures.Clock(s.Seconds)}   {Figures.Whole(s.Steps)} steps, loss {s.Loss:F3}" + (s.SkippedBatches > 0 ? $", {s.SkippedBatches} batches skipped" : "")))));
        return new Panel(new Rows(parts)) { Header = new PanelHeader($" {result.Model} "), Padding = new Padding(2, 0, 2, 0), Border = unicode ? BoxBorder.Rounded : BoxBorder.Ascii };
    }

    /// <summary>Where the model is and what to type next.</summary>
    /// <param name="result">What came of the run.</param>
    /// <param name="workspace">The workspace that was named; null for the usual one.</param>
    public static IEnumerable<string> NextSteps(RaiseResult result, string? workspace)
    {
        string where = workspace is null ? "" : $" --workspace {workspace}";
        string program = Shell.ProgramName, name = result.Model.Split('@')[0];
        string page = Path.Combine(new Workspace(workspace).RunsFolder, result.Run, "report.html");
        if (File.Exists(page)) yield return $"How it was made: {page}";
        yield return $"The model is in {result.Folder}. Next:";
        yield return $"  {program} chat {name}{where}";
        yield return $"  {program} eval {name} --verbose{where}";
        yield return $"  {program} raise --minutes 15{where}";
    }

    private static void Add(List<IRenderable> parts, IRenderable part)
    {
        parts.Add(Text.Empty);
        parts.Add(part);
    }

    private static Grid Scores(RaiseResult result, IReadOnlyList<ExamResult> exams, bool unicode)
    {
        Grid grid = Columns(4);
        grid.AddRow(new Text("held-out exams", _dim), Text.Empty, Text.Empty, Text.Empty);
        foreach ((string name, double score) in result.Scores)
        {
            ExamResult? exam = exams.FirstOrDefault(e => e.Name == name);
            double? target = Targets.Of(name);
            bool missed = Targets.IsMissed(name, score);
            string mark = target is null ? "" : missed ? unicode ? "✗" : "-" : unicode ? "✓" : "+";
            string error = exam is null ? "" : unicode ? $" ± {Figures.Percent(exam.StandardError, 1)}" : $" +- {Figures.Percent(exam.StandardError, 1)}";
            grid.AddRow(new Text(name), new Text(Figures.Percent(score, 1) + error), new Text(mark, missed ? _warning : _good), new Text(target is double t ? $"target {Figures.Percent(t)}" : "", _dim));
        }

        return grid;
    }

    private static Grid Pairs(string title, IEnumerable<(string Name, string Value)> pairs)
    {
        Grid grid = Columns(2);
        grid.AddRow(new Text(title, _dim), Text.Empty);
        foreach ((string name, string value) in pairs) grid.AddRow(new Text(name), new Text(value));
        return grid;
    }

    private static Grid Columns(int count)
    {
        var grid = new Grid { Expand = false };
        for (int i = 0; i < count; i++) grid.AddColumn(new GridColumn().Padding(0, 0, 2, 0));
        return grid;
    }
}
