using System.Diagnostics;
using System.Globalization;
using Reverie.Evaluation;
using Reverie.Models;
using Reverie.Sleep;
using Reverie.Worlds;

namespace Reverie.Lab;

/// <summary>One simulated life, in which all arms live the same days and answer the same questions.</summary>
/// <param name="seed">Whose life.</param>
/// <param name="options">What is simulated.</param>
/// <param name="bench">What the arms stand on; nobody else's meanwhile.</param>
/// <param name="results">What is finished.</param>
/// <param name="said">Is told a line for each finished day of an arm.</param>
/// <param name="progress">Is told what goes on, and the share that is done.</param>
/// <param name="dayEnded">Is called after every day.</param>
internal sealed class LabLife(ulong seed, LabOptions options, Bench bench, LabResults results, Action<string>? said, Action<string, double>? progress, Action dayEnded)
{
    private const int LongestLine = 160;

    private readonly Dictionary<ILearner, TextFigures> _text = [];
    private TextFigures? _baseText;

    /// <summary>Lives all days that are not finished.</summary>
    public async Task LiveAsync(CancellationToken cancellation)
    {
        string folder = Path.Combine(results.Folder, string.Create(CultureInfo.InvariantCulture, $"seed-{seed}"));
        var life = new SimulatedLife(seed, options.Facts);
        await using LifeJournal journal = await LifeJournal.OpenAsync(folder, cancellation).ConfigureAwait(false);
        IReadOnlyList<Arm> arms = Arm.Of(options, bench, journal.Journal, life, folder);
        try
        {
            int day = 1;
            while (day <= options.Days && results.IsFinished(seed, day, options)) day++;
            foreach (IGrouping<ILearner, Arm> shared in arms.GroupBy(a => a.Learner)) shared.Key.Restore(day - 1, Recorded(day - 1, shared)?.Evening);
            for (; day <= options.Days; day++) await LiveAsync(day, life, journal, arms, cancellation).ConfigureAwait(false);
        }
        finally
        {
            foreach (ILearner learner in arms.Select(a => a.Learner).Distinct()) learner.Dispose();
            _text.Clear();
        }
    }

    private async Task LiveAsync(int day, SimulatedLife life, LifeJournal journal, IReadOnlyList<Arm> arms, CancellationToken cancellation)
    {
        if (journal.Written < day) await journal.WriteAsync(life.Until(day)[day - 1], cancellation).ConfigureAwait(false);
        LifeTruth truth = LifeTruth.After(life, day);
        IReadOnlyList<LabQuestion> questions = new LabExam(truth, seed, options.Questions).Questions();
        foreach (IGrouping<ILearner, Arm> shared in arms.Where(a => a.Learner.IsReadyOn(day)).GroupBy(a => a.Learner))
        {
            Arm[] left = [.. shared.Where(a => results.Find(seed, day, a.Name) is null)];
            Evening? evening = Recorded(day, shared)?.Evening;
            if (evening is not null) shared.Key.Restore(day, evening);
            if (left.Length == 0) continue;
            _text.Remove(shared.Key);
            evening ??= await shared.Key.LearnAsync(day, (what, done) => progress?.Invoke($"life {seed}, day {day}: {what}", done), cancellation).ConfigureAwait(false);
            foreach (Arm arm in left)
            {
                (LabDay measured, IReadOnlyList<LabAnswer> answers) = await ExamineAsync(arm, truth, questions, evening, cancellation).ConfigureAwait(false);
                results.Add(measured, answers);
                said?.Invoke(Line(measured));
            }
        }

        dayEnded();
    }

    private async Task<(LabDay Day, IReadOnlyList<LabAnswer> Answers)> ExamineAsync(Arm arm, LifeTruth truth, IReadOnlyList<LabQuestion> questions, Evening evening, CancellationToken cancellation)
    {
        progress?.Invoke($"life {seed}, day {truth.Day}: {arm.Name} answers {questions.Count} questions", double.NaN);
        IReadOnlyList<IReadOnlyList<Message>> prompts = await arm.Prompter.WriteAsync([.. questions.Select(q => q.Question.Prompt)], cancellation).ConfigureAwait(false);
        double tokens = prompts.Average(p => (double)bench.CountTokens(p));
        long started = Stopwatch.GetTimestamp();
        ExamScores answers = bench.Examiner.Ask([.. questions.Zip(prompts, (q, p) => q.Question with { Prompt = p })], arm.Learner.Adapter);
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
        if (learner.Adapter is null) return _baseText ??= bench.Examiner.Measure(null, Habit.Categories);
        if (!_text.TryGetValue(learner, out TextFigures? text)) _text[learner] = text = bench.Examiner.Measure(learner.Adapter, Habit.Categories);
        return text;
    }

    private LabDay? Recorded(int day, IEnumerable<Arm> arms) => arms.Select(a => results.Find(seed, day, a.Name)).FirstOrDefault(d => d is not null);

    private static string Line(LabDay day) =>
        $"life {day.Seed}, day {day.Day}, {day.Arm}: {Figures.Percent(day.Utility)} of the questions ({string.Join(", ", day.Kinds.Select(k => $"{k.Key} {Figures.Percent(k.Value.Mean)}"))}), {day.PromptTokens:F0} tokens a prompt, {Figures.Duration(day.Evening.Seconds + day.AnswerSeconds)}{(day.Evening.Seconds > 0 ? $"; {Cut(day.Evening.What)}" : "")}";

    private static string Cut(string text) => text.Length <= LongestLine ? text : text[..LongestLine] + "...";
}
