namespace Reverie.Training;

/// <summary>Settings of the learner that are not the credit rule's.</summary>
public sealed record LearnerOptions
{
    /// <summary>Largest global norm of the gradient; longer ones are scaled down.</summary>
    public float ClipNorm { get; init; } = 1f;

    /// <summary>
    /// Tokens that go forward and backward at once. Gradients add up over the parts of a batch in order, so this bounds memory
    /// and keeps activations near the cache; it is a fixed number, never derived from the machine, because it fixes the order of sums.
    /// </summary>
    public int MicroBatchTokens { get; init; } = 2048;
}
