namespace Reverie.Training;

/// <summary>What one step of the learner did.</summary>
/// <param name="Loss">Mean weighted loss of the supervised tokens in nats.</param>
/// <param name="Nats">Summed cross-entropy of the supervised tokens.</param>
/// <param name="Tokens">Tokens that went through the model.</param>
/// <param name="SupervisedTokens">Tokens with a weight.</param>
/// <param name="Bytes">UTF-8 bytes of the supervised tokens.</param>
/// <param name="GradientNorm">Global norm before clipping.</param>
/// <param name="LearningRate">Rate used.</param>
/// <param name="Seconds">Wall-clock time.</param>
/// <param name="Skipped">True where no token had a weight: nothing was learnt.</param>
public readonly record struct StepReport(
    double Loss, double Nats, int Tokens, int SupervisedTokens, long Bytes, double GradientNorm, float LearningRate, double Seconds, bool Skipped);
