using System.Globalization;

namespace Reverie.Evaluation;

/// <summary>The page that lays two runs side by side.</summary>
internal static class ComparisonPage
{
    private static readonly CultureInfo _culture = CultureInfo.InvariantCulture;

    /// <summary>The whole page.</summary>
    public static string Render(RunReport a, RunReport b)
    {
        (string A, string B) names = a.Run == b.Run ? ($"{a.Run} (first)", $"{b.Run} (second)") : (a.Run, b.Run);
        (a, b) = (a with { Run = names.A }, b with { Run = names.B });
        RunReport[] runs = [a, b];
        (ExamScore A, ExamScore B)[] pairs = Pairs(a, b);
        string[] warnings = [.. runs.SelectMany(r => r.Warnings.Select(w => $"{r.Run}: {w}"))];
        Html lead = $"""
            <p class="lead">{Verdict(a, b, pairs)}</p>
            {runs.Select((r, i) => (Html)$"""<p class="run c{i}"><b>{r.Run}</b> {r.Verdict}</p>{"\n"}""")}
            {(warnings.Length == 0 ? Html.Empty : $"""<p class="warning">{string.Join(" ", warnings)}</p>""")}
            """;
        return Page.Of($"{a.Run} and {b.Run}", lead,
        [
            new("scores", "Scores", pairs.Length == 0 ? Html.Empty : Scores(a, b, pairs)),
            new("plan", "What differs in the plan", Plan(a, b)),
            new("learning", "Learning", runs.All(r => r.Learning.Count == 0) ? Html.Empty : ReportPlots.Learning(runs)),
            new("reinforcement", "Reinforcement", runs.All(r => r.Reinforcement.Count == 0) ? Html.Empty : ReportPlots.Reinforcement(runs)),
            new("thinking", "Thinking", Page.Figures(runs.Any(r => r.Budgets.Count > 0) ? [ReportPlots.Budgets(runs)] : [])),
            new("ingredients", "The seven ingredients", Ingredients(a, b)),
            new("cost", "Cost", Page.Table("Cost", ["", a.Run, b.Run, "ratio"],
            [
                Row("time", r => r.Cost.Seconds, Figures.Duration),
                Row("tokens", r => r.Cost.Tokens, Figures.Short),
                Row("operations", r => r.Cost.Flops, ReportWords.Operations),
                Row("energy, estimated", r => r.Cost.WattHours, v => $"{Figures.ThreeDigits(v)} Wh"),
            ])),
        ]);

        string[] Row(string name, Func<RunReport, double> value, Func<double, string> text) => [name, text(value(a)), text(value(b)), value(a) > 0 ? string.Create(_culture, $"{value(b) / value(a):0.00}") : ""];
    }

    private static string Verdict(RunReport a, RunReport b, (ExamScore A, ExamScore B)[] pairs)
    {
        if (pairs.Length == 0) return "The two runs have no exam in common.";
        int better = pairs.Count(p => ShareInterval.OfDifference(p.A, p.B).Low > 0), worse = pairs.Count(p => ShareInterval.OfDifference(p.A, p.B).High < 0);
        double mean = pairs.Average(p => p.B.Score - p.A.Score) * 100;
        return string.Create(_culture, $"{b.Run} scores {mean:+0;-0;0} points against {a.Run} in the mean of {pairs.Length} exams. Outside the errors it is better in {better} and worse in {worse}.");
    }

    /// <summary>Exams that both runs sat, each after its last stage.</summary>
    private static (ExamScore A, ExamScore B)[] Pairs(RunReport a, RunReport b) =>
        [.. from x in Last(a) join y in Last(b) on (x.Exam, x.Split) equals (y.Exam, y.Split) select (x, y)];

    private static IEnumerable<ExamScore> Last(RunReport report) => report.Exams.GroupBy(e => (e.Exam, e.Split)).Select(g => g.Last());

    private static Html Scores(RunReport a, RunReport b, (ExamScore A, ExamScore B)[] pairs) => $"""
        {ReportPlots.Differences(pairs, a.Run, b.Run)}
        {Page.Table("Scores after the last stage ± standard error; the difference with its 95% interval", ["exam", " questions", a.Run, b.Run, "difference, points"], pairs.Select(p =>
        {
            (double low, double high) = ShareInterval.OfDifference(p.A, p.B);
            return (string[])[p.A.Exam, p.A.Split, Score(p.A), Score(p.B), string.Create(_culture, $"{(p.B.Score - p.A.Score) * 100:+0;-0;0} ({low * 100:+0;-0;0} to {high * 100:+0;-0;0})")];
        }))}
        """;

    private static string Score(ExamScore e) => $"{Figures.Percent(e.Score, 1)} ± {Figures.Percent(e.StandardError, 1)}";

    private static Html Plan(RunReport a, RunReport b)
    {
        string[][] rows = [.. Differences(All(a), All(b))];
        return rows.Length == 0 ? (Html)$"<p>Nothing: the plans are the same.</p>\n" : Page.Table("Settings that differ", ["setting", " " + a.Run, " " + b.Run], rows);
    }

    private static IEnumerable<string[]> Differences(Dictionary<string, string> a, Dictionary<string, string> b) =>
        a.Keys.Union(b.Keys).Where(k => a.GetValueOrDefault(k) != b.GetValueOrDefault(k)).Select(k => (string[])[k, a.GetValueOrDefault(k, "–"), b.GetValueOrDefault(k, "–")]);

    private static Dictionary<string, string> All(RunReport report)
    {
        var settings = new Dictionary<string, string>();
        foreach ((string name, string value) in ReportPage.Asked(report.Asked)) settings["asked: " + name] = value;
        if (report.Plan is not { } plan) return settings;
        foreach ((string name, string value) in ReportPage.Chosen(plan)) settings[name] = value;
        foreach (Training.StagePlan stage in plan.Recipe.Stages)
        {
            if (stage.Rollouts is null)
            {
                settings[$"{stage.Name}: steps"] = Figures.Whole(stage.Steps);
                settings[$"{stage.Name}: tokens a step"] = Figures.Whole(stage.BatchTokens);
            }
            else
            {
                foreach ((string name, string value) in ReportPage.Rollouts(stage.Rollouts)) settings[$"{stage.Name}: {name}"] = value;
            }

            settings[$"{stage.Name}: learning rate"] = Figures.Rate(stage.LearningRate);
            foreach ((string source, double share) in stage.Mixture) settings[$"{stage.Name}: share of {source}"] = Figures.Percent(share, 1);
        }

        return settings;
    }

    private static Html Ingredients(RunReport a, RunReport b)
    {
        var second = b.Ingredients.ToDictionary(i => i.Name, i => i.Text);
        string[][] rows = [.. a.Ingredients.Where(i => second.ContainsKey(i.Name)).Select(i => (string[])[i.Name, i.Text, second[i.Name]])];
        return rows.Length == 0 ? Html.Empty : Page.Table("Ingredients", ["ingredient", " " + a.Run, " " + b.Run], rows);
    }
}
