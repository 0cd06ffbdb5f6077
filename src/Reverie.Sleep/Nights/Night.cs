using System.Security.Cryptography;
using System.Text;
using Reverie.Models;
using Reverie.Worlds;

namespace Reverie.Sleep;

/// <summary>One night of one owner, a person or the company, from what triage let through to a morning.</summary>
internal sealed class Night
{
    private const string NoLongerThere = "something that it learned from is no longer in the journal";

    private const int MostSettlings = 3;

    // Of the new facts, in wordings of their own.
    private const double HalfLearned = 0.5;

    // At this strength nearly all that was learned is still there, and much of what was lost besides is not.
    private const float Milder = 0.9f;

    private static readonly float[] Weaker = [0.8f, 0.65f, 0.5f];

    private readonly Ground _ground;
    private readonly Sleeper.Bed _bed;
    private readonly Mornings _mornings;
    private readonly Triage _triage;
    private readonly string _owner;
    private readonly NightClock _clock;
    private readonly Action<string, double>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly NightOptions _options;
    private readonly Examiner _examiner;
    private readonly HashSet<string> _corrected;
    private readonly List<NightAttempt> _attempts = [];
    private readonly Morning? _yesterday;
    private readonly MorningManifest? _before;
    private readonly string? _rebuilt;
    private readonly ulong _seed;
    private readonly long _sequence;

    public Night(Ground ground, Mornings mornings, Triage triage, long sequence, bool isGone, NightClock clock, Action<string, double>? progress, CancellationToken cancellation)
    {
        Sleeper.Bed bed = ground.Bed;
        (_ground, _bed, _mornings, _triage, _owner, _clock, _progress, _cancellation, _options, _sequence) = (ground, bed, mornings, triage, mornings.Owner, clock, progress, cancellation, bed.Options, sequence);
        _yesterday = mornings.Current(bed.BaseId);
        _before = _yesterday is null ? null : MorningManifest.Read(_yesterday.Folder);
        _rebuilt = isGone ? NoLongerThere : WhyRebuilt();
        // A rebuild depends on what the journal holds and not on how many nights there were.
        _seed = _options.Seed + (ulong)(_rebuilt is null ? _before!.NightsSinceRebuild + 1 : 0);
        _examiner = bed.Examiner;
        _corrected = [.. triage.Lessons.Select(l => EverydayTalk.CategoryOf(l.Prompt[^1].Content)).OfType<string>()];
    }

    /// <summary>Studies, examines, and promotes where the gates agree.</summary>
    public MorningReport Run()
    {
        FactBook book = _triage.Book;
        if (book.Count == 0 && _triage.Lessons.Count == 0) return Empty();
        Dictionary<string, FactRecord> held = _rebuilt is null ? _before!.Facts.Where(f => f.State is FactState.Weights).ToDictionary(f => f.Id) : [];
        FactRecord[] told = [.. _triage.Records.Where(r => book.Find(r.Fact.Key)?.Equals(r.Fact) == true)];
        HashSet<string> known = Known([.. told.Where(r => !held.ContainsKey(r.Id))]);
        Fact[] earlier = [.. told.Where(r => held.ContainsKey(r.Id)).Select(r => r.Fact)], fresh = [.. told.Where(r => !held.ContainsKey(r.Id) && !known.Contains(r.Id)).Select(r => r.Fact)];
        ILookup<bool, Lesson> lessons = _triage.Lessons.ToLookup(l => _rebuilt is not null || !_before!.Lessons.Contains(l.Message));
        var plan = new StudyPlan(book, fresh, earlier, [.. lessons[true]], [.. lessons[false]]);
        if (fresh.Length == 0 && plan.Lessons.Count == 0) return _rebuilt is null ? Report(NightOutcome.NothingNew, null) : Empty();

        IReadOnlyList<ExamQuestion> questions = Questions(plan);
        _clock.Begin("exams");
        _progress?.Invoke("examining the base", 0.02);
        GateReport.Candidate first = Candidate(questions, null);
        using Adapter? old = _yesterday is null ? null : _ground.Load(_yesterday);
        GateReport.Candidate yesterday = old is null ? first : Candidate(questions, old);
        Trained? best = Learn(plan, _rebuilt is null ? old : null, questions, yesterday, first);
        if (best is not null) return Morning(best, told, known, plan.Lessons);

        // It learned from what is edited away since: better no memory than that one.
        if (_rebuilt == NoLongerThere && _yesterday is not null) _mornings.Rewind(_bed.BaseId, 0);
        return Report(NightOutcome.Refused, null);
    }

