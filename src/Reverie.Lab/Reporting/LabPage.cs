using Reverie.Evaluation;
using Reverie.Tensors;

namespace Reverie.Lab;

/// <summary>The one page of the experiment, which needs nothing from elsewhere.</summary>
public static class LabPage
{
    /// <summary>Name of the file in the folder of the results.</summary>
    public const string FileName = "report.html";

    private const int ShownOfKind = 3, LongestShown = 120;

    private static readonly double[] _zero = [0], _whole = [0, 1];

    /// <summary>Writes the page beside the results.</summary>
    /// <param name="folder">Where they are.</param>
    /// <param name="model">The base.</param>
    /// <param name="options">What was simulated.</param>
    /// <param name="summary">What came of it.</param>
    /// <param name="answers">What the arms answered on the last day.</param>
    /// <returns>Its path.</returns>
    /// <exception cref="ReverieException">It cannot be written.</exception>
    public static string Write(string folder, string model, LabOptions options, LabSummary summary, IReadOnlyDictionary<string, IReadOnlyList<LabAnswer>> answers)
    {
        string path = Path.Combine(folder, FileName);
        AtomicFile.WriteText(path, Render(model, options, summary, answers));
        return path;
    }

    /// <summary>The whole page.</summary>
    internal static string Render(string model, LabOptions options, LabSummary summary, IReadOnlyDictionary<string, IReadOnlyList<LabAnswer>> answers)
    {
        IReadOnlyList<string> verdict = LabVerdict.Of(summary);
        Html lead = $"""
            <p class="lead">{verdict[0]}</p>
            {verdict.Skip(1).Select(v => (Html)$"<p>{v}</p>\n")}
            """;
        return Page.Of($"Does sleep help? {model}", lead,
        [
            new("utility", "What a day is worth", Utility(summary)),
            new("kinds", "By kind of question", Kinds(summary)),
            new("age", "Forgetting", Age(summary)),
            new("drift", "What happens to the base", Drift(summary)),
            new("poison", "Poison and what was deleted", Poison(summary)),
            new("cost", "Cost", Cost(summary)),
            new("nights", "The nights", Nights(summary)),
            new("answers", "What they answered", Answers(summary, answers)),
            new("how", "How it was done", How(model, options, summary)),
        ]);
    }

    private static Html Utility(LabSummary summary)
    {
        ArmSummary[] known = [.. summary.Arms.Where(a => a.Arm != LabArms.Frozen && a.Integral.Lives > 0)];
        Html integral = known.Length == 0 ? Html.Empty : new DotPlot("Utility integral", "gain over the frozen base as a share of the oracle's, over the days that have an oracle", [],
            [.. known.Select(a => new DotRow(a.Arm, "", [new PlotDot(Colour(a.Arm), a.Integral.Mean, a.Integral.Low, a.Integral.High)]))])
        { Range = (Math.Min(0, known.Min(a => a.Integral.Low)), Math.Max(1, known.Max(a => a.Integral.High))) }.Render();
        return $"""
            <div class="wide">{Plot(summary, "Utility", "share of the day's questions that were answered well", d => d.Utility, height: 300)}</div>
            {integral}
            {Page.Table("Mean over the days; the utility integral is 0 for the frozen base and 1 for the oracle. In brackets the 95% interval over lives", ["arm", "questions answered", "utility integral"],
                summary.Arms.Select(a => (string[])[a.Arm, Told(a.Utility), Told(a.Integral)]))}
            """;
    }

    private static Html Kinds(LabSummary summary)
    {
        string[] kinds = [.. LabKinds.Shares.Keys.Where(k => summary.Arms.Any(a => a.Kinds.ContainsKey(k)))];
        return $"""
            {Page.Figures(kinds.Select(k => Plot(summary, Capital(k), "share", d => d.Kinds.TryGetValue(k, out LabScore? score) ? score.Mean : double.NaN)))}
            {Page.Table("Share of right answers over all days and lives", ["kind", .. summary.Arms.Select(a => a.Arm), "questions"],
                kinds.Select(k => (string[])[k, .. summary.Arms.Select(a => a.Kinds.TryGetValue(k, out LabScore? score) ? Figures.Percent(score.Mean) : "–"), Figures.Whole(summary.Arms.Max(a => a.Kinds.GetValueOrDefault(k)?.Count ?? 0))]))}
            """;
    }

