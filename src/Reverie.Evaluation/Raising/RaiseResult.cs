namespace Reverie.Evaluation;

/// <summary>What came of raising a model: the object that <c>raise --json</c> ends with.</summary>
/// <param name="Model">Name and version, as <c>chat</c> takes them.</param>
/// <param name="Folder">Where the checkpoint is.</param>
/// <param name="Run">The run's id.</param>
/// <param name="Seconds">Time of the whole command, over all its resumptions.</param>
/// <param name="Parameters">Number of parameters.</param>
/// <param name="Tokens">Tokens seen in all stages.</param>
/// <param name="BitsPerByte">On held-out text, by source.</param>
/// <param name="Scores">Held-out exam scores between 0 and 1.</param>
/// <param name="Stages">What each stage did.</param>
public sealed record RaiseResult(
    string Model, string Folder, string Run, double Seconds, long Parameters, long Tokens,
    IReadOnlyDictionary<string, double> BitsPerByte, IReadOnlyDictionary<string, double> Scores, IReadOnlyList<StageResult> Stages)
{
    /// <summary>The scores after each stage, by stage and exam.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> ScoresByStage { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, double>>();
}

/// <summary>What a stage did.</summary>
/// <param name="Name">The stage.</param>
/// <param name="Steps">Steps taken.</param>
/// <param name="Tokens">Tokens seen.</param>
/// <param name="Seconds">Time it took.</param>
/// <param name="Loss">Mean loss of its last steps, in nats a token.</param>
/// <param name="SkippedBatches">Batches without a supervised token.</param>
public sealed record StageResult(string Name, int Steps, long Tokens, double Seconds, double Loss, int SkippedBatches);
