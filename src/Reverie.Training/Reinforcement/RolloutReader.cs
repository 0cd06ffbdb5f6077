using System.Diagnostics;
using System.Globalization;
using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;
using Trace = Reverie.Worlds.Trace;

namespace Reverie.Training;

/// <summary>
/// Batches from episodes that the model plays itself, in this process and by the trainer's own kernels: groups of episodes of one task
/// each, judged, given credit by a rule, and packed. What has no weight is left out of the batch, and counted.
/// </summary>
public sealed class RolloutReader : IBatchSource
{
    /// <summary>So many failed episodes one after another are no accident.</summary>
    private const int FailuresInARow = 64;
    private const int Concurrent = 256;

    private readonly RolloutPlan _plan;
    private readonly ICredit _credit;
    private readonly TaskMixture _mixture;
    private readonly ulong _seed;
    private readonly int _context;
    private readonly Tokenizer _tokenizer;
    private readonly Generator _engine;
    private readonly Learner _scorer;
    private readonly Learner? _reference, _teacher;
    private readonly Transformer? _teacherModel;
    private readonly ValueHead? _values;
    private readonly AdamW? _valueOptimizer;
    private readonly TraceBatch _scored = new();
    private readonly CancellationToken _cancellation;
    private readonly string _version;
    private TraceGroup[] _groups = [];
    private TraceBatch? _packed;
    private IEnumerator<(ITaskSet Set, int Index, TaskItem Item)> _tasks;
    private int _update, _failures, _drawn;
    private long _tokens;

    /// <summary>Opens the source; the caller keeps ownership of the models and the kernels.</summary>
    /// <param name="plan">How episodes are played.</param>
    /// <param name="mixture">The tasks.</param>
    /// <param name="seed">Fixes tasks and draws.</param>
    /// <param name="model">Who acts and learns.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="kernels">The arithmetic.</param>
    /// <param name="reference">The model as it was when the stage began, to measure and to bound the distance from it; null to do without.</param>
    /// <param name="teacher">A model to learn from; null where the rule needs none.</param>
    /// <param name="credit">The rule; null for the plan's.</param>
    /// <param name="version">The model's version, as traces name it.</param>
    /// <param name="cancellation">Ends the episodes.</param>
    /// <exception cref="ReverieException">The rule needs a model that is not there.</exception>
    public RolloutReader(RolloutPlan plan, TaskMixture mixture, ulong seed, Transformer model, Tokenizer tokenizer, IKernels kernels,
        Transformer? reference = null, Transformer? teacher = null, ICredit? credit = null, string version = "", CancellationToken cancellation = default)
    {
        (_plan, _seed, _tokenizer, _version, _cancellation) = (plan, seed, tokenizer, version, cancellation);
        _credit = credit ?? CreditRules.Find(plan.Credit);
        _mixture = mixture;
        _tasks = mixture.Draw(Split.Train, seed).GetEnumerator();
        if (_credit.Needs.HasFlag(CreditNeeds.Reference) && reference is null) throw new ReverieException($"The rule {_credit.Name} compares with the model at the start, and there is none. Name one as the reference.");
        if ((_credit.Needs & (CreditNeeds.Teacher | CreditNeeds.TeacherDistribution)) != 0 && teacher is null) throw new ReverieException($"The rule {_credit.Name} learns from a teacher, and there is none. Name one with --teacher.");
        _engine = new Generator(model, tokenizer, kernels, new GeneratorOptions { MaxConcurrent = Math.Min(Concurrent, plan.Prompts * plan.GroupSize) });
        _context = _engine.ContextLength;
        _scorer = new Learner(model, kernels);
        _reference = reference is null ? null : new Learner(reference, kernels);
        _teacher = teacher is null ? null : new Learner(teacher, kernels);
        _teacherModel = teacher;
        Start = reference;
        if (!_credit.Needs.HasFlag(CreditNeeds.Values)) return;
        _scorer.ValueHead = _values = new ValueHead(model.Config.Width);
        _valueOptimizer = new AdamW(kernels, _values.Parameters, weightDecay: 0);
    }

    /// <summary>The model as it was when the stage began; null where nothing is compared with it.</summary>
    public Transformer? Start { get; }

