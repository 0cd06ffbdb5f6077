using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using Reverie.Models;
using Reverie.Tensors;
using Reverie.Training;
using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>
/// The main road: from text to a model that one can talk to. Measures the machine, trains a tokenizer, tokenises, pretrains,
/// midtrains, fine-tunes on conversations, reinforces; sets exams after every stage. Stopped at any moment, it goes on where it was when it is called
/// again with the same options.
/// </summary>
public sealed class Raise : IDisposable
{
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(20);
    private const long HeldOutTokens = 40_000, MinimumFileTokens = 1 << 22;

    // More than can be learnt in the time; a data set on the hub may have terabytes.
    private const double HubBytesPerMinute = 20e6;

    private readonly RaiseOptions _options;
    private readonly Workspace _workspace;
    private readonly IReadOnlyList<IRaiseListener> _listeners;
    private readonly CancellationToken _cancellation;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly RunFolder _run;
    private readonly IKernels _kernels;
    private readonly List<TokenDataset> _train = [], _heldOut = [];
    private readonly LastReports _last = new();
    private int _samples;
    private Tokenizer _tokenizer = null!;
    private Transformer _model = null!;
    private IOptimizer _optimizer = null!;

    private Raise(RaiseOptions options, Workspace workspace, IReadOnlyList<IRaiseListener> listeners, CancellationToken cancellation)
    {
        (_options, _workspace, _listeners, _cancellation) = (options, workspace, listeners, cancellation);
        _run = RunFolder.Open(workspace, options);
        _kernels = CpuKernels.Create(options.Threads);
    }

    /// <summary>Raises a model.</summary>
    /// <param name="options">What the person asked for.</param>
    /// <param name="workspace">Where everything is kept.</param>
    /// <param name="listeners">Whoever follows.</param>
    /// <param name="cancellation">Stops cleanly: the state is saved and the same call goes on from there.</param>
    /// <exception cref="ReverieException">Something that the person can mend.</exception>
    /// <exception cref="OperationCanceledException">The cancellation was asked for; the run can be resumed.</exception>
    public static RaiseResult Run(RaiseOptions options, Workspace workspace, IReadOnlyList<IRaiseListener> listeners, CancellationToken cancellation)
    {
        using var raise = new Raise(options, workspace, listeners, cancellation);
        return raise.Run();
    }

    /// <summary>Frees everything native.</summary>
    public void Dispose()
    {
        foreach (TokenDataset data in _train.Concat(_heldOut)) data.Dispose();
        _optimizer?.Dispose();
        _model?.Dispose();
        _kernels.Dispose();
    }

    private double Seconds => _run.Record.Seconds + Stopwatch.GetElapsedTime(_started).TotalSeconds;

    private double SecondsLeft => _options.Minutes * 60 - Seconds - RaisePlanner.Reserve(_options);

    private RaiseResult Run()
    {
        try
        {
            Tell("measure", double.NaN, "the machine");
            double ceiling;
            using (var pool = new WorkerPool(_kernels.Threads)) ceiling = FmaCeiling.Measure(pool, TimeSpan.FromSeconds(0.15));
            IReadOnlyList<RaiseSource> sources = OpenSources();
            _tokenizer = OpenTokenizer(sources);
            RaisePlan plan = _run.Record.Plan ?? RaisePlanner.Plan(_options, _run.Id, _kernels, ceiling, _tokenizer.VocabularySize, sources, SecondsLeft);
            _run.Save(_run.Record with { Plan = plan, FirstPlan = _run.Record.FirstPlan ?? plan, Threads = _kernels.Threads });
            foreach (IRaiseListener listener in _listeners) listener.Planned(plan, _run.Resumed);
            OpenData(_run.Record.FirstPlan!, sources);
            _model = new Transformer(plan.Recipe.Model);
            _model.Initialize(plan.Recipe.Seed);
            _optimizer = plan.Recipe.NewOptimizer(_kernels, _model);
            RunStages(plan);
            return Finish(plan);
        }
        catch
        {
            // Time that was used counts, also where the run goes on later.
            if (!_run.Record.Finished) _run.Save(_run.Record with { Seconds = Seconds });
            throw;
        }
    }

