using Reverie.Models;
using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>An exam that is set after a stage, always with the same tasks.</summary>
/// <param name="Tasks">The task set.</param>
/// <param name="Questions">How many of its held-out tasks.</param>
/// <param name="Sampling">How replies are drawn.</param>
internal sealed record PlannedExam(ITaskSet Tasks, int Questions, SamplingOptions Sampling)
{
    /// <summary>The name in scores and reports.</summary>
    public string Name { get; init; } = Tasks.Name;
}
