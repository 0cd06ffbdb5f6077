using System.Globalization;

namespace Reverie.Evaluation;

/// <summary>What the model said: exams good and bad, rollouts with their credit, samples.</summary>
internal static class ReportTranscripts
{
    private const int Worst = 3, Best = 2, MaximumSamples = 12, MaximumRollouts = 8, MaximumCharacters = 4000;

    /// <summary>The best and worst answers of each exam after the last stage.</summary>
    public static Html Exams(RunReport report)
    {
        var parts = new List<Html>();
        foreach (ExamScore exam in report.Exams.Where(e => e.Stage == report.Exams[^1].Stage && e.Transcripts.Count > 0))
        {
            ExamTranscript[] ordered = [.. exam.Transcripts.OrderBy(t => t.Score)];
            ExamTranscript[] worst = [.. ordered.Take(Worst).Where(t => t.Score < 1)];
            ExamTranscript[] best = [.. ordered.Except(worst).Reverse().Where(t => t.Score > 0).Take(Best)];
            string split = exam.Split == ReportWords.HeldOutSplit ? "" : $", {exam.Split}";
            parts.Add($"""
                <details{(parts.Count == 0 ? (Html)$" open" : Html.Empty)}><summary><b>{exam.Exam}</b>{split} <span>{Figures.Percent(exam.Score)} of {Figures.Whole(exam.Questions)}</span></summary>
                {best.Select(Transcript)}{worst.Select(Transcript)}</details>

                """);
        }

        return parts.Count == 0 ? Html.Empty : $"""<p>The best and the worst answers that were kept of each exam, after {report.Exams[^1].Stage}.</p>{"\n"}{parts}""";
    }

    /// <summary>Rollouts on a background that says how each token was credited.</summary>
    public static Html Rollouts(RunReport report)
    {
        // Evenly over the run, the first and the last among them.
        int count = Math.Min(MaximumRollouts, report.Rollouts.Count);
        RolloutSample[] shown = [.. Enumerable.Range(0, count).Select(i => report.Rollouts[count == 1 ? 0 : i * (report.Rollouts.Count - 1) / (count - 1)])];
        if (count == 0) return Html.Empty;
        double scale = shown.SelectMany(r => r.Tokens).Select(t => Math.Abs(t.Advantage)).DefaultIfEmpty(0).Max();
        return $"""
            <p>Tokens that were encouraged stand on <span class="credit up" style="--a:.6">blue</span>, discouraged ones on <span class="credit down" style="--a:.6">orange</span>, the stronger the more they count. What the model did not write is grey and has no credit.</p>
            {shown.Select((r, i) => Rollout(r, Math.Max(scale, 1e-9), open: i == count - 1))}
            """;
    }

    /// <summary>What the model said while it learned.</summary>
    public static Html Samples(RunReport report)
    {
        if (report.Samples.Count == 0) return Html.Empty;
        int count = Math.Min(MaximumSamples, report.Samples.Count);
        IEnumerable<LearningSample> shown = Enumerable.Range(0, count).Select(i => report.Samples[count == 1 ? 0 : i * (report.Samples.Count - 1) / (count - 1)]);
        return $"""<ol class="samples">{shown.Select(s => (Html)$"""<li><span>{s.Stage}, step {Figures.Whole(s.Step)}</span><p class="said">{Shortened(s.Text)}</p></li>{"\n"}""")}</ol>{"\n"}""";
    }

    private static Html Transcript(ExamTranscript t)
    {
        string kind = t.Score >= 1 ? "right" : t.Score <= 0 ? "wrong" : "partly right";
        Html gold = t.Score >= 1 ? Html.Empty : $"""<dt>expert</dt><dd>{Shortened(t.Gold)}</dd>""";
        return $"""
            <article class="transcript {(t.Score >= 1 ? "good" : t.Score <= 0 ? "bad" : "partial")}"><h4>{kind}{(t.Score is > 0 and < 1 ? string.Create(CultureInfo.InvariantCulture, $" ({t.Score:0.##})") : "")}</h4>
            <dl><dt>prompt</dt><dd>{Shortened(t.Prompt)}</dd><dt>reply</dt><dd>{Shortened(t.Reply)}</dd>{gold}</dl></article>

            """;
    }

    private static Html Rollout(RolloutSample rollout, double scale, bool open)
    {
        var tokens = new List<Html>();
        for (int i = 0, end; i < rollout.Tokens.Count; i = end)
        {
            // Neighbours of one author and one credit share a background.
            RolloutToken first = rollout.Tokens[i];
            for (end = i + 1; end < rollout.Tokens.Count && rollout.Tokens[end].Author == first.Author && rollout.Tokens[end].Advantage == first.Advantage;) end++;
            string text = string.Concat(rollout.Tokens.Skip(i).Take(end - i).Select(t => t.Text));
            bool own = first.Author.Equals("model", StringComparison.OrdinalIgnoreCase) || first.Author.Equals("assistant", StringComparison.OrdinalIgnoreCase);
            tokens.Add(!own
                ? (Html)$"""<span class="other" title="{first.Author}">{text}</span>"""
                : $"""<span class="credit {(first.Advantage < 0 ? "down" : "up")}" style="--a:{0.75 * Math.Abs(first.Advantage) / scale}" title="advantage {first.Advantage.ToString("+0.###;-0.###;0", CultureInfo.InvariantCulture)}">{text}</span>""");
        }

        string scores = string.Join(", ", rollout.Scores.Select(s => $"{s.Key} {Figures.Rate(s.Value)}"));
        return $"""
            <details{(open ? (Html)$" open" : Html.Empty)}><summary><b>{rollout.Task}</b>, step {Figures.Whole(rollout.Step)} <span>{scores}</span></summary><p class="said tokens">{tokens}</p></details>

            """;
    }

    private static string Shortened(string text) => text.Length <= MaximumCharacters ? text : $"{text[..MaximumCharacters]} … ({text.Length - MaximumCharacters:N0} more characters)";
}
