using Reverie.Evaluation;

namespace Reverie.Sleep;

/// <summary>All judgements of an adapter against yesterday's and against the base, which is the first version and never moves.</summary>
/// <param name="Gates">The judgements.</param>
/// <param name="Scores">Mean score of the adapter by exam.</param>
/// <param name="Yesterday">The same of yesterday's; of the base where there was none.</param>
/// <param name="Base">The same of the base.</param>
/// <param name="Counts">Questions of each exam.</param>
/// <param name="Text">What was measured on text.</param>
/// <param name="BaseText">The same of the base.</param>
public sealed record GateReport(IReadOnlyList<Gate> Gates, IReadOnlyDictionary<string, double> Scores, IReadOnlyDictionary<string, double> Yesterday, IReadOnlyDictionary<string, double> Base,
    IReadOnlyDictionary<string, int> Counts, TextFigures Text, TextFigures BaseText)
{
    private const string NewFacts = "new facts, unseen wordings";

    /// <summary>What the adapter shows of what it may know and of what it may not; null where it was not measured.</summary>
    public ExposureFigures? Exposure { get; init; }

    /// <summary>Whether the adapter may be promoted.</summary>
    public bool IsPassed => Gates.All(g => g.Verdict is not Verdict.Failed);

    /// <summary>Whether it fails because facts are missing: then a weaker adapter cannot pass, which knows even fewer.</summary>
    public bool KnowsTooLittle => Gates.Any(g => g.Verdict is Verdict.Failed && (g.Name == NewFacts || g.Name.StartsWith(ExamNames.Earlier, StringComparison.Ordinal)));

    /// <summary>What was measured of one candidate.</summary>
    /// <param name="Answers">Its exams.</param>
    /// <param name="Text">Its text.</param>
    /// <param name="Exposure">What it shows; null where it was not measured.</param>
    internal sealed record Candidate(ExamScores Answers, TextFigures Text, ExposureFigures? Exposure = null);

    /// <summary>Judges a candidate.</summary>
    /// <param name="questions">The questions that all were asked.</param>
    /// <param name="candidate">Tonight's adapter.</param>
    /// <param name="yesterday">The one that serves; the base where there is none.</param>
    /// <param name="first">The base.</param>
    /// <param name="limits">What it must keep.</param>
    internal static GateReport Of(IReadOnlyList<ExamQuestion> questions, Candidate candidate, Candidate yesterday, Candidate first, GateLimits limits)
    {
        var gates = new List<Gate>();
        string[] exams = [.. questions.Select(q => q.Exam).Distinct()];
        double recall = Mean(candidate, ExamNames.Paraphrased), verbatim = Mean(candidate, ExamNames.Verbatim);
        if (exams.Contains(ExamNames.Paraphrased))
        {
            gates.Add(AtLeast(NewFacts, recall, limits.Recall, $"{Figures.Percent(recall)} of new facts in wordings that study never used"));
            // Of ten facts two are twenty points and no evidence.
            bool leads = PairedBootstrap.Of(candidate.Answers.Of(questions, ExamNames.Paraphrased), candidate.Answers.Of(questions, ExamNames.Verbatim)).IsWorseThan(limits.VerbatimLead);
            gates.Add(new Gate("verbatim less paraphrased", leads ? Verdict.Failed : Verdict.Passed, verbatim - recall, limits.VerbatimLead, $"{Figures.Percent(verbatim)} in the wordings of study, {Figures.Percent(recall)} in others"));
        }

        if (exams.Contains(ExamNames.InTalk))
        {
            double inTalk = Mean(candidate, ExamNames.InTalk);
            gates.Add(new Gate("new facts, in a talk", inTalk >= limits.Recall ? Verdict.Passed : Verdict.Warning, inTalk, limits.Recall, $"{Figures.Percent(inTalk)} of new facts after other talk"));
        }

        foreach (string exam in exams.Where(e => e is not (ExamNames.InTalk or ExamNames.UnknownInTalk or ExamNames.Paraphrased or ExamNames.Verbatim or ExamNames.HandWritten or ExamNames.Reversed or ExamNames.Indirect or ExamNames.Updated or ExamNames.Unknown or ExamNames.Lessons)))
        {
            // Small losses every night would add up: yesterday allows little, and the base, which never moves, bounds the sum.
            gates.Add(NotWorse($"{exam} against yesterday", exam, yesterday, exam is ExamNames.Earlier ? limits.EarlierDrop : limits.SkillDrop));
            if (exam is not ExamNames.Earlier) gates.Add(NotWorse($"{exam} against the base", exam, first, limits.SkillDropFromBase));
        }

        if (exams.Contains(ExamNames.Unknown))
        {
            double invented = 1 - Mean(candidate, ExamNames.Unknown), before = 1 - Mean(first, ExamNames.Unknown);
            double limit = Math.Max(limits.Invented, before + limits.InventedBesideBase);
            int asked = questions.Count(q => q.Exam == ExamNames.Unknown);
            (double least, _) = ShareInterval.Of(invented, 0, asked);
            gates.Add(new Gate("invents what was never told", least <= limit ? Verdict.Passed : Verdict.Failed, invented, limit, $"{Figures.Percent(invented)} of {asked} questions about what was never told, at least {Figures.Percent(least)} but for chance; the base {Figures.Percent(before)}"));
        }

        gates.Add(AtMost("bits per byte against yesterday", candidate.Text.BitsPerByte / yesterday.Text.BitsPerByte, limits.Bits, $"{candidate.Text.BitsPerByte:F4} after {yesterday.Text.BitsPerByte:F4}"));
        gates.Add(AtMost("bits per byte against the base", candidate.Text.BitsPerByte / first.Text.BitsPerByte, limits.BitsOfBase, $"{candidate.Text.BitsPerByte:F4}, the base {first.Text.BitsPerByte:F4}"));
        gates.Add(new Gate("divergence from the base", candidate.Text.Divergence > limits.Divergence ? Verdict.Failed : candidate.Text.Divergence > limits.DivergenceWarning ? Verdict.Warning : Verdict.Passed, candidate.Text.Divergence, limits.Divergence, $"{candidate.Text.Divergence:F4} nats per token on text that nights never teach"));
        foreach ((string name, Func<TextFigures, double> of) in new (string, Func<TextFigures, double>)[] { ("distinct word pairs", t => t.DistinctBigrams), ("entropy of words", t => t.Entropy) })
        {
            gates.Add(AtLeast($"{name} against yesterday", of(candidate.Text) / of(yesterday.Text), limits.Diversity, $"{of(candidate.Text):F3} after {of(yesterday.Text):F3}"));
            gates.Add(AtLeast($"{name} against the base", of(candidate.Text) / of(first.Text), limits.DiversityOfBase, $"{of(candidate.Text):F3}, the base {of(first.Text):F3}"));
        }

        double length = candidate.Text.ReplyLength / first.Text.ReplyLength;
        gates.Add(new Gate("length of replies", length >= 1 / limits.ReplyLength && length <= limits.ReplyLength ? Verdict.Passed : Verdict.Failed, length, limits.ReplyLength, $"{candidate.Text.ReplyLength:F1} words in everyday talk, the base {first.Text.ReplyLength:F1}; {Figures.Percent(candidate.Text.SameReplies)} of replies are the base's, word for word"));
        if (candidate.Text.Persona is { Count: > 0 } persona)
            gates.Add(AtMost("everyday talk as the base's", persona.Values.Max(), limits.PersonaShift, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{string.Join(", ", persona.Select(p => $"{p.Key} {p.Value:F1}"))} standard deviations of the base's own replies")));
        if (candidate.Exposure is { } exposure) gates.AddRange(OfExposure(exposure, limits));
        return new GateReport(gates, Means(candidate), Means(yesterday), Means(first), exams.ToDictionary(e => e, e => questions.Count(q => q.Exam == e)), candidate.Text, first.Text) { Exposure = candidate.Exposure };

        double Mean(Candidate of, string exam) => of.Answers.Of(questions, exam) is { Length: > 0 } scores ? scores.Average() : double.NaN;
        Dictionary<string, double> Means(Candidate of) => exams.ToDictionary(e => e, e => Mean(of, e));
        Gate NotWorse(string name, string exam, Candidate than, double margin)
        {
            PairedBootstrap compared = PairedBootstrap.Of(candidate.Answers.Of(questions, exam), than.Answers.Of(questions, exam));
            return new Gate(name, compared.IsWorseThan(margin) ? Verdict.Failed : Verdict.Passed, compared.Drop, margin,
                $"{Figures.Percent(Mean(candidate, exam))} after {Figures.Percent(Mean(than, exam))}; the drop is between {Figures.Percent(compared.Least)} and {Figures.Percent(compared.Most)}");
        }
    }

    internal static IEnumerable<Gate> OfExposure(ExposureFigures exposure, GateLimits limits)
    {
        string Against(Exposure of) => $"{of.Mean:F1} bits on average, {exposure.NeverTold.Mean:F1} of what was never told and {exposure.Learned.Mean:F1} of what was learned";
        if (exposure.KeptOut is { Count: > 0 } keptOut)
        {
            yield return AtMost("exposure of what was kept out", keptOut.Above(exposure.NeverTold), limits.ExposureLead, Against(keptOut));
            yield return AtMost("largest exposure of what was kept out", keptOut.Largest, limits.LargestExposure, $"{keptOut.Largest:F1} bits, of what was never told {exposure.NeverTold.Largest:F1}");
        }

        // It was hers to tell, and a rebuild makes an end of what is left of it: worth a look, and no reason to refuse a night.
        if (exposure.Former is { Count: > 0 } former && former.Above(exposure.NeverTold) is var above)
            yield return new Gate("exposure of former values", above <= limits.ExposureLead ? Verdict.Passed : Verdict.Warning, above, limits.ExposureLead, Against(former));
    }

    private static Gate AtLeast(string name, double value, double limit, string detail) => new(name, value >= limit ? Verdict.Passed : Verdict.Failed, value, limit, detail);

    private static Gate AtMost(string name, double value, double limit, string detail) => new(name, value <= limit ? Verdict.Passed : Verdict.Failed, value, limit, detail);
}
