using System.Diagnostics;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>
/// The one learner: takes a batch in which each token has its weights, runs forward and backward, clips, and steps the optimizer.
/// What is trained is the set that the optimizer was made for; the rest of the model is frozen.
/// </summary>
public sealed class Learner : IDisposable
{
    private readonly Transformer _model;
    private readonly IOptimizer? _optimizer;
    private readonly IKernels _kernels;
    private readonly LearnerOptions _options;
    private readonly Arena _arena = new();
    private readonly Tape _tape, _scoring;
    private Arena? _teacherArena;
    private Tape? _teaching;
    private MergedAdapter? _merged;
    private int[] _tokens = [];
    private Segment[] _segments = [];
    private float[] _logProbabilities = [], _entropies = [], _divergences = [], _values = [];

    /// <summary>Creates a learner for a model; the caller keeps ownership of model, optimizer and kernels.</summary>
    public Learner(Transformer model, IOptimizer optimizer, IKernels kernels, LearnerOptions? options = null) : this(model, kernels, options)
    {
        _optimizer = optimizer;
        optimizer.Parameters.AllocateGradients();
        FreezeTheRest();
    }

    /// <summary>Creates a learner that only scores: no gradients, no optimizer.</summary>
    public Learner(Transformer model, IKernels kernels, LearnerOptions? options = null)
    {
        (_model, _kernels, _options) = (model, kernels, options ?? new LearnerOptions());
        _tape = new Tape(kernels, _arena);
        _scoring = new Tape(kernels, _arena, recording: false);
    }

    /// <summary>
    /// The model that batches with a channel Kl are compared with; the caller's. The learner's own model stands for itself without
    /// its adapter: where training began.
    /// </summary>
    public Transformer? Teacher { get; set; }

    /// <summary>Predicts a value for each token; null where nobody asks. The caller's.</summary>
    public ValueHead? ValueHead { get; set; }

    /// <summary>Trains <see cref="ValueHead"/>; null leaves the head as it is. Its gradient is clipped on its own. The caller's.</summary>
    public IOptimizer? ValueOptimizer { get; set; }

    /// <summary>Batches without a single supervised token so far; they are skipped, never a NaN.</summary>
    public int SkippedBatches { get; internal set; }

    /// <summary>Log-probabilities in nats of the targets of the last batch, before the step; valid until the next call.</summary>
    public ReadOnlySpan<float> LogProbabilities => _logProbabilities.AsSpan(0, Count);

    /// <summary>Entropies in nats of the last batch's distributions; empty where they were not measured.</summary>
    public ReadOnlySpan<float> Entropies => _entropies.AsSpan(0, HasEntropies ? Count : 0);

    /// <summary>Divergences in nats from the teacher; empty where they were not measured.</summary>
    public ReadOnlySpan<float> Divergences => _divergences.AsSpan(0, HasDivergences ? Count : 0);

    /// <summary>Predicted values, before each target is chosen; empty without a <see cref="ValueHead"/>.</summary>
    public ReadOnlySpan<float> Values => _values.AsSpan(0, HasValues ? Count : 0);

    private int Count { get; set; }

    private bool HasEntropies { get; set; }

    private bool HasDivergences { get; set; }

    private bool HasValues { get; set; }