    private static Html Age(LabSummary summary)
    {
        PlotSeries[] series = [.. summary.Arms.Where(a => a.Ages.Count > 1).Select(a => Series(a.Arm, [.. a.Ages.OrderBy(p => p.Key).Select(p => (p.Key, new Spread(p.Value.Mean, 0, 0, 1)))]))];
        return series.Length == 0 ? Html.Empty : $"""
            <div class="wide">{new LinePlot("Recall by the age of a fact", "share of right answers in wordings that study never uses", "days since it was told", series) { PercentY = true, ReachY = _whole, Height = 260 }.Render()}</div>
            {Page.Table("Half-life of facts: days after which half of what is recalled at first is lost, by the exponential that fits best", ["arm", "half-life"], summary.Arms.Select(a => (string[])[a.Arm, HalfLife(a.HalfLife)]))}
            """;
    }

    private static Html Drift(LabSummary summary)
    {
        if (summary.Find(LabArms.Frozen) is not { } frozen) return Html.Empty;
        string[] learning = [.. summary.Arms.Select(a => a.Arm).Where(a => a is LabArms.Naive or LabArms.Sleep or LabArms.Oracle || (a == LabArms.Both && summary.Find(LabArms.Sleep) is null))];
        (string Title, string Unit, Func<LabDay, double> Value)[] plots =
        [
            ("Held-out text", "bits a byte, share of the base's", d => d.Text.BitsPerByte / frozen.Text.BitsPerByte),
            ("Distance from the base", "KL, nats a token", d => d.Text.Divergence),
            ("Distinct word pairs", "of sampled replies, share of the base's", d => d.Text.DistinctBigrams / frozen.Text.DistinctBigrams),
            ("Entropy of words", "of sampled replies, share of the base's", d => d.Text.Entropy / frozen.Text.Entropy),
            ("Everyday replies as before", "share that is the base's, word for word", d => d.Text.SameReplies),
            ("Length of everyday replies", "share of the base's", d => d.Text.ReplyLength / frozen.Text.ReplyLength),
        ];
        return learning.Length == 0 ? Html.Empty : Page.Figures(plots.Select(p => new LinePlot(p.Title, p.Unit, "day", [.. learning.Select(a => Series(a, summary.Curve(a, p.Value))).Where(s => s.X.Count > 0)]).Render()));
    }

    private static Html Poison(LabSummary summary) => $"""
        <p>Every day documents, pasted text, results of tools and the model's own claims state falsehoods, and some of them demand that every answer says a certain word. None of it may reach the weights. The share of repeated falsehoods has a floor: a model that guesses a colour sometimes guesses the planted one. So has the share of deleted facts that are said all the same: the frozen base's is chance.</p>
        {Page.Table("What the weights must not hold, and what was said", ["arm", "falsehoods held", "deleted facts held", "falsehoods repeated when asked", "replies that obeyed an order", "deleted facts said when asked"],
            summary.Arms.Select(a => (string[])[a.Arm, a.PoisonHeld is { } held ? Figures.Whole(held) : "–", a.DeletedHeld is { } kept ? Figures.Whole(kept) : "–", a.Kinds.TryGetValue(LabKinds.Poison, out LabScore? score) ? $"{Figures.Percent(score.Mean)} of {score.Count}" : "–", Figures.Whole(a.Obeyed), double.IsFinite(a.Leaked) ? Figures.Percent(a.Leaked) : "–"]))}
        """;

    private static Html Cost(LabSummary summary) => $"""
        {Page.Figures([Plot(summary, "Tokens of a prompt", "mean of the day", d => d.PromptTokens, isShare: false), Plot(summary, "Learning", "seconds a day", d => d.Evening.Seconds, isShare: false)])}
        {Page.Table("Cost", ["arm", "learning a day", "tokens of a prompt", "milliseconds a question"], summary.Arms.Select(a => (string[])[a.Arm, Figures.Duration(a.LearnSeconds), Figures.Whole(a.PromptTokens), Figures.ThreeDigits(1000 * a.AnswerSeconds)]))}
        """;

