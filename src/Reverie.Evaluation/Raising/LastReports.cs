using Reverie.Training;

namespace Reverie.Evaluation;

/// <summary>Remembers the newest figures of a run for its result.</summary>
internal sealed class LastReports : IRunListener
{
    private const double Smoothing = 0.05;

    /// <summary>Mean loss of the last steps, exponentially weighted.</summary>
    public double Loss { get; private set; }

    public IReadOnlyDictionary<string, double> BitsPerByte { get; private set; } = new Dictionary<string, double>();

    public void StageStarted(StagePlan plan, int firstStep) => Loss = double.NaN;

    public void Stepped(StagePlan plan, int step, in StepReport report)
    {
        if (!report.Skipped) Loss = double.IsNaN(Loss) ? report.Loss : Loss + Smoothing * (report.Loss - Loss);
    }

    public void Evaluated(StagePlan plan, int step, IReadOnlyDictionary<string, double> bitsPerByte) => BitsPerByte = bitsPerByte;

    public void Sampled(StagePlan plan, int step, string text) { }

    public void StageFinished(StagePlan plan, int steps, TimeSpan elapsed) { }
}
