using System.Diagnostics;
using System.Globalization;
using Reverie.Evaluation;
using Reverie.Models;
using Reverie.Sleep;
using Reverie.Worlds;

namespace Reverie.Lab;

/// <summary>
/// The experiment: whether a model that sleeps is worth more to its owner, day after day, than the same model with other memories or none.
/// All arms live the same days and answer the same questions. What is finished is not done again: the same options go on where they were.
/// </summary>
public sealed class SleepLab : IDisposable
{
    private const int LongestLine = 160;

    private readonly LabOptions _options;
    private readonly Bench _bench;
    private readonly LabResults _results;
    private readonly Action<string>? _said;
    private readonly Action<string, double>? _progress;
    private readonly Dictionary<ILearner, TextFigures> _text = [];
    private TextFigures? _baseText;

    /// <summary>Opens an experiment.</summary>
    /// <param name="workspace">Where the base is and the results go.</param>
    /// <param name="model">The base, as <see cref="Workspace.Resolve"/> takes it.</param>
    /// <param name="options">What is simulated.</param>
    /// <param name="said">Is told a line for each finished day of an arm.</param>
    /// <param name="progress">Is told what goes on, and the share that is done.</param>
    /// <exception cref="Tensors.ReverieException">There is no such model, or earlier results are damaged.</exception>
    public SleepLab(Workspace workspace, string model, LabOptions options, Action<string>? said = null, Action<string, double>? progress = null)
    {
        (_options, _said, _progress) = (options, said, progress);
        _bench = new Bench(workspace.Resolve(model), options.Night);
        try
        {
            Folder = Path.Combine(workspace.RunsFolder, "lab-sleep-" + options.IdOn(_bench.BaseId));
            _results = new LabResults(Folder);
        }
        catch
        {
            _bench.Dispose();
            throw;
        }
    }

    /// <summary>Where the results are.</summary>
    public string Folder { get; }

    /// <summary>Name of the base.</summary>
    public string Model => _bench.Name;

    /// <summary>Lives all lives to their ends, or as far as is not done.</summary>
    /// <returns>All results of these options.</returns>
    public async Task<IReadOnlyList<LabDay>> RunAsync(CancellationToken cancellation = default)
    {
        for (ulong seed = 1; seed <= (ulong)_options.Seeds; seed++)
            if (!Enumerable.Range(1, _options.Days).All(d => IsFinished(seed, d))) await LiveAsync(seed, cancellation).ConfigureAwait(false);
        return Finished;
    }

    private IReadOnlyList<LabDay> Finished => [.. _results.Days.Where(d => d.Day <= _options.Days && d.Seed <= (ulong)_options.Seeds)];

    /// <summary>Writes the page of what is finished.</summary>
    /// <returns>Its path.</returns>
    public string WritePage()
    {
        LabDay last = Finished.MaxBy(d => (d.Day, -(long)d.Seed))!;
        return LabPage.Write(Folder, Model, _options, LabSummary.Of(Finished), _results.AnswersOf(last.Seed, last.Day));
    }

    /// <summary>Frees the base.</summary>
    public void Dispose() => _bench.Dispose();

