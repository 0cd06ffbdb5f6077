namespace Reverie.Evaluation;

/// <summary>The plots of a report, of one run or of several laid over one another.</summary>
internal static class ReportPlots
{
    private static readonly (string Key, string Title, string Unit)[] _learning =
    [
        ("gradient_norm", "Gradient norm", "before clipping"),
        ("learning_rate", "Learning rate", "a step"),
        ("tokens_per_second", "Speed", "tokens a second"),
    ];

    // Ends of axes that show all shares there can be, or begin at nothing.
    private static readonly double[] _zero = [0], _whole = [0, 1];

    private static readonly (string[] Keys, string Title, string Unit, bool Percent)[] _reinforcement =
    [
        (["pass_at_1", "pass_at_k"], "Answers right", "share of rollouts and of groups", true),
        (["entropy"], "Entropy", "nats a token", false),
        (["kl"], "Divergence from the start", "KL divergence, nats a token", false),
        (["length"], "Length", "tokens a reply", false),
        (["truncated", "out_of_turns", "failed"], "Cut short", "share of episodes", true),
        (["signal"], "Groups with a signal", "share whose rewards differ", true),
        (["bits_per_rollout"], "Information", "bits a rollout", false),
        (["rollout_seconds", "train_seconds"], "Time of a step", "seconds", false),
        (["engine_share"], "Engine at work", "share of the rollouts' time", true),
        (["rollout_tokens_per_second"], "Rollout speed", "tokens a second", false),
        (["max_logp_difference"], "Trainer against sampler", "max |difference of log p|", false),
    ];

    /// <summary>Loss and what goes with it, over tokens; bits per byte by source.</summary>
    public static Html Learning(IReadOnlyList<RunReport> runs)
    {
        IReadOnlyList<(double, string)> marks = runs.Count == 1 ? StageEnds(runs[0]) : [];
        IReadOnlyList<PlotSeries> loss = Over(runs, "loss", r => r.Learning);
        var plots = new List<Html>();
        if (loss.Count > 0) plots.Add(Wide(new LinePlot("Loss", "nats a supervised token", "tokens seen", loss) { LogY = true, Height = 240, ReachX = _zero, Marks = marks }));
        string[] sources = [.. runs.SelectMany(r => r.Learning).Select(c => c.Name).Where(IsHeldOut).Distinct()];
        if (runs.Count == 1 && sources.Length > 0)
        {
            PlotSeries[] series = [.. sources.Select((s, i) => Over(runs, s, r => r.Learning)[0] with { Name = s[RunCurves.HeldOut.Length..], Colour = i, Dashed = i >= 8 })];
            plots.Add(Wide(new LinePlot("Unseen text", "bits a byte, by source", "tokens seen", series) { LogY = true, Height = 240, ReachX = _zero, Marks = marks }));
        }
        else
        {
            plots.AddRange(sources.Select(s => new LinePlot(s[RunCurves.HeldOut.Length..], "bits a byte of unseen text", "tokens seen", Over(runs, s, r => r.Learning)) { ReachX = _zero, ReachY = _zero }.Render()));
        }

        plots.AddRange(_learning.Select(p => (Plot: p, Series: Over(runs, p.Key, r => r.Learning))).Where(p => p.Series.Count > 0)
            .Select(p => new LinePlot(p.Plot.Title, p.Plot.Unit, "tokens seen", p.Series) { ReachX = _zero, ReachY = _zero }.Render()));
        return Page.Figures(plots);
    }

    /// <summary>What reinforcement learning is watched by.</summary>
    public static Html Reinforcement(IReadOnlyList<RunReport> runs)
    {
        string[] rewards = [.. runs.SelectMany(r => r.Reinforcement).Select(c => c.Name).Where(n => n.StartsWith("reward/", StringComparison.Ordinal)).Distinct()];
        // Rewards lie within a few units of one another; what merely counts (calls, say) would flatten them.
        string[] counts = [.. rewards.Where(n => runs.SelectMany(r => r.Reinforcement).Where(c => c.Name == n).SelectMany(c => c.Values).Max(Math.Abs) > 1.5)];
        IEnumerable<(string[] Keys, string Title, string Unit, bool Percent)> all = runs.Count == 1
            ? [(rewards.Except(counts).ToArray(), "Rewards", "by name, mean of the episodes", false), .. counts.Select(c => ((string[])[c], Capital(Words(c)), "mean of the episodes", false)), .. _reinforcement]
            : [.. rewards.Select(r => ((string[])[r], "Reward", r["reward/".Length..], false)), .. _reinforcement.SelectMany(p => p.Keys.Select(k => ((string[])[k], p.Title, p.Keys.Length > 1 ? Words(k) : p.Unit, p.Percent)))];
        var plots = new List<Html>();
        foreach ((string[] keys, string title, string unit, bool percent) in all)
        {
            PlotSeries[] series = [.. keys.SelectMany(k => Over(runs, k, r => r.Reinforcement).Select(s => runs.Count == 1 ? s with { Name = Words(k) } : s))];
            // What never happened needs no picture.
            if (series.All(s => s.Y.All(v => v == 0))) continue;
            if (runs.Count == 1) series = [.. series.Where(s => s.Y.Any(v => v != 0)).Select((s, i) => s with { Colour = i })];
            plots.Add(new LinePlot(title, unit, "step", series) { PercentY = percent, ReachX = _zero, ReachY = keys[0].StartsWith("pass", StringComparison.Ordinal) || keys[0] is "signal" or "engine_share" ? _whole : _zero }.Render());
        }

        return Page.Figures(plots);
    }