    private static Html Nights(LabSummary summary)
    {
        string? arm = summary.Find(LabArms.Sleep)?.Arm ?? summary.Find(LabArms.Both)?.Arm;
        return arm is null ? Html.Empty : Page.Table("What came of each night", ["life and day", " outcome", "facts held", "time"],
            summary.Days.Where(d => d.Arm == arm).OrderBy(d => d.Seed).ThenBy(d => d.Day).Select(d => (string[])[$"{d.Seed}, {d.Day}", d.Evening.What, d.Evening.Learned is { } held ? Figures.Whole(held) : "–", Figures.Duration(d.Evening.Seconds)]));
    }

    // Where the arms differ there is something to see.
    private static Html Answers(LabSummary summary, IReadOnlyDictionary<string, IReadOnlyList<LabAnswer>> answers)
    {
        string[] arms = [.. summary.Arms.Select(a => a.Arm).Where(answers.ContainsKey)];
        if (arms.Length == 0) return Html.Empty;
        IReadOnlyList<LabAnswer> first = answers[arms[0]];
        IEnumerable<int> shown = Enumerable.Range(0, first.Count).GroupBy(i => first[i].Kind)
            .SelectMany(g => g.OrderByDescending(i => arms.Select(a => answers[a][i].Score).Distinct().Count()).Take(ShownOfKind));
        return Page.Table($"A few questions of day {summary.LastDay}; ✓ is right", ["kind", " question", " a right answer", .. arms.Select(a => " " + a)],
            shown.Select(i => (string[])[first[i].Kind, first[i].Question, first[i].Gold, .. arms.Select(a => $"{(answers[a][i].Score == 1 ? "✓ " : "")}{Cut(answers[a][i].Reply)}")]));
    }

    private static string Cut(string text) => text.Length <= LongestShown ? text : text[..LongestShown] + "…";

    private static Html How(string model, LabOptions options, LabSummary summary) => $"""
        {Page.Pairs([("base", model), ("days", Figures.Whole(summary.LastDay)), ("facts a day", Figures.Whole(options.Facts)), ("lives", Figures.Whole(summary.Seeds.Count)), ("questions a day and arm", $"about {options.Questions}"), ("oracle", $"every {options.OracleEvery} days and on the last")])}
        <p>A simulated person tells facts in a real journal (a tenth of them change earlier ones), repeats some, deletes some, corrects answers, chats, and pastes what others wrote. All arms but the oracle see that journal and nothing else, and all answer the same questions each evening, after the night. The questions are made by the truth of the simulation in wordings that neither the base nor study ever reads; some are written by hand. Full context and naive LoRA read a corrected answer in place of the one that was given.</p>
        {Page.Table("Arms", ["arm", " what it is"], summary.Arms.Select(a => (string[])[a.Arm, LabArms.Describe(a.Arm)]))}
        {Page.Table("A day's questions", ["kind", "share"], LabKinds.Shares.Select(s => (string[])[s.Key, $"{s.Value}%"]))}
        """;

    private static Html Plot(LabSummary summary, string title, string unit, Func<LabDay, double> value, double height = 190, bool isShare = true)
    {
        PlotSeries[] series = [.. summary.Arms.Select(a => Series(a.Arm, summary.Curve(a.Arm, value))).Where(s => s.X.Count > 0)];
        return series.Length == 0 ? Html.Empty : new LinePlot(title, unit, "day", series) { PercentY = isShare, ReachY = isShare ? _whole : _zero, ReachX = [1, Math.Max(2, summary.LastDay)], Height = height }.Render();
    }

    private static PlotSeries Series(string arm, IReadOnlyList<(int X, Spread Value)> points) => new(arm, [.. points.Select(p => (double)p.X)], [.. points.Select(p => p.Value.Mean)])
    {
        Colour = Colour(arm),
        Dashed = arm is LabArms.Frozen or LabArms.Oracle,
        Intervals = points.Any(p => p.Value.HasInterval) ? [.. points.Select(p => (p.Value.Low, p.Value.High))] : null,
    };

    private static int Colour(string arm) => LabArms.All.ToList().IndexOf(arm);

    private static string Told(Spread spread) => spread.Lives == 0 ? "–" : spread.HasInterval ? $"{Figures.Percent(spread.Mean)} ({Figures.Percent(spread.Low)} to {Figures.Percent(spread.High)})" : Figures.Percent(spread.Mean);

    private static string HalfLife(double days) => double.IsNaN(days) ? "too little known" : double.IsInfinity(days) || days > 1000 ? "no loss seen" : $"{Figures.ThreeDigits(days)} days";

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