    private async Task LiveAsync(ulong seed, CancellationToken cancellation)
    {
        string folder = Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"seed-{seed}"));
        var life = new SimulatedLife(seed, _options.Facts);
        await using LifeJournal journal = await LifeJournal.OpenAsync(folder, cancellation).ConfigureAwait(false);
        IReadOnlyList<Arm> arms = Arm.Of(_options, _bench, journal.Journal, life, folder);
        try
        {
            int day = 1;
            while (day <= _options.Days && IsFinished(seed, day)) day++;
            foreach (IGrouping<ILearner, Arm> shared in arms.GroupBy(a => a.Learner)) shared.Key.Restore(day - 1, Recorded(seed, day - 1, shared)?.Evening);
            for (; day <= _options.Days; day++) await LiveAsync(seed, day, life, journal, arms, cancellation).ConfigureAwait(false);
        }
        finally
        {
            foreach (ILearner learner in arms.Select(a => a.Learner).Distinct()) learner.Dispose();
            _text.Clear();
        }
    }

    private async Task LiveAsync(ulong seed, int day, SimulatedLife life, LifeJournal journal, IReadOnlyList<Arm> arms, CancellationToken cancellation)
    {
        if (journal.Written < day) await journal.WriteAsync(life.Until(day)[day - 1], cancellation).ConfigureAwait(false);
        LifeTruth truth = LifeTruth.After(life, day);
        IReadOnlyList<LabQuestion> questions = new LabExam(truth, seed, _options.Questions).Questions();
        foreach (IGrouping<ILearner, Arm> shared in arms.Where(a => a.Learner.IsReadyOn(day)).GroupBy(a => a.Learner))
        {
            Arm[] left = [.. shared.Where(a => _results.Find(seed, day, a.Name) is null)];
            Evening? evening = Recorded(seed, day, shared)?.Evening;
            if (evening is not null) shared.Key.Restore(day, evening);
            if (left.Length == 0) continue;
            _text.Remove(shared.Key);
            evening ??= await shared.Key.LearnAsync(day, (what, done) => _progress?.Invoke($"life {seed}, day {day}: {what}", done), cancellation).ConfigureAwait(false);
            foreach (Arm arm in left)
            {
                (LabDay measured, IReadOnlyList<LabAnswer> answers) = await ExamineAsync(arm, truth, questions, evening, seed, cancellation).ConfigureAwait(false);
                _results.Add(measured, answers);
                _said?.Invoke(Line(measured));
            }
        }

        // A long run can be looked at while it goes on.
        WritePage();
    }

    private async Task<(LabDay Day, IReadOnlyList<LabAnswer> Answers)> ExamineAsync(Arm arm, LifeTruth truth, IReadOnlyList<LabQuestion> questions, Evening evening, ulong seed, CancellationToken cancellation)
    {
        _progress?.Invoke($"life {seed}, day {truth.Day}: {arm.Name} answers {questions.Count} questions", double.NaN);
        IReadOnlyList<IReadOnlyList<Message>> prompts = await arm.Prompter.WriteAsync([.. questions.Select(q => q.Question.Prompt)], cancellation).ConfigureAwait(false);
        double tokens = prompts.Average(p => (double)_bench.CountTokens(p));
        long started = Stopwatch.GetTimestamp();
        ExamScores answers = _bench.Examiner.Ask([.. questions.Zip(prompts, (q, p) => q.Question with { Prompt = p })], arm.Learner.Adapter);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        (LabQuestion Question, double Score)[] scored = [.. questions.Zip(answers.Scores)];
        HashSet<Fact> planted = [.. truth.Poison];
        HashSet<string> deleted = [.. truth.Deleted.Select(d => d.Fact.Key)];
        var day = new LabDay
        {
            Arm = arm.Name,
            Seed = seed,
            Day = truth.Day,
            Utility = scored.Where(s => s.Question.Kind != LabKinds.Poison).Average(s => s.Score),
            Kinds = scored.GroupBy(s => s.Question.Kind).ToDictionary(g => g.Key, g => new LabScore(g.Average(s => s.Score), g.Count())),
            Ages = scored.Where(s => s.Question.Kind is LabKinds.Today or LabKinds.Earlier).GroupBy(s => s.Question.Age!.Value).OrderBy(g => g.Key).ToDictionary(g => g.Key, g => new LabScore(g.Average(s => s.Score), g.Count())),
            Text = TextOf(arm.Learner),
            PoisonHeld = arm.Learner.Held?.Count(f => planted.Contains(f.Fact)),
            DeletedHeld = arm.Learner.Held?.Count(f => deleted.Contains(f.Fact.Key)),
            Leaked = questions.Zip(answers.Replies).Where(q => q.First.Deleted.Count > 0).Select(q => q.First.Deleted.Any(v => Reply.HasWords(q.Second, v)) ? 1.0 : 0).DefaultIfEmpty(double.NaN).Average(),
            Obeyed = answers.Replies.Count(r => r.Contains(SimulatedLife.OrderedWord, StringComparison.OrdinalIgnoreCase)),
            PromptTokens = tokens,
            AnswerSeconds = seconds,
            Evening = evening,
        };
        return (day, [.. questions.Select((q, i) => new LabAnswer(q.Kind, q.Question.Prompt[^1].Content, q.Question.Gold, answers.Replies[i], answers.Scores[i]))]);
    }

    // What is put before a question changes nothing of the weights: arms that share them share these figures.
    private TextFigures TextOf(ILearner learner)
    {
        if (learner.Adapter is null) return _baseText ??= _bench.Examiner.Measure(null, Habit.Categories);
        if (!_text.TryGetValue(learner, out TextFigures? text)) _text[learner] = text = _bench.Examiner.Measure(learner.Adapter, Habit.Categories);
        return text;
    }

    private LabDay? Recorded(ulong seed, int day, IEnumerable<Arm> arms) => arms.Select(a => _results.Find(seed, day, a.Name)).FirstOrDefault(d => d is not null);

    private bool IsFinished(ulong seed, int day) => _options.Arms.All(a => _results.Find(seed, day, a) is not null || (a == LabArms.Oracle && !OracleLearner.IsDue(day, _options)));

    private static string Line(LabDay day) =>
        $"life {day.Seed}, day {day.Day}, {day.Arm}: {Figures.Percent(day.Utility)} of the questions ({string.Join(", ", day.Kinds.Select(k => $"{k.Key} {Figures.Percent(k.Value.Mean)}"))}), {day.PromptTokens:F0} tokens a prompt, {Figures.Duration(day.Evening.Seconds + day.AnswerSeconds)}{(day.Evening.Seconds > 0 ? $"; {Cut(day.Evening.What)}" : "")}";

    private static string Cut(string text) => text.Length <= LongestLine ? text : text[..LongestLine] + "...";
}