    /// <summary>Scores after each stage, held-out questions first.</summary>
    public static Html Scores(IReadOnlyList<ExamScore> exams)
    {
        string[] stages = [.. exams.Select(e => e.Stage).Distinct()];
        IEnumerable<DotRow> rows = exams.GroupBy(e => (e.Exam, e.Split)).OrderBy(g => g.Key.Split != ReportWords.HeldOutSplit).Select(g => new DotRow(g.Key.Exam, g.Key.Split == ReportWords.HeldOutSplit ? "" : g.Key.Split, [.. g.Select(e =>
        {
            (double low, double high) = ShareInterval.Of(e.Score, e.StandardError, e.Questions);
            return new PlotDot(Array.IndexOf(stages, e.Stage), e.Score, low, high);
        })]));
        return new DotPlot("Scores after each stage", "share of the points, with 95% intervals", [.. stages.Select(Train.When)], [.. rows]).Render();
    }

    /// <summary>Accuracy against the tokens that were spent on thinking.</summary>
    public static Html Budgets(IReadOnlyList<RunReport> runs)
    {
        PlotSeries[] series = [.. runs.Select((r, i) => new PlotSeries(runs.Count == 1 ? "score" : r.Run, [.. r.Budgets.Select(b => Math.Max(1, b.Tokens))], [.. r.Budgets.Select(b => b.Score)])
        {
            Colour = i,
            Dashed = i > 0,
            Intervals = [.. r.Budgets.Select(b => (Math.Max(0, b.Score - 1.96 * b.StandardError), Math.Min(1, b.Score + 1.96 * b.StandardError)))],
            Notes = [.. r.Budgets.Select(b => $"budget {b.Budget}: {Figures.Percent(b.Score, 1)} with {b.Tokens:0} tokens")],
        }).Where(s => s.X.Count > 0)];
        bool log = series.SelectMany(s => s.X).DefaultIfEmpty(1).Max() > 20 * series.SelectMany(s => s.X).DefaultIfEmpty(1).Min();
        return series.Length == 0 ? Html.Empty : new LinePlot("Accuracy against thinking", "score with 95% intervals", "tokens of thinking, mean of each budget", series) { PercentY = true, ReachY = _whole, LogX = log, Height = 240 }.Render();
    }

    /// <summary>The reliability diagram.</summary>
    public static Html Calibration(CalibrationScore calibration)
    {
        ReliabilityBin[] bins = [.. calibration.Bins.Where(b => b.Count > 0).OrderBy(b => b.Confidence)];
        var series = new PlotSeries("accuracy", [.. bins.Select(b => b.Confidence)], [.. bins.Select(b => b.Accuracy)])
        {
            Intervals = [.. bins.Select(b => ShareInterval.Of(b.Accuracy, 0, b.Count))],
            Notes = [.. bins.Select(b => $"{b.Count} answers of confidence {Figures.Percent(b.Confidence)}: {Figures.Percent(b.Accuracy)} right")],
        };
        return new LinePlot("Reliability", "share of right answers; confidence is deserved on the dashed line", "confidence", [series]) { PercentX = true, PercentY = true, ReachX = _whole, ReachY = _whole, Diagonal = true, Height = 280 }.Render();
    }

    /// <summary>Score differences of two runs.</summary>
    public static Html Differences(IReadOnlyList<(ExamScore A, ExamScore B)> pairs, string a, string b)
    {
        PlotDot[] dots = [.. pairs.Select(p =>
        {
            (double low, double high) = ShareInterval.OfDifference(p.A, p.B);
            return new PlotDot(low > 0 ? 2 : high < 0 ? 1 : 7, p.B.Score - p.A.Score, low, high);
        })];
        double reach = Math.Max(0.1, dots.Max(d => Math.Max(Math.Abs(d.Low), Math.Abs(d.High))));
        return new DotPlot("Difference of the scores", $"{b} minus {a}, points of 100, with 95% intervals", [], [.. pairs.Select((p, i) => new DotRow(p.B.Exam, p.B.Split == ReportWords.HeldOutSplit ? "" : p.B.Split, [dots[i]]))]) { Range = (-reach, reach) }.Render();
    }

    private static string Capital(string words) => char.ToUpperInvariant(words[0]) + words[1..];

    private static bool IsHeldOut(string name) => name.StartsWith(RunCurves.HeldOut, StringComparison.Ordinal);

    private static string Words(string key) => key.Replace("reward/", "", StringComparison.Ordinal).Replace("_seconds", "", StringComparison.Ordinal).Replace('_', ' ').Replace("pass at ", "pass@", StringComparison.Ordinal);

    private static Html Wide(LinePlot plot) => $"""<div class="wide">{plot.Render()}</div>""";

    private static IReadOnlyList<PlotSeries> Over(IReadOnlyList<RunReport> runs, string key, Func<RunReport, IReadOnlyList<Curve>> curves) =>
        [.. runs.SelectMany((r, i) => curves(r).Where(c => c.Name == key && c.Values.Count > 0).Select(c => new PlotSeries(runs.Count == 1 ? Words(key) : r.Run, c.X, c.Values) { Colour = i, Dashed = i > 0 }).Select(s => key == "learning_rate" ? s : s.Smoothed()))];

    private static List<(double, string)> StageEnds(RunReport report)
    {
        var marks = new List<(double, string)>();
        double tokens = 0;
        foreach (StageResult stage in report.Stages.Where(s => s.Name != RunCurves.Reinforcement)) marks.Add((tokens += stage.Tokens, stage.Name));
        return marks;
    }
}
