using System.CommandLine;
using System.Globalization;
using Reverie.Cli.Display;
using Reverie.Evaluation;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie sweep</c>: raises a model for each point of a grid; the recipe's rules are fitted on its tables (docs/recipe.md).</summary>
internal sealed class SweepCommand : ReverieCommand
{
    private static readonly TimeSpan _lineInterval = TimeSpan.FromSeconds(30);
    private readonly RaiseWork _work;
    private readonly Option<string[]> _grid;
    private readonly Option<double> _minutes;
    private readonly Option<long?> _tokens;
    private readonly Option<int> _questions, _threads;
    private readonly Option<string?> _workspace;
    private readonly Option<bool> _json;

    /// <summary>Creates the command.</summary>
    public SweepCommand(Terminal terminal, RaiseWork work) : base("sweep",
        "Raise a model for every combination of a grid and compare them: bits per byte and exam scores, one row each. "
        + "With --tokens the rows are equal in data, with --minutes in time.",
        "sweep --minutes 2 --grid learning-rate=0.005,0.01,0.02 --grid seed=1,2,3", "sweep --tokens 2000000 --grid optimizer=adamw,muon --grid batch-tokens=2048,4096")
    {
        _work = work;
        _grid = Option<string[]>("--grid", $"A setting and its values, NAME=V1,V2. Names: {string.Join(", ", Settings.Keys)}. May be repeated.", "NAME=V1,V2");
        _grid.Required = true;
        _minutes = Within(Option("--minutes", "Time of each model.", 2.0, "M"), 0.05, 100_000);
        _tokens = Within(Option<long?>("--tokens", "Tokens of each model, instead of a time.", "N"), 1, double.PositiveInfinity);
        _questions = Within(Option("--exam-questions", "Questions of each exam.", 100, "N"), 0, 100_000);
        _threads = ThreadsOption();
        _workspace = WorkspaceOption();
        _json = JsonOption();
        SetAction(parsed => Run(parsed, parsed.GetValue(_json) ? terminal.ForJson() : terminal));
    }

    private static Dictionary<string, Func<RaiseOptions, string, RaiseOptions>> Settings { get; } = new()
    {
        ["width"] = (o, v) => o with { Width = Number<int>(v) },
        ["layers"] = (o, v) => o with { Layers = Number<int>(v) },
        ["vocabulary"] = (o, v) => o with { Vocabulary = Number<int>(v) },
        ["batch-tokens"] = (o, v) => o with { BatchTokens = Number<int>(v) },
        ["learning-rate"] = (o, v) => o with { LearningRate = Number<float>(v) },
        ["optimizer"] = (o, v) => o with { Optimizer = v },
        ["tied"] = (o, v) => o with { TiedEmbeddings = bool.TryParse(v, out bool tied) ? tied : throw new ReverieException($"{v} is neither true nor false. Give --grid tied=true,false.") },
        ["seed"] = (o, v) => o with { Seed = Number<ulong>(v) },
    };

    private int Run(ParseResult parsed, Terminal terminal)
    {
        RaiseOptions basis = new() { Minutes = parsed.GetValue(_minutes), Tokens = parsed.GetValue(_tokens), ExamQuestions = parsed.GetValue(_questions), Threads = parsed.GetValue(_threads) };
        var workspace = new Workspace(parsed.GetValue(_workspace));
        var rows = new List<SweepRow>();
        using var interruption = new Interruption(() => { });
        foreach ((string point, RaiseOptions options) in Points(basis, parsed.GetValue(_grid)!))
        {
            terminal.Messages.WriteLine($"== {point}");
            var progress = new RaiseProgress(options);
            RaiseResult result = _work(options, workspace, [progress, new PlainRaiseLog(terminal.Messages, progress, _lineInterval)], interruption.Token);
            rows.Add(new SweepRow(point, result.Parameters, result.Tokens, result.Seconds, result.BitsPerByte.Values.DefaultIfEmpty(double.NaN).Average(), result.Scores));
        }

        terminal.Messages.WriteLine($"| point | parameters | tokens | seconds | bits per byte | {string.Join(" | ", rows[0].Scores.Keys)} |");
        terminal.Messages.WriteLine($"|{string.Concat(Enumerable.Repeat("---|", 5 + rows[0].Scores.Count))}");
        foreach (SweepRow row in rows)
            terminal.Messages.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {row.Point} | {row.Parameters} | {row.Tokens} | {row.Seconds:F0} | {row.BitsPerByte:F3} | {string.Join(" | ", row.Scores.Values.Select(s => s.ToString("P0", CultureInfo.InvariantCulture)))} |"));
        if (parsed.GetValue(_json)) JsonResult.Write(terminal.Output, rows);
        return ExitCode.Success;
    }

    private static List<(string Point, RaiseOptions Options)> Points(RaiseOptions basis, IReadOnlyList<string> grid)
    {
        List<(string Point, RaiseOptions Options)> points = [("", basis)];
        foreach (string axis in grid)
        {
            string[] parts = axis.Split('=', 2);
            if (parts.Length != 2 || !Settings.TryGetValue(parts[0], out Func<RaiseOptions, string, RaiseOptions>? set))
                throw new ReverieException($"--grid {axis} names no setting. Write NAME=V1,V2 with one of: {string.Join(", ", Settings.Keys)}.");
            points = [.. points.SelectMany(p => parts[1].Split(','), (p, value) => ($"{p.Point} {parts[0]}={value}".Trim(), set(p.Options, value)))];
        }

        // One name for each point, so that an interrupted sweep resumes the point under way.
        return [.. points.Select(p => (p.Point, p.Options with { Name = "sweep-" + string.Concat(p.Point.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')) }))];
    }

    private static T Number<T>(string text) where T : IParsable<T> =>
        T.TryParse(text, CultureInfo.InvariantCulture, out T? value) ? value : throw new ReverieException($"{text} is not a number. Give the values of --grid as NAME=V1,V2.");

    private sealed record SweepRow(string Point, long Parameters, long Tokens, double Seconds, double BitsPerByte, IReadOnlyDictionary<string, double> Scores);
}
