using System.Diagnostics;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>
/// The one training loop. Pretraining, midtraining, SFT and RL are plans for it: get a batch, take a step, now and then measure,
/// sample and save.
/// </summary>
public sealed class TrainingStage : IDisposable
{
    private readonly StagePlan _plan;
    private readonly Transformer _model;
    private readonly IOptimizer _optimizer;
    private readonly Learner _learner;
    private readonly IBatchSource _source;
    private readonly IReadOnlyList<TokenDataset> _heldOut;
    private readonly Batch _batch;
    private int _step;
    private long _tokens;
    private double _seconds;

    /// <summary>Prepares a stage; the caller keeps ownership of model, optimizer and kernels.</summary>
    /// <param name="plan">Every number of the stage.</param>
    /// <param name="model">What learns.</param>
    /// <param name="optimizer">How; its moments carry over from the stage before.</param>
    /// <param name="kernels">The arithmetic.</param>
    /// <param name="train">The training data by source; those that the plan's mixture names are read.</param>
    /// <param name="heldOut">The held-out data, measured in bits per byte.</param>
    /// <param name="seed">Fixes the order of the data.</param>
    /// <param name="options">Clipping and micro-batches.</param>
    /// <exception cref="ReverieException">The mixture names a source that is not there.</exception>
    public TrainingStage(StagePlan plan, Transformer model, IOptimizer optimizer, IKernels kernels, IReadOnlyList<TokenDataset> train,
        IReadOnlyList<TokenDataset> heldOut, ulong seed, LearnerOptions? options = null)
        : this(plan, model, optimizer, kernels, Open(plan, train, seed), heldOut, options) { }

    /// <summary>Prepares a stage that learns from any source; the stage disposes of the source.</summary>
    public TrainingStage(StagePlan plan, Transformer model, IOptimizer optimizer, IKernels kernels, IBatchSource source, IReadOnlyList<TokenDataset> heldOut, LearnerOptions? options = null)
    {
        (_plan, _model, _optimizer, _heldOut, _source) = (plan, model, optimizer, heldOut, source);
        _learner = new Learner(model, optimizer, kernels, options);
        source.Prepare(_learner);
        _batch = new Batch(Math.Max(plan.BatchTokens, plan.SequenceLength));
    }

    /// <summary>Steps taken so far.</summary>
    public int Step => _step;

    /// <summary>Tokens seen so far.</summary>
    public long Tokens => _tokens;

    /// <summary>Batches that had no supervised token.</summary>
    public int SkippedBatches => _learner.SkippedBatches;

    /// <summary>What the stage learns beside the model, which a resumed one restores before <see cref="Progress"/> is set.</summary>
    public IReadOnlyList<(string Name, Tensor Buffer)> Buffers => _source.Buffers;

    /// <summary>Where the stage stands; set it, with parameters and moments restored, to go on as if nothing had happened.</summary>
    /// <exception cref="ReverieException">The progress belongs to other data or settings.</exception>
    public StageProgress Progress
    {
        get => new(_plan.Name, _step, _optimizer.Steps, _tokens, _learner.SkippedBatches, _seconds, _source.State);
        set
        {
            _source.State = value.Data;
            (_step, _tokens, _seconds) = (value.Step, value.Tokens, value.Seconds);
            _optimizer.Steps = value.OptimizerSteps;
            _learner.SkippedBatches = value.SkippedBatches;
            // The head's optimizer belongs to the stage: it has stepped as often as a batch was learned from.
            if (_learner.ValueOptimizer is { } values) values.Steps = value.Step - value.SkippedBatches;
        }
    }

