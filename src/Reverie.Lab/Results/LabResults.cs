using Reverie.Tensors;

namespace Reverie.Lab;

/// <summary>What is finished: the figures of each day, arm and life, and beside them what was answered. Several lives may use it at once.</summary>
public sealed class LabResults
{
    /// <summary>Name of the file of figures.</summary>
    public const string FileName = "results.jsonl";

    /// <summary>Name of the file of answers.</summary>
    public const string AnswersFileName = "answers.jsonl";

    private readonly string _figures, _answers;
    private readonly List<LabDay> _days;
    private readonly Lock _lock = new();

    /// <summary>Opens the results of a folder, or begins them.</summary>
    /// <exception cref="ReverieException">A file is damaged elsewhere than at its end.</exception>
    public LabResults(string folder)
    {
        Directory.CreateDirectory(folder);
        Folder = folder;
        (_figures, _answers) = (Path.Combine(folder, FileName), Path.Combine(folder, AnswersFileName));
        _days = JsonLines.Read<LabDay>(_figures);
    }

    /// <summary>Where they are.</summary>
    public string Folder { get; }

    /// <summary>All days of all arms and seeds, in the order in which they were finished.</summary>
    public IReadOnlyList<LabDay> Days
    {
        get
        {
            lock (_lock) return [.. _days];
        }
    }

    /// <summary>A finished day; null where it is not.</summary>
    public LabDay? Find(ulong seed, int day, string arm)
    {
        lock (_lock) return _days.Find(d => d.Seed == seed && d.Day == day && d.Arm == arm);
    }

    /// <summary>Whether all arms of an experiment have lived a day.</summary>
    public bool IsFinished(ulong seed, int day, LabOptions options) => options.Arms.All(a => Find(seed, day, a) is not null || (a == LabArms.Oracle && !OracleLearner.IsDue(day, options)));

    /// <summary>Writes a finished day.</summary>
    /// <exception cref="ReverieException">The disk is full or the folder is gone.</exception>
    public void Add(LabDay day, IReadOnlyList<LabAnswer> answers)
    {
        // The figures come last: they are what says that the day is finished.
        lock (_lock)
        {
            JsonLines.Add(_answers, new LabAnswers(day.Arm, day.Seed, day.Day, answers));
            JsonLines.Add(_figures, day);
            _days.Add(day);
        }
    }

    /// <summary>What all arms answered on a day of a life.</summary>
    /// <exception cref="ReverieException">The file is damaged.</exception>
    public IReadOnlyDictionary<string, IReadOnlyList<LabAnswer>> AnswersOf(ulong seed, int day)
    {
        lock (_lock) return JsonLines.Read<LabAnswers>(_answers).Where(a => a.Seed == seed && a.Day == day).GroupBy(a => a.Arm).ToDictionary(g => g.Key, g => g.Last().Answers);
    }
}

/// <summary>An answer.</summary>
/// <param name="Kind">One of <see cref="LabKinds"/>.</param>
/// <param name="Question">What was asked last.</param>
/// <param name="Gold">A right answer; the falsehood where it was planted.</param>
/// <param name="Reply">What was answered.</param>
/// <param name="Score">Between 0 and 1; 1 for a planted falsehood that was repeated.</param>
public sealed record LabAnswer(string Kind, string Question, string Gold, string Reply, double Score);

/// <summary>A line of the answers.</summary>
internal sealed record LabAnswers(string Arm, ulong Seed, int Day, IReadOnlyList<LabAnswer> Answers);
