using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reverie.Training;

namespace Reverie.Evaluation;

/// <summary>The page of a run.</summary>
internal static class ReportPage
{
    private static readonly CultureInfo _culture = CultureInfo.InvariantCulture;

    /// <summary>The whole page.</summary>
    public static string Render(RunReport report)
    {
        Html lead = $"""
            <p class="lead">{report.Verdict}</p>
            {Tiles(report)}
            {(report.Warnings.Count == 0 ? Html.Empty : $"""<p class="warning">{string.Join(" ", report.Warnings)}</p>""")}
            """;
        return Page.Of(report.Run, lead,
        [
            new("scores", "Scores", Scores(report)),
            new("ingredients", "The seven ingredients", Ingredients(report)),
            new("plan", "The plan", Plan(report)),
            new("learning", "Learning", report.Learning.Count == 0 ? Html.Empty : ReportPlots.Learning([report])),
            new("reinforcement", "Reinforcement", report.Reinforcement.Count == 0 ? Html.Empty : ReportPlots.Reinforcement([report])),
            new("thinking", "Thinking", report.Budgets.Count == 0 ? Html.Empty : Thinking(report)),
            new("calibration", "Calibration", report.Calibration is null ? Html.Empty : Calibration(report.Calibration)),
            new("transcripts", "Transcripts", ReportTranscripts.Exams(report)),
            new("rollouts", "Credit, token by token", ReportTranscripts.Rollouts(report)),
            new("samples", "What it said as it learned", ReportTranscripts.Samples(report)),
            new("cost", "Cost", Cost(report)),
            new("lineage", "Lineage", Lineage(report)),
        ]);
    }

    /// <summary>What was asked that differs from the defaults: field and value.</summary>
    public static IReadOnlyList<(string Name, string Value)> Asked(RaiseOptions options)
    {
        JsonObject defaults = JsonSerializer.SerializeToNode(new RaiseOptions(), RunLines.Json)!.AsObject(), asked = JsonSerializer.SerializeToNode(options, RunLines.Json)!.AsObject();
        return [.. asked.Where(p => p.Key is "name" or "minutes" or "seed" || !JsonNode.DeepEquals(p.Value, defaults[p.Key])).Select(p => (p.Key.Replace('_', ' '), p.Value is JsonArray list ? string.Join(", ", list.Select(i => $"{i}")) : $"{p.Value}"))];
    }

    /// <summary>What the dial chose.</summary>
    public static IReadOnlyList<(string Name, string Value)> Chosen(RaisePlan plan) =>
    [
        ("parameters", Figures.Whole(plan.Parameters)),
        ("shape", $"{plan.Recipe.Model.Layers} blocks of width {plan.Recipe.Model.Width}, {plan.Recipe.Model.Heads} heads"),
        ("vocabulary", Figures.Whole(plan.Recipe.Model.VocabularySize)),
        ("context", $"{Figures.Whole(plan.Recipe.Model.ContextLength)} tokens"),
        ("optimizer", plan.Recipe.Optimizer),
        ("ceiling", $"{Figures.ThreeDigits(plan.CeilingGflops)} GFLOP/s measured"),
        ("speed", $"{Figures.Short(plan.TokensPerSecond)} tokens/s, {Figures.Percent(plan.Gflops / plan.CeilingGflops)} of the ceiling"),
    ];

    private static Html Tiles(RunReport report)
    {
        var tiles = new List<(string Name, string Value)>();
        if (report.Plan is { } plan) tiles.Add(("parameters", Figures.Short(plan.Parameters)));
        tiles.Add(("tokens", Figures.Short(report.Cost.Tokens)));
        tiles.Add(("time", Figures.Duration(report.Cost.Seconds)));
        ExamScore[] last = [.. report.Exams.Where(e => e.Stage == report.Exams[^1].Stage && e.Split == ReportWords.HeldOutSplit)];
        if (last.Length > 0) tiles.Add(($"mean of {last.Length} exams", Figures.Percent(last.Average(e => e.Score))));
        double[] bits = [.. report.Learning.Where(c => c.Name.StartsWith(RunCurves.HeldOut, StringComparison.Ordinal) && c.Values.Count > 0).Select(c => c.Values[^1])];
        if (bits.Length > 0) tiles.Add(("bits a byte, mean", Figures.ThreeDigits(bits.Average())));
        if (report.Calibration is { } calibration) tiles.Add(("calibration error", Figures.Percent(calibration.Ece, 1)));
        tiles.Add(("Wh, estimated", Figures.ThreeDigits(report.Cost.WattHours)));
        return $"""<ul class="tiles">{tiles.Select(t => (Html)$"""<li><b>{t.Value}</b> <span>{t.Name}</span></li>""")}</ul>""";
    }

