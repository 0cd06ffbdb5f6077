using Reverie.Tensors;

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

    /// <summary>Compare with the teacher by KL(model || teacher) instead of KL(teacher || model); see <see cref="Teacher.Reverse"/>.</summary>
    public bool ReverseKl { get; init; }

    /// <summary>The loss of predicted values.</summary>
    public ValueLoss ValueLoss { get; init; }

    /// <summary>Factor on the gradient that values send into the model; 0 trains the value head alone.</summary>
    public float ValueGradient { get; init; } = 1f;

    /// <summary>Factor on the learning rate of the value head.</summary>
    public float ValueRate { get; init; } = 1f;
}
