using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>
/// Text as another source reads it, of which a model learns what a teacher would say at each place instead of what stands there
/// (arXiv 1503.02531): the weights of imitation become those of the divergence from the teacher.
/// </summary>
/// <param name="text">The source; disposed of with this one.</param>
/// <param name="teacher">The teacher, of the same tokenizer; the caller's.</param>
public sealed class DistillingReader(IBatchSource text, Transformer teacher) : IBatchSource
{
    private float[] _divergence = [];

    /// <inheritdoc/>
    public double? Denominator => text.Denominator;

    /// <inheritdoc/>
    public MixtureState State
    {
        get => text.State;
        set => text.State = value;
    }

    /// <inheritdoc/>
    public bool IsResumable => text.IsResumable;

    /// <inheritdoc/>
    public RolloutReport? Rollouts => text.Rollouts;

    /// <inheritdoc/>
    public void Prepare(Learner learner) => learner.Teacher = teacher;

    /// <inheritdoc/>
    public void Next(Batch batch)
    {
        text.Next(batch);
        if (_divergence.Length < batch.Capacity) _divergence = new float[batch.Capacity];
        TokenWeights weights = batch.Weights;
        weights.Ce.AsSpan(0, batch.TokenCount).CopyTo(_divergence);
        weights.Ce.AsSpan(0, batch.TokenCount).Clear();
        weights.Kl = _divergence;
    }

    /// <inheritdoc/>
    public void Stepped(Learner learner) => text.Stepped(learner);

    /// <inheritdoc/>
    public void Dispose() => text.Dispose();
}
