namespace Reverie.Training;

/// <summary>Where a stage stands: with the parameters and the optimizer's moments, all that a resumed stage needs.</summary>
/// <param name="Stage">Name of the stage.</param>
/// <param name="Step">Steps taken in it.</param>
/// <param name="OptimizerSteps">Steps of the optimizer, over all stages.</param>
/// <param name="Tokens">Tokens seen in the stage.</param>
/// <param name="SkippedBatches">Batches without a supervised token.</param>
/// <param name="Seconds">Time spent in the stage.</param>
/// <param name="Data">Where the reader stands.</param>
public sealed record StageProgress(string Stage, int Step, int OptimizerSteps, long Tokens, int SkippedBatches, double Seconds, MixtureState Data);