    private IReadOnlyList<RaiseSource> OpenSources()
    {
        var sources = new List<RaiseSource>();
        if (_options.DataShare is not 1) sources.AddRange(Primer.Corpora.Select(c => new RaiseSource(c, IsPrimer: true, HasConversations: true)));
        foreach (string path in _options.Data)
        {
            Tell("data", double.NaN, path);
            ICorpus corpus = OpenFiles(path);
            if (sources.Any(s => s.Corpus.Name == corpus.Name)) throw new ReverieException($"Two sources are called {corpus.Name}. Name each path once; put files of one name into one folder.");
            sources.Add(new RaiseSource(corpus, IsPrimer: false, corpus.Documents(Split.Train, 0).Take(20).Any(d => d.Messages is not null)));
        }

        return sources;
    }

    private FileCorpus OpenFiles(string path)
    {
        using var hub = new HuggingFaceHub(Path.Combine(_workspace.DataFolder, "hub"));
        var progress = new HubListener(p => Tell("data", p.TotalBytes is > 0 ? (double)p.Bytes / p.TotalBytes.Value : double.NaN, $"{path}: file {p.File} of {p.Files}"));
        return FileCorpus.OpenAsync(path, hub, (long)(_options.Minutes * HubBytesPerMinute), progress, _cancellation).GetAwaiter().GetResult();
    }

    private Tokenizer OpenTokenizer(IReadOnlyList<RaiseSource> sources)
    {
        if (File.Exists(_run.TokenizerPath)) return Tokenizer.Load(_run.TokenizerPath);
        int size = _options.Vocabulary ?? RecipeRules.VocabularySize(_options.Minutes, _options.Data.Count > 0);
        Tell("tokenizer", double.NaN, $"{size} tokens");
        var tokenizer = Tokenizer.Train(TokenizerSample.Of(sources, _options.Seed), size, cancel: _cancellation);
        tokenizer.Save(_run.TokenizerPath);
        return tokenizer;
    }

