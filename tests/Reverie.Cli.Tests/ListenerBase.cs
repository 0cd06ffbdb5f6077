using Reverie.Evaluation;
using Reverie.Training;

namespace Reverie.Cli.Tests;

/// <summary>Told of everything, whatever it is.</summary>
internal abstract class ListenerBase : IRaiseListener
{
    public void Progressed(string phase, double fraction, string detail) => Told();

    public void Planned(RaisePlan plan, bool resumed) => Told();

    public void StageStarted(StagePlan plan, int firstStep) => Told();

    public void Stepped(StagePlan plan, int step, in StepReport report) => Told();

    public void Evaluated(StagePlan plan, int step, IReadOnlyDictionary<string, double> bitsPerByte) => Told();

    public void Sampled(StagePlan plan, int step, string text) => Told();

    public void StageFinished(StagePlan plan, int steps, TimeSpan elapsed) => Told();

    public void Examined(string stage, ExamResult result) => Told();

    public void Saved(string model, string folder) => Told();

    protected abstract void Told();
}
