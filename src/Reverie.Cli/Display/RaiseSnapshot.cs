using Reverie.Evaluation;
using Reverie.Training;

namespace Reverie.Cli.Display;

/// <summary>All that the display shows, at one moment.</summary>
internal sealed record RaiseSnapshot
{
    /// <summary>The model's name.</summary>
    public required string Name { get; init; }

    /// <summary>What is done to it.</summary>
    public string Doing { get; init; } = "raising";

    /// <summary>Time since the command began.</summary>
    public double ElapsedSeconds { get; init; }

    /// <summary>The time it was given; NaN where steps decide.</summary>
    public double BudgetSeconds { get; init; }

    /// <summary>The checklist.</summary>
    public IReadOnlyList<Phase> Phases { get; init; } = [];

    /// <summary>Loss over the run, see <see cref="LossCurve"/>.</summary>
    public double[] Losses { get; init; } = [];

    /// <summary>Loss now, smoothed, in nats a token; NaN before the first step.</summary>
    public double Loss { get; init; } = double.NaN;

    /// <summary>Speed now.</summary>
    public double TokensPerSecond { get; init; }

    /// <summary>Share of the measured ceiling; NaN without a plan.</summary>
    public double Utilisation { get; init; } = double.NaN;

    /// <summary>Learning rate of the last step.</summary>
    public float LearningRate { get; init; }

    /// <summary>Gradient norm of the last step, before clipping.</summary>
    public double GradientNorm { get; init; }

    /// <summary>The last episodes of RL; null outside of it.</summary>
    public RolloutReport? Rollouts { get; init; }

    /// <summary>pass@1 over the steps of RL, smoothed.</summary>
    public double[] PassRates { get; init; } = [];

    /// <summary>First and latest bits per byte by source.</summary>
    public IReadOnlyList<(string Source, double First, double Now)> BitsPerByte { get; init; } = [];

    /// <summary>What the model wrote last.</summary>
    public string Sample { get; init; } = "";

    /// <summary>Exams graded so far.</summary>
    public IReadOnlyList<ExamResult> Exams { get; init; } = [];

    /// <summary>Whether a stop was asked for.</summary>
    public bool Stopping { get; init; }
}
