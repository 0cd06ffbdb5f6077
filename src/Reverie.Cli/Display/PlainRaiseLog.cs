using Reverie.Evaluation;
using Reverie.Training;

namespace Reverie.Cli.Display;

/// <summary>Tells a run in plain lines, for files, pipes and CI: a line for each event and one every few seconds of training.</summary>
/// <param name="writer">Where to.</param>
/// <param name="progress">Knows the smoothed figures; must be told before this.</param>
/// <param name="interval">Time between two lines about steps.</param>
/// <param name="clock">Measures it.</param>
internal sealed class PlainRaiseLog(TextWriter writer, RaiseProgress progress, TimeSpan interval, TimeProvider? clock = null) : IRaiseListener
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private string _phase = "";
    private long _lastLine;

    /// <inheritdoc/>
    public void Progressed(string phase, double fraction, string detail)
    {
        if (phase == _phase && _clock.GetElapsedTime(_lastLine) < interval) return;
        Write(phase, (double.IsNaN(fraction) ? "" : Figures.Percent(fraction) + "  ") + detail);
    }

    /// <inheritdoc/>
    public void Planned(RaisePlan plan, bool resumed)
    {
        if (resumed) Write("plan", $"resuming run {plan.Run}");
    }

    /// <inheritdoc/>
    public void StageStarted(StagePlan plan, int firstStep) =>
        Write(plan.Name, (plan.Rollouts is { } rollouts ? $"{rollouts.Prompts} tasks of {rollouts.GroupSize} episodes a step, credit by {rollouts.Credit}" : $"{Figures.Whole(plan.Steps)} steps of {Figures.Whole(plan.BatchTokens)} tokens") + (firstStep > 0 ? $", resumed at step {Figures.Whole(firstStep)}" : ""));

    /// <inheritdoc/>
    public void Stepped(StagePlan plan, int step, in StepReport report)
    {
        if (plan.Rollouts is not null || step < plan.Steps && _clock.GetElapsedTime(_lastLine) < interval) return;
        RaiseSnapshot now = progress.Snapshot();
        Phase? phase = now.Phases.FirstOrDefault(p => p.Name == plan.Name);
        string left = phase is { SecondsLeft: > 0 } ? $"  {Figures.Clock(phase.SecondsLeft)} left" : "";
        string ceiling = double.IsNaN(now.Utilisation) ? "" : $"  {Figures.Percent(now.Utilisation)} of ceiling";
        Write(plan.Name, $"step {step}/{plan.Steps}  loss {now.Loss:F3}  {Figures.Whole(now.TokensPerSecond)} tokens/s{ceiling}  rate {Figures.Rate(report.LearningRate)}  gradient {Figures.ThreeDigits(report.GradientNorm)}{left}");
    }

    /// <inheritdoc/>
    public void RolledOut(StagePlan plan, int step, RolloutReport report)
    {
        if (step > 1 && step < plan.Steps && _clock.GetElapsedTime(_lastLine) < interval) return;
        Write(plan.Name, $"step {step}  " + string.Join("  ", RolloutFigures.Of(report)));
    }

    /// <inheritdoc/>
    public void Evaluated(StagePlan plan, int step, IReadOnlyDictionary<string, double> bitsPerByte) =>
        Write(plan.Name, "bits per byte  " + string.Join("  ", bitsPerByte.Select(b => $"{b.Key} {b.Value:F3}")));

    /// <inheritdoc/>
    public void Sampled(StagePlan plan, int step, string text) => Write(plan.Name, "sample  " + RaiseFrame.Printable(text));

    /// <inheritdoc/>
    public void StageFinished(StagePlan plan, int steps, TimeSpan elapsed) => Write(plan.Name, $"done in {Figures.Duration(elapsed.TotalSeconds)}");

    /// <inheritdoc/>
    public void Examined(string stage, ExamResult result) =>
        Write("exams", $"{Train.When(stage)}  {result.Name}  {Figures.Percent(result.Score, 1)} ± {Figures.Percent(result.StandardError, 1)} of {result.Questions}");

    /// <inheritdoc/>
    public void Saved(string model, string folder) => Write("saved", $"{model}  {folder}");

    private void Write(string phase, string text)
    {
        (_phase, _lastLine) = (phase, _clock.GetTimestamp());
        writer.WriteLine($"{Figures.Clock(progress.Snapshot().ElapsedSeconds),6}  {phase,-10} {text}");
    }
}
