using Reverie.Cli.Commands;
using Reverie.Models;
using Reverie.Worlds;

namespace Reverie.Cli.Evaluating;

/// <summary>What the command line of <c>eval</c> says.</summary>
internal sealed record EvalOptions
{
    /// <summary>Where models are.</summary>
    public required Workspace Workspace { get; init; }

    /// <summary>The models; the first one is examined, all of them meet in the arena.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>How they are loaded.</summary>
    public ModelChoice Choice { get; init; } = new();

    /// <summary>The suites; empty for the usual ones.</summary>
    public required IReadOnlyList<EvalSuite> Suites { get; init; }

    /// <summary>Which part of generated tasks and texts.</summary>
    public required Split Split { get; init; }

    /// <summary>Questions of each exam.</summary>
    public required int Questions { get; init; }

    /// <summary>At most so many questions of each file; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>The seed; null for each convention's own.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Tokens of each source for bits per byte.</summary>
    public long Tokens { get; init; }

    /// <summary>The user's own texts.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>Examples before each question; null for the convention's own number.</summary>
    public int? Shots { get; init; }

    /// <summary>File of examples.</summary>
    public string? Examples { get; init; }

    /// <summary>Format of the files.</summary>
    public string? Format { get; init; }

    /// <summary>Between question and answer; null for the format's own.</summary>
    public string? Delimiter { get; init; }

    /// <summary>Accuracy of guessing, for CORE.</summary>
    public double? Baseline { get; init; }

    /// <summary>Whether GSM8K is asked in the chat template.</summary>
    public bool Chat { get; init; }

    /// <summary>Replies to each question.</summary>
    public int Samples { get; init; } = 1;

    /// <summary>How replies are drawn.</summary>
    public float Temperature { get; init; }

    /// <summary>Most tokens of reasoning, a point of the curve each; empty for no curve.</summary>
    public IReadOnlyList<int> Budgets { get; init; } = [];

    /// <summary>Whether the reasoning is made exactly so long.</summary>
    public bool ExactBudgets { get; init; }

    /// <summary>Tokens of a reply beside its reasoning, under a budget.</summary>
    public int AnswerTokens { get; init; }

    /// <summary>Folder of the results files; null for none.</summary>
    public string? Output { get; init; }

    /// <summary>Whether answers are shown.</summary>
    public bool Verbose { get; init; }

    /// <summary>Threads; 0 for one a core.</summary>
    public int Threads { get; init; }

    /// <summary>Who judges in the arena: verifier, model:NAME or person.</summary>
    public string Judge { get; init; } = "verifier";

    /// <summary>Seed of exams, texts and the arena.</summary>
    public ulong ExamSeed => Seed ?? 2;

    /// <summary>Seed of the examples' draws.</summary>
    public int FewShotSeed => (int)(Seed ?? 1234);
}