    /// <summary>
    /// One step on a batch: the gradient of the sum of its weighted losses over a denominator, whatever the micro-batches.
    /// Entropies are measured where the batch has a channel Rl.
    /// </summary>
    /// <param name="batch">The tokens and their weights.</param>
    /// <param name="learningRate">Step size.</param>
    /// <param name="denominator">
    /// What the sum is divided by. By default the sum of |Ce|, which makes the loss a weighted mean; without any Ce, that of the
    /// other channels' weights. Reinforcement passes a constant, so that a batch's length does not change what a token weighs.
    /// </param>
    /// <exception cref="ReverieException">The loss is not finite, or the teacher has another vocabulary; the parameters are those before the step.</exception>
    /// <exception cref="InvalidOperationException">The learner has no optimizer, or the batch asks for a teacher or a value head that is not there, or the optimizer's parameters are not in the model.</exception>
    public StepReport Step(Batch batch, float learningRate, double? denominator = null)
    {
        long start = Stopwatch.GetTimestamp();
        if (_optimizer is null) throw new InvalidOperationException("This learner was made to score only: give it an optimizer.");
        if (denominator is <= 0 or double.NaN) throw new ArgumentOutOfRangeException(nameof(denominator), denominator, "The denominator must be above 0.");
        TokenWeights weights = batch.Weights;
        double weight = 0, others = 0;
        int supervised = 0;
        for (int i = 0; i < batch.TokenCount; i++)
        {
            weight += Math.Abs(weights.Ce[i]);
            others += Math.Abs(weights.Rl?[i] ?? 0) + Math.Abs(weights.Kl?[i] ?? 0) + Math.Abs(weights.ValueWeights?[i] ?? 0);
            if (batch.IsSupervised(i)) supervised++;
        }

        if (supervised == 0)
        {
            SkippedBatches++;
            return new StepReport(0, 0, batch.TokenCount, 0, 0, 0, learningRate, Stopwatch.GetElapsedTime(start).TotalSeconds, true);
        }

        if (weights.Kl is not null && Teacher is null) throw new InvalidOperationException("The batch has a channel Kl and the learner no Teacher.");
        if (weights.ValueWeights is not null && ValueHead is null) throw new InvalidOperationException("The batch has a channel of values and the learner no ValueHead.");
        double by = denominator ?? (weight > 0 ? weight : others);
        if (!ReferenceEquals(_optimizer.Parameters, _model.Parameters) && !ReferenceEquals(_optimizer.Parameters, _model.Adapter?.Parameters))
            throw new InvalidOperationException("The optimizer was made for an adapter that is not the model's: set Transformer.Adapter.");
        FreezeTheRest();
        _kernels.Clear(_optimizer.Parameters.Gradients!);
        if (ValueOptimizer is not null) _kernels.Clear(ValueOptimizer.Parameters.Gradients!);
        if (ReferenceEquals(_optimizer.Parameters, _model.Adapter?.Parameters)) (_merged ??= new MergedAdapter(_model, _model.Adapter, _kernels)).Begin(batch.TokenCount);
        try
        {
            Run(_tape, batch, weights, (float)(1 / by), entropies: weights.Rl is not null, divergences: weights.Kl is not null);
        }
        finally
        {
            _merged?.End();
        }

        StepReport report = Sum(batch, by) with { Tokens = batch.TokenCount, SupervisedTokens = supervised, Bytes = batch.Bytes, LearningRate = learningRate };
        double norm = Norm(_optimizer), valueNorm = ValueOptimizer is null ? 0 : Norm(ValueOptimizer);
        if (!double.IsFinite(norm) || !double.IsFinite(valueNorm) || !double.IsFinite(report.Loss))
            throw new ReverieException($"Training diverged at step {_optimizer.Steps + 1}: the loss is {report.Loss} and the gradient's norm {norm}. Lower the learning rate and resume from the last checkpoint.");
        _optimizer.Step(learningRate, Clip(norm));
        ValueOptimizer?.Step(learningRate * _options.ValueRate, Clip(valueNorm));
        return report with { GradientNorm = norm, Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds };
    }

    /// <summary>
    /// Log-probabilities in nats of the targets of a batch, in its order; valid until the next call. Values come beside them
    /// where there is a <see cref="ValueHead"/>.
    /// </summary>
    /// <param name="batch">The tokens; their weights do not matter.</param>
    /// <param name="entropies">Whether to measure <see cref="Entropies"/>.</param>
    /// <param name="divergences">Whether to measure <see cref="Divergences"/> from the <see cref="Teacher"/>, for every token.</param>
    /// <exception cref="InvalidOperationException">Divergences are asked for and there is no teacher.</exception>
    public ReadOnlySpan<float> Score(Batch batch, bool entropies = false, bool divergences = false)
    {
        if (divergences && Teacher is null) throw new InvalidOperationException("Divergences need a Teacher.");
        Run(_scoring, batch, null, 0, entropies, divergences);
        return LogProbabilities;
    }

    /// <summary>Frees the activations.</summary>
    public void Dispose()
    {
        _arena.Dispose();
        _teacherArena?.Dispose();
        _merged?.Dispose();
    }

    private double Norm(IOptimizer optimizer) => Math.Sqrt(_kernels.SumOfSquares(optimizer.Parameters.Gradients!));

    private float Clip(double norm) => norm > _options.ClipNorm ? (float)(_options.ClipNorm / norm) : 1f;

    /// <summary>What is not trained has no gradients.</summary>
    private void FreezeTheRest()
    {
        if (_model.Adapter is { } adapter && !ReferenceEquals(_optimizer!.Parameters, adapter.Parameters) && !adapter.Parameters.IsFrozen) adapter.Parameters.Freeze();
        if (!ReferenceEquals(_optimizer!.Parameters, _model.Parameters) && !_model.Parameters.IsFrozen) _model.Parameters.Freeze();
        if (ValueHead is { } head && ValueOptimizer is null && !head.Parameters.IsFrozen) head.Parameters.Freeze();
        if (_optimizer.Parameters.Gradients is null || (ValueOptimizer is not null && ValueOptimizer.Parameters.Gradients is null))
            throw new InvalidOperationException("What this learner trains was frozen since: make a new optimizer and learner.");
    }