    private void OpenData(RaisePlan plan, IReadOnlyList<RaiseSource> sources)
    {
        // What is generated belongs to the run and goes with it; real text is tokenised once for all runs with this tokenizer.
        string shared = Path.Combine(_workspace.DataFolder, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_run.TokenizerPath)))[..12]);
        for (int i = 0; i < sources.Count; i++)
        {
            ICorpus corpus = sources[i].Corpus;
            string root = sources[i].IsPrimer ? _run.DataFolder : shared;
            // A generator is read once: as many tokens as all stages want of it, and a little more for what documents leave over.
            // Of files no more than a budget can use is tokenised, in powers of two, so that the next run finds it done.
            double wanted = plan.Recipe.Stages.Where(s => s.Rollouts is null).Sum(s => s.Mixture.GetValueOrDefault(corpus.Name) * 1.2 * (s.ExpectedSteps ?? s.Steps) * s.BatchTokens);
            var options = new TokenDatasetOptions { MaximumTokens = sources[i].IsPrimer ? (long)(wanted * 1.02) + 4096 : (long)BitOperations.RoundUpToPowerOf2((ulong)Math.Max(wanted, MinimumFileTokens)) };
            double fraction = (double)i / sources.Count;
            var progress = new Progress(p => Tell("data", fraction, $"{corpus.Name}: {p.Tokens:N0} tokens"));
            _train.Add(TokenDataset.Build(corpus, Split.Train, _options.Seed, _tokenizer, Path.Combine(root, $"{corpus.Name}-train-{_options.Seed}"), options, progress, _cancellation));
            TokenDataset heldOut = TokenDataset.Build(corpus, Split.HeldOut, _options.Seed, _tokenizer, Path.Combine(root, $"{corpus.Name}-heldout-{_options.Seed}"),
                new TokenDatasetOptions { MaximumTokens = HeldOutTokens }, progress, _cancellation);
            if (heldOut.Count > 0) _heldOut.Add(heldOut);
            else heldOut.Dispose();
        }
    }

    private void RunStages(RaisePlan plan)
    {
        StageProgress? progress = File.Exists(_run.StatePath) ? RunState.Load(_run.StatePath, _model, _optimizer) : null;
        StagePlan? next = plan.Recipe.Stages.ElementAtOrDefault(_run.Record.Stages.Count);
        using var metrics = new RunMetrics(_run, _run.Record.Stages.Sum(s => s.Steps), progress is not null && progress.Stage == next?.Name ? progress.Step : 0, plan.FlopsPerToken);
        IRunListener[] listeners = [.. _listeners, metrics, _last, new RolloutSamples(_run.RolloutsPath)];
        for (int i = _run.Record.Stages.Count; i < plan.Recipe.Stages.Count; i++)
        {
            StagePlan stage = plan.Recipe.Stages[i];
            bool resumed = progress?.Stage == stage.Name && progress.Step > 0;
            if (!resumed)
            {
                if (i > 0) Examine(plan.Recipe.Stages[i - 1].Name, stage.Rollouts is null ? _options.ExamQuestions / 4 : _options.ExamQuestions);
                stage = FitToTime(plan, i);
            }

            plan = Replace(plan, i, stage);
            using Checkpoint? before = stage.Rollouts is null ? null : Checkpoint.Load(_workspace.Resolve(_run.Record.Model!), verify: false);
            using TrainingStage training = stage.Rollouts is null
                ? new TrainingStage(stage, _model, _optimizer, _kernels, _train, _heldOut, _options.Seed + (ulong)i)
                : new TrainingStage(stage, _model, _optimizer, _kernels, OpenRollouts(stage, before!), _heldOut);
            if (resumed) training.Progress = progress!;
            long lastSave = Stopwatch.GetTimestamp();
            bool complete = training.Run(listeners, () =>
            {
                if (Stopwatch.GetElapsedTime(lastSave) < SaveEvery) return;
                RunState.Save(_run.StatePath, _model, _optimizer, training.Progress);
                lastSave = Stopwatch.GetTimestamp();
            }, Sample, _cancellation);
            if (!complete)
            {
                RunState.Save(_run.StatePath, _model, _optimizer, training.Progress);
                throw new OperationCanceledException(_cancellation);
            }

            Finish(plan, stage, training);
        }
    }

    private RolloutReader OpenRollouts(StagePlan stage, Checkpoint before) =>
        new(stage.Rollouts!, MixtureOf(stage), _options.Seed, _model, _tokenizer, _kernels, reference: before.Transformer, version: _run.Record.Model!, cancellation: _cancellation);

    private static TaskMixture MixtureOf(StagePlan stage) => new("rl-mixture", stage.Mixture.Select(m => (TaskSets.Find(m.Key), m.Value)));

    // The stages after the first are planned anew when they begin: from the time that is left and the speed that was seen.
    private StagePlan FitToTime(RaisePlan plan, int index)
    {
        StagePlan stage = plan.Recipe.Stages[index];
        if (_options.Tokens is not null) return stage;
        (string Name, double Share)[] stages = RaisePlanner.StagesOf(_options);
        double share = stages[index].Share / stages.Skip(index).Sum(s => s.Share);
        double seconds = Math.Max(1, SecondsLeft * share);
        if (stage.MaximumSeconds > 0 && index == 0) return stage with { MaximumSeconds = seconds };

        // Nobody knows yet how long an episode will be: the clock ends the stage.
        if (stage.MaximumSeconds > 0 && stage.Rollouts is not null) return stage with { MaximumSeconds = seconds, Steps = Math.Max(2, (int)(seconds * RaisePlanner.MostRolloutStepsPerSecond)) };
        StageResult? before = _run.Record.Stages.LastOrDefault();
        double speed = before is { Seconds: > 0 } ? before.Tokens / before.Seconds : plan.TokensPerSecond;
        int steps = (int)Math.Max(2, seconds * speed / stage.BatchTokens);
        return stage with { Steps = steps, MaximumSeconds = 0, EvaluateEvery = Math.Max(1, steps / 2), SampleEvery = Math.Max(1, steps / 3) };
    }

    private RaisePlan Replace(RaisePlan plan, int index, StagePlan stage)
    {
        var stages = plan.Recipe.Stages.ToList();
        stages[index] = stage;
        plan = plan with { Recipe = plan.Recipe with { Stages = stages } };
        _run.Save(_run.Record with { Plan = plan });
        return plan;
    }

    private void Finish(RaisePlan plan, StagePlan stage, TrainingStage training)
    {
        StageProgress progress = training.Progress;
        var result = new StageResult(stage.Name, training.Step, training.Tokens, progress.Seconds, _last.Loss, training.SkippedBatches);
        var record = new StageRecord(stage.Name, training.Step, training.Tokens, _options.Seed, stage.Rollouts is null ? _train.Where(d => stage.Mixture.ContainsKey(d.Name)).ToDictionary(d => d.Name, d => d.Hash)
            : stage.Mixture.ToDictionary(m => m.Key, m => string.Create(CultureInfo.InvariantCulture, $"tasks, share {m.Value:0.###}")), progress.Seconds);
        RunRecord run = _run.Record with { Stages = [.. _run.Record.Stages, result], Lineage = [.. _run.Record.Lineage, record] };
        (string version, string folder) = _workspace.NextVersion(_options.Name);
        Lineage lineage = Checkpoint.Save(folder, _model, _tokenizer, new Lineage { Name = _options.Name, Version = version, Parent = run.Parent, Stages = run.Lineage });
        _workspace.SetCurrent(_options.Name, version);
        // First the state, then the record: a crash between them finishes the stage once more, and loses nothing.
        RunState.Save(_run.StatePath, _model, _optimizer, progress);
        _run.Save(run with { Model = $"{_options.Name}@{version}", Parent = lineage.Id });
        foreach (IRaiseListener listener in _listeners) listener.Saved($"{_options.Name}@{version}", folder);
    }

    private string Sample(Transformer model)
    {
        using var generator = new Generator(model, _tokenizer, _kernels);
        return FirstWords.Sample(generator, _tokenizer, _samples++);
    }

    /// <summary>Sets the exams after a stage, unless they were set before the run was interrupted.</summary>
    private void Examine(string stage, int questions)
    {
        if (questions <= 0 || _run.Record.Scores.ContainsKey(stage)) return;
        var scores = new Dictionary<string, double>();
        using var generator = new Generator(_model, _tokenizer, _kernels);
        (ITaskSet Tasks, SamplingOptions Sampling, int Questions)[] exams =
        [
            .. Primer.Exams.Concat(RaisePlanner.ReinforcedSets(_options)).DistinctBy(e => e.Name).Select(e => (e, SamplingOptions.Greedy, questions)),
            .. _run.Record.Plan!.Recipe.Stages.Where(s => s.Rollouts is not null).Select(s => ((ITaskSet)MixtureOf(s), new SamplingOptions(), 2 * questions)),
        ];
        foreach ((ITaskSet tasks, SamplingOptions sampling, int count) in exams)
        {
            _cancellation.ThrowIfCancellationRequested();
            Tell("exams", (double)scores.Count / exams.Length, $"{tasks.Name} after {stage}");
            ExamRun run = ExamRun.Play(tasks, Split.HeldOut, count, new ModelActor(generator, _tokenizer, sampling), [generator], _tokenizer, cancellation: _cancellation);
            ExamResult result = run.Result();
            scores[tasks.Name] = Math.Round(result.Score, 4);
            if (tasks is Honesty) _run.SaveCalibration(run);
            _run.Append(stage, Split.HeldOut, result);
            foreach (IRaiseListener listener in _listeners) listener.Examined(stage, result);
        }

        _run.Save(_run.Record with { Scores = new Dictionary<string, IReadOnlyDictionary<string, double>>(_run.Record.Scores) { [stage] = scores } });
    }

    private RaiseResult Finish(RaisePlan plan)
    {
        string last = plan.Recipe.Stages[^1].Name;
        Examine(last, _options.ExamQuestions);
        IReadOnlyDictionary<string, double> scores = _run.Record.Scores.GetValueOrDefault(last) ?? new Dictionary<string, double>();
        string model = _run.Record.Model!;
        var finished = new RaiseResult(model, _workspace.Resolve(model), _run.Id, Seconds, plan.Parameters, _run.Record.Stages.Sum(s => s.Tokens), _last.BitsPerByte, scores, _run.Record.Stages) { ScoresByStage = _run.Record.Scores };
        _run.Save(_run.Record with { Seconds = Seconds, Finished = true });
        File.Delete(_run.StatePath);
        foreach (TokenDataset data in _train.Concat(_heldOut)) data.Dispose();
        if (Directory.Exists(_run.DataFolder)) Directory.Delete(_run.DataFolder, recursive: true);
        Tell("report", 1, Reports.WriteAtEnd(_workspace, _run.Id));
        return finished;
    }

    private void Tell(string phase, double fraction, string detail)
    {
        foreach (IRaiseListener listener in _listeners) listener.Progressed(phase, fraction, detail);
    }

    private sealed class HubListener(Action<HubProgress> report) : IProgress<HubProgress>
    {
        public void Report(HubProgress value) => report(value);
    }

    // IProgress without a synchronisation context: the display wants to be told at once, on this thread.
    private sealed class Progress(Action<TokenDatasetProgress> report) : IProgress<TokenDatasetProgress>
    {
        public void Report(TokenDatasetProgress value) => report(value);
    }
}