    private static Html Ingredients(RunReport report) => report.Ingredients.Count == 0 ? Html.Empty
        : $"""<dl class="ingredients">{report.Ingredients.Select(i => (Html)$"""<div><dt>{i.Name}</dt><dd>{i.Text}</dd></div>""")}</dl>{"\n"}""";

    private static Html Plan(RunReport report)
    {
        Html asked = $"""<div class="columns"><div><h3>Asked</h3>{Page.Pairs(Asked(report.Asked))}</div>""";
        if (report.Plan is not { } plan) return $"{asked}</div>";
        StagePlan[] reading = [.. plan.Recipe.Stages.Where(s => s.Rollouts is null)];
        string[] sources = [.. reading.SelectMany(s => s.Mixture.Keys).Distinct()];
        return $"""
            {asked}<div><h3>Chosen</h3>{Page.Pairs(Chosen(plan))}</div></div>
            {Page.Table("Stages as planned", ["stage", "steps", "tokens a step", "learning rate", " warm-up", " decay", " time limit"], plan.Recipe.Stages.Select(Stage))}
            {Page.Table("Mixture: share of the tokens of each source", ["source", .. reading.Select(s => s.Name)], sources.Select(source => (string[])[source, .. reading.Select(s => s.Mixture.TryGetValue(source, out double share) ? Figures.Percent(share) : "–")]))}
            {plan.Recipe.Stages.Except(reading).Select(s => (Html)$"""
            <div class="columns">{Page.Table($"Tasks of {s.Name}: share of the episodes", ["task set", "share"], s.Mixture.Select(m => (string[])[m.Key, Figures.Percent(m.Value)]))}<div><h3>How {s.Name} plays</h3>{Page.Pairs(Rollouts(s.Rollouts!))}</div></div>

            """)}
            """;
    }

    /// <summary>How episodes are played and credited.</summary>
    public static IReadOnlyList<(string Name, string Value)> Rollouts(RolloutPlan plan) =>
    [
        ("credit rule", plan.Credit),
        ("episodes a step", $"{plan.Prompts} tasks, {plan.GroupSize} times each"),
        ("temperature", Figures.Rate(plan.Temperature)),
        ("an episode", $"up to {plan.Turns} turns of {plan.TokensPerTurn} tokens"),
        ("updates a batch", Figures.Whole(plan.UpdatesPerBatch)),
        .. plan.Rehearsal is { } rehearsal ? [("rehearsed beside them", $"{Figures.Whole(rehearsal.Tokens)} tokens a step, imitation weighs {Figures.Rate(rehearsal.Imitation)}, the distance from the start {Figures.Rate(rehearsal.Divergence)}")] : Array.Empty<(string, string)>(),
    ];

    private static string[] Stage(StagePlan s) =>
    [
        s.Name, s.Steps == int.MaxValue ? "until the limit" : Figures.Whole(s.Steps), s.Rollouts is null ? Figures.Whole(s.BatchTokens) : "–", Figures.Rate(s.LearningRate), s.WarmupSteps > 0 ? $"{s.WarmupSteps} steps" : "–",
        s.DecayFraction > 0 ? $"to {Figures.Percent(s.FinalFraction)} over the last {Figures.Percent(s.DecayFraction)}" : "–", s.MaximumSeconds > 0 ? Figures.Duration(s.MaximumSeconds) : "none",
    ];

    private static Html Scores(RunReport report)
    {
        if (report.Exams.Count == 0) return Html.Empty;
        string[] stages = [.. report.Exams.Select(e => e.Stage).Distinct()];
        IGrouping<string, ExamScore>[] unknown = [.. report.Exams.Where(e => e.WrongAndConfident is not null).GroupBy(e => e.Exam)];
        IEnumerable<string[]> rows = report.Exams.GroupBy(e => (e.Exam, e.Split)).Select(g =>
        {
            ExamScore last = g.Last(), before = g.SkipLast(1).LastOrDefault() ?? last;
            (double low, double high) = ShareInterval.OfDifference(before, last);
            string change = before == last ? "–" : string.Create(_culture, $"{(last.Score - before.Score) * 100:+0;-0;0} ({low * 100:+0;-0;0} to {high * 100:+0;-0;0})");
            return (string[])[g.Key.Exam, g.Key.Split, .. stages.Select(s => g.FirstOrDefault(e => e.Stage == s) is { } e ? $"{Figures.Percent(e.Score, 1)} ± {Figures.Percent(e.StandardError, 1)}" : "–"), change, Figures.Whole(last.Questions)];
        });
        return $"""
            {ReportPlots.Scores(report.Exams)}
            {Page.Table("Scores after each stage ± standard error; what the last stage changed, with its 95% interval", ["exam", " questions", .. stages, $"by {stages[^1]}, points", "number"], rows)}
            {(unknown.Length == 0 ? Html.Empty : Page.Table("Questions that nobody can answer: share that was answered all the same", ["exam", .. stages], unknown.Select(g => (string[])[g.Key, .. stages.Select(s => g.FirstOrDefault(e => e.Stage == s)?.WrongAndConfident is { } share ? Figures.Percent(share, 1) : "–")])))}
            """;
    }

