using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>
/// Episodes with, in every batch, some of what was imitated before them: a policy that is paid for a few tasks alone forgets the
/// others. Two gradients on the text are added to that of the episodes: of the mean imitation loss (PPO-ptx of arXiv 2203.02155), which goes on
/// teaching, and of the mean divergence KL(start || policy) (arXiv 1606.09282), which says of each token all that the model thought of it before.
/// </summary>
public sealed class RehearsingReader : IBatchSource
{
    private readonly IBatchSource _episodes, _text;
    private readonly Batch _rehearsed;
    private readonly Transformer _start;
    private readonly RehearsalPlan _plan;

    /// <summary>Joins two sources, which are disposed of with this one.</summary>
    /// <param name="episodes">What is reinforced; its weights stay as they are.</param>
    /// <param name="text">What is rehearsed.</param>
    /// <param name="start">The model as it was when the stage began; the caller's.</param>
    /// <param name="plan">How much of the text a batch has, and what it counts.</param>
    /// <exception cref="ReverieException">A weight is not a number above 0.</exception>
    public RehearsingReader(IBatchSource episodes, IBatchSource text, Transformer start, RehearsalPlan plan)
    {
        if (!double.IsFinite(plan.Imitation + plan.Divergence) || plan.Imitation <= 0 || plan.Divergence <= 0)
            throw new ReverieException($"What is rehearsed has the weights {plan.Imitation} and {plan.Divergence}; give numbers above 0, or rehearse nothing.");
        (_episodes, _text, _start, _plan, _rehearsed) = (episodes, text, start, plan, new Batch(plan.Tokens));
    }

    /// <inheritdoc/>
    public double? Denominator => _episodes.Denominator;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Tensor Buffer)> Buffers => _episodes.Buffers;

    /// <inheritdoc/>
    public RolloutReport? Rollouts => _episodes.Rollouts;

    /// <inheritdoc/>
    public bool IsResumable => _episodes.IsResumable && _text.IsResumable;

    /// <inheritdoc/>
    public MixtureState State
    {
        get => _episodes.State with { Sources = [.. _episodes.State.Sources, .. _text.State.Sources] };
        set
        {
            int own = _episodes.State.Sources.Count;
            _episodes.State = value with { Sources = [.. value.Sources.Take(own)] };
            _text.State = _text.State with { Sources = [.. value.Sources.Skip(own)] };
        }
    }

    /// <inheritdoc/>
    public void Prepare(Learner learner)
    {
        _episodes.Prepare(learner);
        // A rule that learns from a teacher learns from it on the text as well.
        learner.Teacher ??= _start;
    }

    /// <inheritdoc/>
    public void Next(Batch batch)
    {
        _episodes.Next(batch);
        _text.Next(_rehearsed);
        double sum = 0;
        for (int i = 0; i < _rehearsed.TokenCount; i++) sum += Math.Abs(_rehearsed.CeWeights[i]);
        if (sum > 0) batch.Append(_rehearsed, (float)(_plan.Imitation / sum), (float)(_plan.Divergence / sum));
    }

    /// <inheritdoc/>
    public void Stepped(Learner learner) => _episodes.Stepped(learner);

    /// <inheritdoc/>
    public void Dispose()
    {
        _episodes.Dispose();
        _text.Dispose();
    }
}
