namespace Reverie.Training;

/// <summary>Whoever follows a run: the terminal, the metrics file, TensorBoard. Called on the training thread; be brief.</summary>
public interface IRunListener
{
    /// <summary>A stage begins, at <paramref name="firstStep"/> when it is resumed.</summary>
    void StageStarted(StagePlan plan, int firstStep);

    /// <summary>A step was taken; <paramref name="step"/> counts from 1.</summary>
    void Stepped(StagePlan plan, int step, in StepReport report);

    /// <summary>Episodes were played for the step that was just taken.</summary>
    void RolledOut(StagePlan plan, int step, RolloutReport report) { }

    /// <summary>Bits per byte on held-out text by source.</summary>
    void Evaluated(StagePlan plan, int step, IReadOnlyDictionary<string, double> bitsPerByte);

    /// <summary>The model wrote something.</summary>
    void Sampled(StagePlan plan, int step, string text);

    /// <summary>The stage is over after <paramref name="steps"/> steps.</summary>
    void StageFinished(StagePlan plan, int steps, TimeSpan elapsed);
}