    /// <summary>Whole or a little weaker, the same after settling, then weaker, then each half by itself: the first that passes.</summary>
    private Trained? Learn(StudyPlan plan, Adapter? start, IReadOnlyList<ExamQuestion> questions, GateReport.Candidate yesterday, GateReport.Candidate first)
    {
        Trained whole = Try(plan, start, questions, yesterday, first, $"{plan.New.Count} new facts");
        for (int times = 0; ; times++)
        {
            if (whole.Gates.IsPassed) return whole;
            if (!whole.Gates.KnowsTooLittle && Weakened(Milder) is { Gates.IsPassed: true } milder) return milder;
            // What has learned next to nothing is beyond a few steps more.
            if (times == MostSettlings || whole.Gates.Scores.GetValueOrDefault(ExamNames.Paraphrased, 1) < HalfLearned) break;
            _clock.Begin("study");
            _progress?.Invoke("settling them", 0.8);
            long read = _bed.Model.Wear(whole.Adapter, () => _bed.Study.Settle(plan, _seed + (ulong)times, whole.Gates.KnowsTooLittle, _cancellation));
            whole = Judge(whole with { Study = whole.Study with { Steps = whole.Study.Steps + _options.SettlingSteps, Tokens = whole.Study.Tokens + read } }, questions, yesterday, first, times == 0 ? "the same after settling" : "the same, settled again");
        }

        foreach (float scale in Weaker)
        {
            Trained weaker = Weakened(scale);
            if (weaker.Gates.IsPassed) return weaker;
            // What was learned is gone at this strength: still weaker ones hold even less.
            if (weaker.Gates.Scores.GetValueOrDefault(ExamNames.Paraphrased, 1) < HalfLearned) break;
        }

        whole.Adapter.Dispose();
        if (plan.New.Count < 2) return null;
        Fact[][] halves = [[.. plan.New.Take(plan.New.Count / 2)], [.. plan.New.Skip(plan.New.Count / 2)]];
        foreach (Fact[] half in halves)
        {
            IReadOnlyList<ExamQuestion> asked = Questions(plan with { New = half });
            GateReport.Candidate alone = first with { Answers = _examiner.Ask(asked, null) }, before = start is null ? alone : yesterday with { Answers = _examiner.Ask(asked, start) };
            Trained tried = Try(plan with { New = half }, start, asked, before, alone, $"{half.Length} of the new facts");
            if (tried.Gates.IsPassed) return tried;
            tried.Adapter.Dispose();
        }

        return null;

        // Of the two only one stays: the weaker one where it passes.
        Trained Weakened(float scale)
        {
            Trained weaker = Judge(whole with { Adapter = whole.Adapter.Scaled(_bed.Model, scale) }, questions, yesterday, first, $"the same at {scale:0.##} of its strength");
            (weaker.Gates.IsPassed ? whole : weaker).Adapter.Dispose();
            return weaker;
        }
    }

    private IReadOnlyList<ExamQuestion> Questions(StudyPlan plan) =>
        [.. new FactExam(plan.Book, _seed).Questions(plan.New, plan.Earlier, _options.EarlierQuestions), .. Examiner.Lessons([.. plan.Lessons, .. plan.EarlierLessons]), .. Examiner.Skills(_options.SkillQuestions, plan.Book)];

    private Trained Try(StudyPlan plan, Adapter? start, IReadOnlyList<ExamQuestion> questions, GateReport.Candidate yesterday, GateReport.Candidate first, string what)
    {
        _clock.Begin("study");
        Adapter adapter = start?.Scaled(_bed.Model, 1) ?? new Adapter(_bed.Model, _options.Rank, _options.Alpha, _options.Seed);
        StudyReport study;
        try
        {
            study = _bed.Model.Wear(adapter, () => _bed.Study.Train(plan, _seed, done => _progress?.Invoke($"studying {what}", 0.05 + (0.75 * done)), _cancellation));
        }
        catch
        {
            adapter.Dispose();
            throw;
        }

        var exposure = new ExposureExam(_bed.Model, _bed.Tokenizer, _bed.Kernels, _triage, [.. plan.New, .. plan.Earlier], _seed);
        return Judge(new Trained(adapter, plan, study, exposure, null!, []), questions, yesterday, first, what);
    }

