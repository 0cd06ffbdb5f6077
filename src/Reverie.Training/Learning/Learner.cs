using System.Diagnostics;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>
/// The one learner: takes a batch in which each token has its weights, runs forward and backward, clips, and steps the optimizer.
/// </summary>
public sealed class Learner : IDisposable
{
    private readonly Transformer _model;
    private readonly IOptimizer _optimizer;
    private readonly IKernels _kernels;
    private readonly LearnerOptions _options;
    private readonly Arena _arena = new();
    private readonly Tape _tape, _scoring;
    private int[] _tokens = [];
    private Segment[] _segments = [];
    private float[] _logProbabilities = [];

    /// <summary>Creates a learner for a model; the caller keeps ownership of model, optimizer and kernels.</summary>
    public Learner(Transformer model, IOptimizer optimizer, IKernels kernels, LearnerOptions? options = null)
    {
        (_model, _optimizer, _kernels, _options) = (model, optimizer, kernels, options ?? new LearnerOptions());
        _tape = new Tape(kernels, _arena);
        _scoring = new Tape(kernels, _arena, recording: false);
        model.Parameters.AllocateGradients();
    }

    /// <summary>Batches without a single supervised token so far; they are skipped, never a NaN.</summary>
    public int SkippedBatches { get; internal set; }

    /// <summary>
    /// One step on a batch. The loss is the weighted mean over the batch, whatever the micro-batches.
    /// </summary>
    /// <exception cref="ReverieException">The loss is not finite; the parameters are those before the step.</exception>
    public StepReport Step(Batch batch, float learningRate)
    {
        long start = Stopwatch.GetTimestamp();
        double weight = 0;
        for (int i = 0; i < batch.TokenCount; i++) weight += Math.Abs(batch.CeWeights[i]);
        if (weight == 0)
        {
            SkippedBatches++;
            return new StepReport(0, 0, batch.TokenCount, 0, 0, 0, learningRate, Stopwatch.GetElapsedTime(start).TotalSeconds, true);
        }

        _kernels.Clear(_model.Parameters.Gradients!);
        Run(_tape, batch, batch.Weights, (float)(1 / weight));
        double loss = 0, nats = 0;
        for (int i = 0; i < batch.TokenCount; i++)
        {
            loss -= batch.CeWeights[i] * (double)_logProbabilities[i];
            if (batch.CeWeights[i] != 0) nats -= _logProbabilities[i];
        }

        double norm = Math.Sqrt(_kernels.SumOfSquares(_model.Parameters.Gradients!));
        if (!double.IsFinite(norm) || !double.IsFinite(loss))
            throw new ReverieException($"Training diverged at step {_optimizer.Steps + 1}: the loss is {loss / weight} and the gradient's norm {norm}. Lower the learning rate and resume from the last checkpoint.");
        _optimizer.Step(learningRate, norm > _options.ClipNorm ? (float)(_options.ClipNorm / norm) : 1f);
        return new StepReport(loss / weight, nats, batch.TokenCount, batch.SupervisedTokens, batch.Bytes, norm, learningRate, Stopwatch.GetElapsedTime(start).TotalSeconds, false);
    }

    /// <summary>Log-probabilities in nats of the targets of a batch, in its order; valid until the next call.</summary>
    public ReadOnlySpan<float> Score(Batch batch)
    {
        Run(_scoring, batch, null, 0);
        return _logProbabilities.AsSpan(0, batch.TokenCount);
    }

    /// <summary>Frees the activations.</summary>
    public void Dispose() => _arena.Dispose();

    private void Run(Tape tape, Batch batch, TokenWeights? weights, float scale)
    {
        if (_logProbabilities.Length < batch.TokenCount)
        {
            _tokens = new int[batch.Capacity];
            _segments = new Segment[batch.Capacity];
            _logProbabilities = new float[batch.Capacity];
        }

        for (int segment = 0; segment < batch.SegmentCount;)
        {
            int offset = batch.Segments[segment].Start, count = 0, segments = 0;
            do
            {
                _segments[segments] = new Segment(count, batch.Segments[segment].Length);
                count += _segments[segments++].Length;
                segment++;
            }
            while (segment < batch.SegmentCount && count + batch.Segments[segment].Length <= _options.MicroBatchTokens);

            batch.Tokens.AsSpan(offset, count).CopyTo(_tokens);
            Tensor hidden = _model.Forward(tape, _tokens, count, _segments, segments);
            Ops.TokenLoss(tape, hidden, _model.Head, batch.Targets, weights, offset, scale, _logProbabilities);
            if (tape.Recording) tape.Backward();
            tape.Reset();
        }
    }
}