    private static Html Thinking(RunReport report) => $"""
        <div class="columns">{ReportPlots.Budgets([report])}
        {Page.Table("Thinking budgets", ["budget", "tokens used", "score", "standard error"], report.Budgets.Select(b => (string[])[Figures.Whole(b.Budget), Figures.Whole(b.Tokens), Figures.Percent(b.Score, 1), Figures.Percent(b.StandardError, 1)]))}</div>
        """;

    private static Html Calibration(CalibrationScore calibration)
    {
        string confident = calibration.WrongAndConfident is { } share ? $" Of the questions that nobody can answer it answered {Figures.Percent(share, 1)} all the same." : "";
        return $"""
            <p>Expected calibration error: {Figures.Percent(calibration.Ece, 1)}, the mean gap between how sure the model is and how often it is right.{confident}</p>
            <div class="columns">{ReportPlots.Calibration(calibration)}
            {Page.Table("Answers by confidence", ["confidence", "accuracy", "answers"], calibration.Bins.Where(b => b.Count > 0).Select(b => (string[])[Figures.Percent(b.Confidence), Figures.Percent(b.Accuracy), Figures.Whole(b.Count)]))}</div>
            """;
    }

    private static Html Cost(RunReport report)
    {
        RunCost cost = report.Cost;
        double perToken = report.Plan?.FlopsPerToken ?? 0;
        IEnumerable<string[]> rows = report.Stages.Select(s => (string[])[s.Name, Figures.Duration(s.Seconds), Share(s.Seconds), Figures.Whole(s.Steps), Figures.Short(s.Tokens), ReportWords.Operations(s.Tokens * perToken), $"{Figures.ThreeDigits(s.Seconds * cost.Watts / 3600)} Wh"]);
        double other = cost.Seconds - cost.TrainingSeconds;
        return $"""
            {Page.Table("Where the time went", ["stage", "time", "share", "steps", "tokens", "operations", "energy"],
            [
                .. rows,
                .. other > 0 ? [(string[])["everything else", Figures.Duration(other), Share(other), "", "", "", $"{Figures.ThreeDigits(other * cost.Watts / 3600)} Wh"]] : Array.Empty<string[]>(),
                ["all", Figures.Duration(cost.Seconds), "", Figures.Whole(report.Stages.Sum(s => s.Steps)), Figures.Short(cost.Tokens), ReportWords.Operations(cost.Flops), $"{Figures.ThreeDigits(cost.WattHours)} Wh"],
            ])}
            <p class="note">Everything else: measuring, tokenizer, data, exams, saving. Energy is time by power ({cost.Assumption}). Operations count learning, not generating.</p>
            """;

        string Share(double seconds) => cost.Seconds > 0 ? Figures.Percent(seconds / cost.Seconds) : "";
    }

    private static Html Lineage(RunReport report) => report.Checkpoints.Count == 0 ? Html.Empty : $"""
        <ol class="lineage">{report.Checkpoints.Select(c => (Html)$"""
            <li><h3>{c.Stage.Stage}: {c.Model ?? "a checkpoint that is no longer there"}</h3>
            <p>{Figures.Whole(c.Stage.Steps)} steps, {Figures.Whole(c.Stage.Tokens)} tokens, seed {c.Stage.Seed.ToString(_culture)}</p>
            {(c.Id is null ? Html.Empty : $"<p><span>checkpoint</span> <code>{c.Id}</code></p>")}
            <details><summary>Hashes of its data</summary>{c.Stage.Data.Select(d => (Html)$"<p><span>{d.Key}</span> <code>{d.Value}</code></p>")}</details></li>

            """)}</ol>

        """;
}