    /// <inheritdoc/>
    public double? Denominator => 1;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Tensor Buffer)> Buffers =>
        _values is null ? [] : [("value_head", _values.Parameters.Values), .. _valueOptimizer!.State.Select(s => ($"value_{s.Name}", s.Buffer))];

    /// <inheritdoc/>
    public void Prepare(Learner learner)
    {
        if (_credit.Needs.HasFlag(CreditNeeds.TeacherDistribution)) learner.Teacher = _teacherModel;
        (learner.ValueHead, learner.ValueOptimizer) = (_values, _valueOptimizer);
    }

    /// <inheritdoc/>
    public RolloutReport? Rollouts { get; private set; }

    /// <inheritdoc/>
    public bool IsResumable => _update == 0;

    /// <inheritdoc/>
    public MixtureState State
    {
        get => new(_seed, _context, [new MixtureSourceState(_mixture.Name, Shares, 0, _drawn, _tokens)]);
        set
        {
            if (value.Seed != _seed || value.Sources is not [{ } state] || state.Hash != Shares)
                throw new ReverieException("The saved position belongs to another mixture of tasks or seed; resume with the settings of the run, or start a new one.");
            _tasks = _mixture.Draw(Split.Train, _seed).Skip(state.Position).GetEnumerator();
            (_drawn, _tokens, _update) = (state.Position, state.Tokens, 0);
        }
    }

    /// <inheritdoc/>
    public void Next(Batch batch)
    {
        bool fresh = _update == 0;
        if (fresh) Play();
        Measure(fresh);
        if (fresh) Rollouts = Rollouts! with { Statistics = RolloutStatistics.Of(_groups) };
        _credit.Assign(_groups);
        _packed ??= new TraceBatch(batch, _context);
        _packed.Fill(_groups);
        _update = (_update + 1) % _plan.UpdatesPerBatch;
    }

    /// <inheritdoc/>
    public void Stepped(Learner learner)
    {
        if (Rollouts is null) return;
        bool first = _plan.UpdatesPerBatch == 1 || _update == 1;
        ReadOnlySpan<float> now = learner.LogProbabilities;
        double largest = 0;
        CreditedTrace? sample = null;
        _packed!.Read(now, (trace, current) =>
        {
            foreach (int t in trace.ActorTokens) largest = Math.Max(largest, Math.Abs(current[t] - trace.Old[t]));
            if (sample is null || trace.Trace.Reward > sample.Trace.Reward) sample = trace;
        });
        Rollouts = Rollouts with { MaximumLogProbabilityDifference = first && sample is not null ? largest : double.NaN, Sample = sample };
    }

    private string Shares => string.Join(' ', _mixture.Sets.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Set.Name}:{s.Share:0.####}")));

    /// <summary>Frees engine and activations.</summary>
    public void Dispose()
    {
        _engine.Dispose();
        _scorer.Dispose();
        _reference?.Dispose();
        _teacher?.Dispose();
        _valueOptimizer?.Dispose();
        _values?.Dispose();
    }

    private void Play()
    {
        long started = Stopwatch.GetTimestamp();
        var actor = new ModelActor(_engine, new SamplingOptions { Temperature = _plan.Temperature }, _version);
        var budget = new Budget(_plan.Turns, _plan.TokensPerTurn, _context);
        var episodes = new List<Episode>(_plan.Prompts * _plan.GroupSize);
        var items = new List<TaskItem>(_plan.Prompts);
        for (int prompt = 0; prompt < _plan.Prompts; prompt++)
        {
            _tasks.MoveNext();
            (ITaskSet set, int index, TaskItem item) = _tasks.Current;
            items.Add(item);
            for (int i = 0; i < _plan.GroupSize; i++)
                episodes.Add(new Episode(set.Name, index.ToString(CultureInfo.InvariantCulture), item, actor, unchecked((_seed * 0x9E3779B97F4A7C15) + ((ulong)_drawn * 65536) + (ulong)i)));
            _drawn++;
        }

        long processed = _engine.ProcessedTokens;
        double engineSeconds = _engine.StepSeconds;
        IReadOnlyList<Trace> traces = Episode.Run(episodes, _tokenizer, budget, [_engine], _cancellation);
        foreach (Trace trace in traces)
        {
            _failures = trace.Stop == TraceStop.Failed ? _failures + 1 : 0;
            if (_failures >= FailuresInARow) throw new ReverieException($"{_failures} episodes in a row failed, the last of {trace.TaskSet}: {trace.Failure} Mend the task set or leave it out of the mixture.");
        }

        _groups = [.. traces.Chunk(_plan.GroupSize).Select(chunk => new TraceGroup(chunk))];
        long tokens = traces.Sum(t => (long)t.ActorTokens);
        if (_credit.Needs.HasFlag(CreditNeeds.Forks))
            tokens += StepContinuations.Fill([.. _groups.Zip(items)], actor, _plan.Continuations, _tokenizer, budget, [_engine], _cancellation).Sum(t => (long)t.ActorTokens);
        _engine.WeightsChanged();
        _tokens += tokens;
        Rollouts = new RolloutReport(new RolloutStatistics(), Stopwatch.GetElapsedTime(started).TotalSeconds, _engine.StepSeconds - engineSeconds, tokens, _engine.ProcessedTokens - processed);
    }

    /// <summary>Log-probabilities that the rule reads. Those of the model itself are the sampler's, to the bit, until the first step on them.</summary>
    private void Measure(bool fresh)
    {
        CreditedTrace[] usable = [.. _groups.SelectMany(g => g.Traces).Where(t => t.Trace.Stop != TraceStop.Failed && t.Trace.Tokens.Count > 1)];
        if (fresh)
        {
            bool due = _plan.MeasureDivergenceEvery > 0 && _drawn / _plan.Prompts % _plan.MeasureDivergenceEvery == 0;
            if (_reference is not null && (due || _credit.Needs.HasFlag(CreditNeeds.Reference))) Score(_reference, usable, (t, p) => t.Reference = p);
            if (_teacher is not null && _credit.Needs.HasFlag(CreditNeeds.Teacher)) Score(_teacher, usable, (t, p) => t.Teacher = p);
            if (_values is null) return;
            Score(_scorer, usable, (_, _) => { });
            _scored.Read(_scorer.Values, (t, v) => t.Values = v);
        }
        else
        {
            Score(_scorer, usable, (t, p) => t.Current = p);
        }
    }

    private void Score(Learner learner, CreditedTrace[] traces, Action<CreditedTrace, float[]> set)
    {
        _scored.FillForScoring(traces);
        _scored.Read(learner.Score(_scored.Batch), set);
    }
}
