using Reverie.Models;

namespace Reverie.Evaluation;

/// <summary>Everything that a run's report shows: the content of <c>report.json</c>. Lists are empty, and values null, where a run has no such data.</summary>
public sealed record RunReport
{
    /// <summary>The run's id.</summary>
    public required string Run { get; init; }

    /// <summary>The checkpoint that came of it, name@version; null before the first stage is complete.</summary>
    public string? Model { get; init; }

    /// <summary>Whether the run came to its end.</summary>
    public bool Finished { get; init; }

    /// <summary>Two sentences: what was done, and what came of it.</summary>
    public string Verdict { get; init; } = "";

    /// <summary>What the person asked for.</summary>
    public required RaiseOptions Asked { get; init; }

    /// <summary>What the dial made of it; null where the run stopped before.</summary>
    public RaisePlan? Plan { get; init; }

    /// <summary>Threads that worked; 0 where the run did not say.</summary>
    public int Threads { get; init; }

    /// <summary>Compute, data, breadth, duration, objective, conditioning, numerics.</summary>
    public IReadOnlyList<Ingredient> Ingredients { get; init; } = [];

    /// <summary>The stages that are complete.</summary>
    public IReadOnlyList<StageResult> Stages { get; init; } = [];

    /// <summary>Figures of pretraining, midtraining and SFT, over tokens seen.</summary>
    public IReadOnlyList<Curve> Learning { get; init; } = [];

    /// <summary>Figures of reinforcement learning, over its steps.</summary>
    public IReadOnlyList<Curve> Reinforcement { get; init; } = [];

    /// <summary>Exam scores after each stage.</summary>
    public IReadOnlyList<ExamScore> Exams { get; init; } = [];

    /// <summary>Accuracy by thinking budget.</summary>
    public IReadOnlyList<BudgetScore> Budgets { get; init; } = [];

    /// <summary>How far the model's confidence can be trusted.</summary>
    public CalibrationScore? Calibration { get; init; }

    /// <summary>What the model said while it learned.</summary>
    public IReadOnlyList<LearningSample> Samples { get; init; } = [];

    /// <summary>Rollouts of reinforcement learning with the credit of every token.</summary>
    public IReadOnlyList<RolloutSample> Rollouts { get; init; } = [];

    /// <summary>Time, operations, energy.</summary>
    public required RunCost Cost { get; init; }

    /// <summary>The checkpoints of the run, oldest first.</summary>
    public IReadOnlyList<CheckpointLink> Checkpoints { get; init; } = [];

    /// <summary>What could not be read.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>One of the seven things that make a model, with the run's figures.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Text">One line.</param>
public sealed record Ingredient(string Name, string Text);

/// <summary>A figure over a run.</summary>
/// <param name="Name">Its key in <c>metrics.jsonl</c>.</param>
/// <param name="Steps">Steps over all stages.</param>
/// <param name="X">Where each value is drawn: tokens seen before SFT's end, steps of the stage in reinforcement learning.</param>
/// <param name="Values">The values.</param>
public sealed record Curve(string Name, IReadOnlyList<double> Steps, IReadOnlyList<double> X, IReadOnlyList<double> Values);

/// <summary>The outcome of an exam after a stage: a line of <c>exams.jsonl</c>.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Exam">The exam.</param>
/// <param name="Split">Which questions: held-out, out-of-distribution, train.</param>
/// <param name="Questions">How many.</param>
/// <param name="Score">Mean score between 0 and 1.</param>
/// <param name="StandardError">Of the mean.</param>
/// <param name="Transcripts">Some of the answers.</param>
public sealed record ExamScore(string Stage, string Exam, string Split, int Questions, double Score, double StandardError, IReadOnlyList<ExamTranscript> Transcripts)
{
    /// <summary>Share of the questions that nobody can answer that were answered all the same; null where there were none.</summary>
    public double? WrongAndConfident { get; init; }
}

/// <summary>Accuracy under a thinking budget: an item of <c>budgets.json</c>.</summary>
/// <param name="Budget">The most tokens of thinking that were allowed.</param>
/// <param name="Tokens">Tokens that were used, in the mean.</param>
/// <param name="Score">Between 0 and 1.</param>
/// <param name="StandardError">Of the score.</param>
public sealed record BudgetScore(int Budget, double Tokens, double Score, double StandardError);

/// <summary>Calibration: <c>calibration.json</c>.</summary>
/// <param name="Ece">Expected calibration error (arXiv 1706.04599): the mean over answers of |confidence - accuracy| of their bin.</param>
/// <param name="Bins">The reliability diagram.</param>
/// <param name="WrongAndConfident">Share of the questions that nobody can answer that were answered all the same; null where not measured.</param>
public sealed record CalibrationScore(double Ece, IReadOnlyList<ReliabilityBin> Bins, double? WrongAndConfident);

/// <summary>Answers of similar confidence.</summary>
/// <param name="Confidence">Their mean confidence.</param>
/// <param name="Accuracy">The share of them that is right.</param>
/// <param name="Count">How many.</param>
public sealed record ReliabilityBin(double Confidence, double Accuracy, int Count);

/// <summary>What a model said while it learned.</summary>
/// <param name="Step">Step over all stages.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Text">The words.</param>
public sealed record LearningSample(long Step, string Stage, string Text);

/// <summary>A rollout: a line of <c>rollouts.jsonl</c>.</summary>
/// <param name="Step">Step over all stages.</param>
/// <param name="Task">The task set.</param>
/// <param name="Tokens">The whole conversation.</param>
/// <param name="Scores">Rewards by name.</param>
public sealed record RolloutSample(long Step, string Task, IReadOnlyList<RolloutToken> Tokens, IReadOnlyDictionary<string, double> Scores);

/// <summary>A token of a rollout.</summary>
/// <param name="Text">Its text.</param>
/// <param name="Author">Who wrote it; what the model did not write has no credit.</param>
/// <param name="Advantage">Its credit.</param>
public sealed record RolloutToken(string Text, string Author, double Advantage);

/// <summary>What a run cost.</summary>
/// <param name="Seconds">Wall-clock time of the whole run.</param>
/// <param name="TrainingSeconds">That of the stages.</param>
/// <param name="Tokens">Tokens learned from.</param>
/// <param name="Flops">Floating-point operations of learning, by the plan's count for a token.</param>
/// <param name="Watts">Power that is assumed.</param>
/// <param name="WattHours">Energy at that power.</param>
/// <param name="Assumption">Where the power comes from, in words.</param>
public sealed record RunCost(double Seconds, double TrainingSeconds, long Tokens, double Flops, double Watts, double WattHours, string Assumption);

/// <summary>A checkpoint in a run's lineage.</summary>
/// <param name="Model">name@version.</param>
/// <param name="Id">Its content id: SHA-256 over its files' hashes; null where the checkpoint is gone.</param>
/// <param name="Stage">The stage that made it, with steps, tokens, seed and the hashes of its data.</param>
public sealed record CheckpointLink(string? Model, string? Id, StageRecord Stage);
