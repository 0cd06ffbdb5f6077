using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>
/// Episodes with, in every batch, some of what was imitated before them: a policy that is paid for a few tasks alone forgets the
/// others. The gradient of the mean imitation loss of the text is added to that of the episodes (PPO-ptx of arXiv 2203.02155).
/// </summary>
public sealed class RehearsingReader : IBatchSource
{
    private readonly IBatchSource _episodes, _text;
    private readonly Batch _rehearsed;
    private readonly double _weight;

    /// <summary>Joins two sources, which are disposed of with this one.</summary>
    /// <param name="episodes">What is reinforced; its weights stay as they are.</param>
    /// <param name="text">What is rehearsed.</param>
    /// <param name="plan">How much of the text a batch has, and what it counts.</param>
    /// <exception cref="ReverieException">The weight is not a number above 0.</exception>
    public RehearsingReader(IBatchSource episodes, IBatchSource text, RehearsalPlan plan)
    {
        if (!double.IsFinite(plan.Weight) || plan.Weight <= 0) throw new ReverieException($"What is rehearsed has a weight of {plan.Weight}; give a number above 0, or rehearse nothing.");
        (_episodes, _text, _weight, _rehearsed) = (episodes, text, plan.Weight, new Batch(plan.Tokens));
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
    public void Prepare(Learner learner) => _episodes.Prepare(learner);

    /// <inheritdoc/>
    public void Next(Batch batch)
    {
        _episodes.Next(batch);
        _text.Next(_rehearsed);
        double sum = 0;
        for (int i = 0; i < _rehearsed.TokenCount; i++) sum += Math.Abs(_rehearsed.CeWeights[i]);
        if (sum > 0) batch.Append(_rehearsed, (float)(_weight / sum));
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
