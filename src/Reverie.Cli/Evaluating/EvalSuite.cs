using Reverie.Evaluation;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Cli.Evaluating;

/// <summary>What one word after the model's name asks for.</summary>
/// <param name="Kind">What sort of suite.</param>
/// <param name="Name">An exam's or task set's name, or a file's path.</param>
/// <param name="Format">A file's format; null to tell it from its fields.</param>
internal sealed record EvalSuite(EvalSuiteKind Kind, string Name, string? Format = null)
{
    /// <summary>The word for bits per byte of texts.</summary>
    public const string BitsPerByte = "bits-per-byte";

    /// <summary>The word for all exams.</summary>
    public const string Exams = "exams";

    private const string Gsm8k = "gsm8k";

    /// <summary>Whether the word can only be a suite, so that in an arena it is no model.</summary>
    public static bool IsSuite(string word) => word is BitsPerByte or Exams || word.Contains(':') || word.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) || Find(word) is not null;

    /// <summary>Reads a word.</summary>
    /// <exception cref="ReverieException">There is no such suite.</exception>
    public static EvalSuite Parse(string word)
    {
        if (word == BitsPerByte) return new EvalSuite(EvalSuiteKind.BitsPerByte, word);
        if (word == Exams) return new EvalSuite(EvalSuiteKind.Exams, word);
        if (word.Split(':', 2) is [var format, { Length: > 0 } path] && !path.Contains('='))
        {
            if (format == Gsm8k) return new EvalSuite(EvalSuiteKind.Gsm8k, path);
            if (QueryFormats.All.Any(f => f.Name == format)) return new EvalSuite(EvalSuiteKind.File, path, format);
        }

        if (word.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) && !word.Contains('=')) return new EvalSuite(EvalSuiteKind.File, word);
        if (Find(word) is not null) return new EvalSuite(EvalSuiteKind.Exam, word);
        throw new ReverieException(
            $"There is no suite {word}. Choose among {BitsPerByte}, {Exams}, {string.Join(", ", Primer.Exams.Concat(TaskSets.All).Select(e => e.Name).Distinct())}, FILE.jsonl, gsm8k:PATH.");
    }

    /// <summary>The task sets that the suite asks for; none for files.</summary>
    public IEnumerable<ITaskSet> Sets() => Kind switch
    {
        EvalSuiteKind.Exams => Primer.Exams,
        EvalSuiteKind.Exam => [Find(Name)!],
        _ => [],
    };

    private static ITaskSet? Find(string name)
    {
        if (Primer.Exams.FirstOrDefault(e => e.Name == name) is { } exam) return exam;
        if (!name.Contains('=')) return TaskSets.All.FirstOrDefault(s => s.Name == name);
        return TaskSets.Find(name);
    }
}

/// <summary>Sorts of <see cref="EvalSuite"/>.</summary>
internal enum EvalSuiteKind
{
    /// <summary>Bits per byte of texts.</summary>
    BitsPerByte,

    /// <summary>All exams of the Primer.</summary>
    Exams,

    /// <summary>One task set.</summary>
    Exam,

    /// <summary>Questions of a file, asked by likelihood.</summary>
    File,

    /// <summary>GSM8K from its files.</summary>
    Gsm8k,
}