    /// <summary>Runs the stage to its end, or to the cancellation, at which the step under way is finished first.</summary>
    /// <param name="listeners">Whoever follows.</param>
    /// <param name="save">Called now and then, when the state is consistent, to keep <see cref="Progress"/>.</param>
    /// <param name="sample">Lets the model write; null for no samples.</param>
    /// <param name="cancellation">Stops cleanly after a step.</param>
    /// <returns>True when the stage is complete, false when it was cancelled.</returns>
    public bool Run(IReadOnlyList<IRunListener> listeners, Action? save, Func<Transformer, string>? sample, CancellationToken cancellation)
    {
        Schedule schedule = _plan.Schedule;
        if (_plan.Rollouts is not null && _step == 0) _optimizer.Reset();
        long started = Stopwatch.GetTimestamp();
        double before = _seconds;
        foreach (IRunListener listener in listeners) listener.StageStarted(_plan, _step);
        while (_step < _plan.Steps && (_plan.MaximumSeconds <= 0 || _seconds < _plan.MaximumSeconds))
        {
            if (cancellation.IsCancellationRequested && _source.IsResumable) return false;
            _source.Next(_batch);
            StepReport report = _learner.Step(_batch, schedule.At(Position), _source.Denominator);
            _source.Stepped(_learner);
            _step++;
            _tokens += report.Tokens;
            _seconds = before + Stopwatch.GetElapsedTime(started).TotalSeconds;
            foreach (IRunListener listener in listeners)
            {
                listener.Stepped(_plan, _step, report);
                if (_source.Rollouts is { } rollouts) listener.RolledOut(_plan, _step, rollouts);
            }

            if (_plan.EvaluateEvery > 0 && _step % _plan.EvaluateEvery == 0 && _step < _plan.Steps) Evaluate(listeners);
            if (_plan.SampleEvery > 0 && _step % _plan.SampleEvery == 0 && sample is not null)
            {
                string text = sample(_model);
                foreach (IRunListener listener in listeners) listener.Sampled(_plan, _step, text);
            }

            if (_source.IsResumable) save?.Invoke();
        }

        Evaluate(listeners);
        foreach (IRunListener listener in listeners) listener.StageFinished(_plan, _step, Stopwatch.GetElapsedTime(started));
        return true;
    }

    /// <summary>Frees the activations.</summary>
    public void Dispose()
    {
        _source.Dispose();
        _learner.Dispose();
    }

    /// <summary>Opens the text that a plan reads: that of its mixture, or what is rehearsed beside its episodes.</summary>
    /// <exception cref="ReverieException">The mixture names a source that is not there.</exception>
    public static MixtureReader Open(StagePlan plan, IReadOnlyList<TokenDataset> train, ulong seed)
    {
        IReadOnlyDictionary<string, double> mixture = plan.Rollouts?.Rehearsal?.Mixture ?? plan.Mixture;
        foreach (string name in mixture.Keys)
            if (train.All(d => d.Name != name))
                throw new ReverieException($"The mixture of {plan.Name} names {name}, which is not among the data: {string.Join(", ", train.Select(d => d.Name))}.");
        return new MixtureReader([.. train.Where(d => mixture.ContainsKey(d.Name)).Select(d => new MixtureSource(d, mixture[d.Name]))],
            plan.SequenceLength, seed, plan.Loss);
    }

    /// <summary>Episodes of a plan, with what it rehearses beside them.</summary>
    /// <param name="plan">The stage.</param>
    /// <param name="episodes">Its episodes; disposed of with what is returned.</param>
    /// <param name="train">The text, for plans that rehearse some.</param>
    /// <param name="seed">Fixes the order of the text.</param>
    /// <exception cref="ReverieException">The mixture names a source that is not there, or the episodes have no model to compare with.</exception>
    public static IBatchSource Rehearse(StagePlan plan, RolloutReader episodes, IReadOnlyList<TokenDataset> train, ulong seed) =>
        plan.Rollouts?.Rehearsal is { } rehearsal ? new RehearsingReader(episodes, Open(plan, train, seed), episodes.Start ?? throw new ReverieException("What is rehearsed is compared with the model at the start, and there is none. Name one as the reference."), rehearsal)
            : episodes;

    /// <summary>Where the schedule stands. A stage that the clock ends stands where the clock does: nobody knows how many steps it will be.</summary>
    private int Position => _plan.MaximumSeconds > 0 && _step > _plan.WarmupSteps ? Math.Max(_step, (int)(_seconds / _plan.MaximumSeconds * _plan.Steps)) : _step;

    private void Evaluate(IReadOnlyList<IRunListener> listeners)
    {
        if (_heldOut.Count == 0) return;
        var result = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (TokenDataset data in _heldOut) result[data.Name] = BitsPerByte.Measure(_learner, data, _plan.SequenceLength, _plan.EvaluationTokens, _batch);
        foreach (IRunListener listener in listeners) listener.Evaluated(_plan, _step, result);
    }
}
