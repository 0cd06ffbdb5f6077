using Reverie.Models;

namespace Reverie.Evaluation;

/// <summary>What <c>run.json</c> holds.</summary>
internal sealed record RunRecord
{
    public required RaiseOptions Options { get; init; }

    /// <summary>What was asked of <c>train</c>; null where the run is one of <c>raise</c>.</summary>
    public TrainOptions? Train { get; init; }

    /// <summary>The plan, once it stands; a resumed run keeps it.</summary>
    public RaisePlan? Plan { get; init; }

    /// <summary>
    /// The plan as it stood first. It says how much text is generated, which may not change where a run goes on, while later stages
    /// are fitted to the time that is left.
    /// </summary>
    public RaisePlan? FirstPlan { get; init; }

    /// <summary>Threads that worked last.</summary>
    public int Threads { get; init; }

    /// <summary>Time used so far, over all resumptions.</summary>
    public double Seconds { get; init; }

    /// <summary>Stages that are complete.</summary>
    public IReadOnlyList<StageResult> Stages { get; init; } = [];

    /// <summary>The same, as they stand in the lineage.</summary>
    public IReadOnlyList<StageRecord> Lineage { get; init; } = [];

    /// <summary>Scores after each stage that was examined, by stage and exam.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Scores { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, double>>();

    /// <summary>The checkpoint after the last complete stage: name@version.</summary>
    public string? Model { get; init; }

    /// <summary>Its content id.</summary>
    public string? Parent { get; init; }

    public bool Finished { get; init; }
}