    /// <summary>The losses by channel.</summary>
    private StepReport Sum(Batch batch, double denominator)
    {
        TokenWeights weights = batch.Weights;
        double ce = 0, nats = 0, rl = 0, kl = 0, values = 0, entropy = 0, largest = 0, divergence = 0;
        int compared = 0, measured = 0;
        for (int i = 0; i < batch.TokenCount; i++)
        {
            double logProbability = _logProbabilities[i];
            ce -= weights.Ce[i] * logProbability;
            if (weights.Ce[i] != 0) nats -= logProbability;
            if (weights.Rl is not null) rl -= weights.Rl[i] * logProbability;
            if (weights.Kl is not null && weights.Kl[i] != 0)
            {
                kl += weights.Kl[i] * (double)_divergences[i];
                divergence += _divergences[i];
                compared++;
            }

            if (weights.ValueWeights is not null && weights.ValueWeights[i] != 0) values += weights.ValueWeights[i] * ValueLossOf(_values[i], weights.ValueTargets![i]);
            if (!HasEntropies || !batch.IsSupervised(i)) continue;
            entropy += _entropies[i];
            largest = Math.Max(largest, _entropies[i]);
            measured++;
        }

        return new StepReport((ce + rl + kl + values) / denominator, nats, 0, 0, 0, 0, 0, 0, false)
        {
            Denominator = denominator,
            CeLoss = ce / denominator,
            RlLoss = rl / denominator,
            KlLoss = kl / denominator,
            ValueLoss = values / denominator,
            MeanDivergence = divergence / Math.Max(compared, 1),
            MeanEntropy = entropy / Math.Max(measured, 1),
            MaxEntropy = largest,
        };
    }

    private double ValueLossOf(double value, double target) => _options.ValueLoss == ValueLoss.CrossEntropy
        ? Math.Max(value, 0) + Math.Log(1 + Math.Exp(-Math.Abs(value))) - target * value
        : (value - target) * (value - target) / 2;

    private void Run(Tape tape, Batch batch, TokenWeights? weights, float scale, bool entropies, bool divergences)
    {
        (Count, HasEntropies, HasDivergences, HasValues) = (batch.TokenCount, entropies, divergences, ValueHead is not null);
        Reserve(ref _tokens, batch.Capacity, true);
        Reserve(ref _segments, batch.Capacity, true);
        Reserve(ref _logProbabilities, batch.Capacity, true);
        Reserve(ref _entropies, batch.Capacity, entropies);
        Reserve(ref _divergences, batch.Capacity, divergences);
        Reserve(ref _values, batch.Capacity, HasValues);

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
            // Where a part of the batch is not compared, the teacher need not read it.
            bool compares = divergences && (weights?.Kl is not { } kl || kl.AsSpan(offset, count).ContainsAnyExcept(0f));
            if (divergences && !compares) _divergences.AsSpan(offset, count).Clear();
            Teacher? teacher = compares ? Teach(count, segments) : null;
            Tensor hidden = _model.Forward(tape, _tokens, count, _segments, segments);
            Ops.TokenLoss(tape, hidden, _model.Head, batch.Targets, weights, offset, scale, _logProbabilities, entropies ? _entropies : null, teacher);
            if (ValueHead is { } head) Ops.ValueLoss(tape, hidden, head.Weight, weights, offset, scale, _options.ValueLoss, _options.ValueGradient, _values);
            if (tape.Recording) tape.Backward();
            tape.Reset();
            _teaching?.Reset();
        }
    }

    /// <summary>The teacher's hidden states for the tokens at hand, in an arena of their own.</summary>
    private Teacher Teach(int count, int segments)
    {
        if (Teacher!.Config.VocabularySize != _model.Config.VocabularySize)
            throw new ReverieException($"The teacher knows {Teacher.Config.VocabularySize} tokens and the model {_model.Config.VocabularySize}. Take a teacher of the same tokenizer.");
        _teaching ??= new Tape(_kernels, _teacherArena = new Arena(), recording: false);
        Adapter? adapter = Teacher.Adapter;
        bool itself = adapter is not null && ReferenceEquals(Teacher, _model);
        if (itself) Teacher.Adapter = null;
        Tensor hidden = Teacher.Forward(_teaching, _tokens, count, _segments, segments);
        if (itself) Teacher.Adapter = adapter;
        return new Teacher(hidden, Teacher.Head, _divergences, _options.ReverseKl);
    }

    private static void Reserve<T>(ref T[] array, int capacity, bool wanted)
    {
        if (wanted && array.Length < capacity) array = new T[capacity];
    }
}