    private Trained Judge(Trained trained, IReadOnlyList<ExamQuestion> questions, GateReport.Candidate yesterday, GateReport.Candidate first, string what)
    {
        _clock.Begin("exams");
        _progress?.Invoke($"examining {what}", 0.85);
        trained.Adapter.Round();
        GateReport.Candidate candidate = Candidate(questions, trained.Adapter) with { Exposure = trained.Exposure.Measure(trained.Adapter) };
        GateReport gates = GateReport.Of(questions, candidate, yesterday, first, _options.Gates);
        _attempts.Add(new NightAttempt(what, gates.IsPassed, string.Join("; ", gates.Gates.Where(g => g.Verdict is Verdict.Failed).Select(g => $"{g.Name}: {g.Detail}"))));
        return trained with { Gates = gates, Wrong = WrongFacts(trained.Plan, questions, candidate.Answers) };
    }

    private GateReport.Candidate Candidate(IReadOnlyList<ExamQuestion> questions, Adapter? adapter)
    {
        _cancellation.ThrowIfCancellationRequested();
        // What a person asked to be answered otherwise may change.
        TextFigures text = _examiner.Measure(adapter, _corrected);
        return new GateReport.Candidate(_examiner.Ask(questions, adapter), text);
    }

    private static HashSet<string> WrongFacts(StudyPlan plan, IReadOnlyList<ExamQuestion> questions, ExamScores answers) =>
        [.. questions.Select((q, i) => (q, i)).Where(x => x.q.Exam is ExamNames.Paraphrased or ExamNames.Earlier && answers.Scores[x.i] < 1).Select(x => x.q.Gold)];

    // What the base says of itself when nobody told it: a fact that it knows needs no place in the weights.
    private HashSet<string> Known(IReadOnlyList<FactRecord> told)
    {
        _clock.Begin("triage");
        ExamQuestion[] questions = [.. told.Select(r => ExamQuestion.Of("", FactStudy.Plain(r.Fact).Messages[0].Content, r.Fact.Sentence, reply => FactExam.IsRight(r.Fact, [], reply)))];
        if (questions.Length == 0) return [];
        ExamScores answers = _examiner.Ask(questions, null);
        return [.. told.Where((_, i) => answers.Scores[i] == 1).Select(r => r.Id)];
    }

    private MorningReport Morning(Trained trained, IReadOnlyList<FactRecord> told, HashSet<string> known, IReadOnlyList<Lesson> lessons)
    {
        _clock.Begin("saving");
        (int number, string folder) = _mornings.Next();
        HashSet<Fact> studied = [.. trained.Plan.New, .. trained.Plan.Earlier];
        FactRecord[] facts = [.. _triage.Records.Select(r => Settle(r, trained, studied, known, number))];
        var report = Report(NightOutcome.Promoted, trained.Gates) with
        {
            Number = number,
            Learned = [.. facts.Where(f => f.State is FactState.Weights && f.Learned == number)],
            NotLearned = [.. facts.Where(f => f.State is not FactState.Weights)],
            Lost = [.. (_rebuilt is null ? _before!.Facts : []).Where(f => f.State is FactState.Weights && facts.Any(n => n.Id == f.Id && n.State is FactState.Retrieval))],
            Lessons = lessons.Count,
            Study = trained.Study,
        };
        _cancellation.ThrowIfCancellationRequested();
        trained.Adapter.Save(folder, new Lineage { Name = _owner, Version = number.ToString(System.Globalization.CultureInfo.InvariantCulture), Parent = _bed.BaseId, Beneath = _ground.Beneath }, _bed.Name, (temporary, lineage) =>
        {
            SleepJson.Write(Path.Combine(temporary, MorningManifest.FileName), new MorningManifest
            {
                Owner = _owner,
                Model = _bed.Name,
                BaseId = _bed.BaseId,
                Beneath = _ground.Beneath,
                Parent = _rebuilt is null ? _yesterday!.Number : null,
                NightsSinceRebuild = _rebuilt is null ? _before!.NightsSinceRebuild + 1 : 0,
                Seed = _seed,
                StudyHash = StudyHash(trained.Plan),
                AdapterHash = lineage.Id,
                JournalSequence = _sequence,
                Facts = facts,
                Lessons = [.. _triage.Lessons.Select(l => l.Message)],
                Sources = [.. (_rebuilt is null ? _before!.Sources : []).Concat(_triage.Records.Where(r => studied.Contains(r.Fact)).SelectMany(r => r.Sources)).Concat(lessons.SelectMany(l => l.Sources)).Distinct()],
                Options = _options,
            });
            report = report with { Seconds = _clock.Seconds };
            SleepJson.Write(Path.Combine(temporary, MorningReport.FileName), report);
        });
        trained.Adapter.Dispose();
        if (_mornings.IsPinned(_bed.BaseId)) report = report with { Outcome = NightOutcome.Kept };
        else _mornings.Promote(number);
        _mornings.Prune(_options.Keep);
        return report;
    }

