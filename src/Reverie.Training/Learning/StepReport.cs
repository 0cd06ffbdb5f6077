namespace Reverie.Training;

/// <summary>What one step of the learner did.</summary>
/// <param name="Loss">The sum of the channels' losses.</param>
/// <param name="Nats">Summed cross-entropy of the tokens that imitate.</param>
/// <param name="Tokens">Tokens that went through the model.</param>
/// <param name="SupervisedTokens">Tokens with a weight in any channel.</param>
/// <param name="Bytes">UTF-8 bytes of the supervised tokens.</param>
/// <param name="GradientNorm">Global norm before clipping, without the value head's.</param>
/// <param name="LearningRate">Rate used.</param>
/// <param name="Seconds">Wall-clock time.</param>
/// <param name="Skipped">True where no token had a weight: nothing was learnt.</param>
public readonly record struct StepReport(
    double Loss, double Nats, int Tokens, int SupervisedTokens, long Bytes, double GradientNorm, float LearningRate, double Seconds, bool Skipped)
{
    /// <summary>What the sums of the losses were divided by.</summary>
    public double Denominator { get; init; }

    /// <summary>Loss of imitation: the sum of -Ce log p over the denominator.</summary>
    public double CeLoss { get; init; }

    /// <summary>Loss of reinforcement: the sum of -Rl log p over the denominator. Its gradient means something, its value little.</summary>
    public double RlLoss { get; init; }

    /// <summary>Loss of the comparison with the teacher: the sum of Kl divergence over the denominator.</summary>
    public double KlLoss { get; init; }

    /// <summary>Loss of the values: the sum of ValueWeight loss over the denominator.</summary>
    public double ValueLoss { get; init; }

    /// <summary>Mean divergence from the teacher in nats, over the tokens that have a weight for it.</summary>
    public double MeanDivergence { get; init; }

    /// <summary>Mean entropy in nats over the supervised tokens; 0 where it was not measured, as without a channel Rl.</summary>
    public double MeanEntropy { get; init; }

    /// <summary>Largest entropy of a supervised token in nats; 0 where it was not measured.</summary>
    public double MaxEntropy { get; init; }
}