    private FactRecord Settle(FactRecord record, Trained trained, HashSet<Fact> studied, HashSet<string> known, int number)
    {
        if (record.State is not FactState.Retrieval || record.Why.Length > 0) return record;
        if (known.Contains(record.Id)) return record with { State = FactState.Known, Why = "the base says so by itself" };
        if (!studied.Contains(record.Fact)) return record with { Why = "it was not studied: the gates refused it with others" };
        if (trained.Wrong.Contains(record.Fact.Sentence)) return record with { Why = "it was studied and the exams did not find it; the next night tries again" };
        int learned = _rebuilt is null && _before!.Facts.FirstOrDefault(f => f.Id == record.Id) is { State: FactState.Weights, Learned: { } since } ? since : number;
        return record with { State = FactState.Weights, Why = "learned", Learned = learned };
    }

    private MorningReport Empty()
    {
        if (_yesterday is null) return Report(_rebuilt == NoLongerThere ? NightOutcome.Emptied : NightOutcome.NothingNew, null);
        _mornings.Rewind(_bed.BaseId, 0);
        return Report(NightOutcome.Emptied, null);
    }

    private string? WhyRebuilt()
    {
        if (_before is null) return "it is the first";
        if (_options.Rebuild) return "it was asked for";
        if (_before.Beneath != _ground.Beneath) return "the company's adapter is another one";
        if (_before.NightsSinceRebuild + 1 >= _options.RebuildEvery) return $"{_before.NightsSinceRebuild} nights have learned on from it";
        if (_before.Options.Rank != _options.Rank || _before.Options.Alpha != _options.Alpha) return "the adapter has another rank or strength";
        // What was said is no longer there, so nothing that it taught may be.
        HashSet<string> there = [.. _triage.Records.SelectMany(r => r.Sources), .. _triage.Lessons.SelectMany(l => l.Sources)];
        return _before.Sources.All(there.Contains) ? null : NoLongerThere;
    }

    private string StudyHash(StudyPlan plan)
    {
        var text = new StringBuilder($"{_bed.BaseId}{_ground.Beneath}\n{(_rebuilt is null ? _before!.AdapterHash : "")}\n{_seed}\n");
        foreach (Fact fact in plan.Book.Facts) text.Append(fact.Relation.Name).Append('\t').Append(fact.Subject).Append('\t').Append(fact.Value).Append('\t').AppendJoin('|', plan.Book.Former(fact)).Append('\t').Append(plan.New.Contains(fact)).Append('\n');
        foreach (Lesson lesson in plan.Lessons) text.AppendJoin('\n', lesson.Prompt.Select(m => m.Content)).Append('\t').Append(lesson.Wanted).Append('\t').Append(lesson.Said).Append('\n');
        foreach (Lesson lesson in plan.EarlierLessons) text.Append(lesson.Message).Append('\n');
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.Append(SleepJson.Text(_options with { Threads = 0, Rebuild = false })).ToString())));
    }

    private MorningReport Report(NightOutcome outcome, GateReport? gates) => new()
    {
        Owner = _owner,
        Model = _bed.Name,
        Outcome = outcome,
        Began = _clock.Began,
        Seconds = _clock.Seconds,
        Rebuilt = _rebuilt,
        NotLearned = [.. _triage.Records.Where(r => r.State is not FactState.Retrieval || r.Why.Length > 0)],
        Refused = _triage.Refused,
        Attempts = _attempts,
        Gates = gates,
    };

    /// <summary>An adapter that was trained and judged.</summary>
    private sealed record Trained(Adapter Adapter, StudyPlan Plan, StudyReport Study, ExposureExam Exposure, GateReport Gates, HashSet<string> Wrong);
}
