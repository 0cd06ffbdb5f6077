using System.Diagnostics;
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
    private readonly RaiseOptions _options;
    private readonly Workspace _workspace;
    private readonly IReadOnlyList<IRaiseListener> _listeners;
    private readonly CancellationToken _cancellation;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly RunFolder _run;
    private readonly IKernels _kernels;
    private readonly StageData _data = new();
    private Tokenizer _tokenizer = null!;
    private Transformer _model = null!;
    private IOptimizer _optimizer = null!;

    private Raise(RaiseOptions options, Workspace workspace, IReadOnlyList<IRaiseListener> listeners, CancellationToken cancellation)
    {
        (_options, _workspace, _listeners, _cancellation) = (options, workspace, listeners, cancellation);
        _run = RunFolder.Open(workspace, options.Name, new RunRecord { Options = options });
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
        _data.Dispose();
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
            double ceiling = FmaCeiling.Measure(_kernels.Threads, TimeSpan.FromSeconds(0.15));
            IReadOnlyList<RaiseSource> sources = OpenSources();
            _tokenizer = OpenTokenizer(sources);
            RaisePlan plan = _run.Record.Plan ?? RaisePlanner.Plan(_options, _run.Id, _kernels, ceiling, _tokenizer.VocabularySize, sources, SecondsLeft);
            _run.Save(_run.Record with { Plan = plan, FirstPlan = _run.Record.FirstPlan ?? plan, Threads = _kernels.Threads });
            foreach (IRaiseListener listener in _listeners) listener.Planned(plan, _run.Resumed);
            _data.Open(sources, _run.Record.FirstPlan!.Recipe.Stages, _options.Seed, _tokenizer, _run.TokenizerPath, _run, _workspace, (fraction, detail) => Tell("data", fraction, detail), _cancellation);
            _model = new Transformer(plan.Recipe.Model);
            _model.Initialize(plan.Recipe.Seed);
            _optimizer = plan.Recipe.NewOptimizer(_kernels, _model);
            using var stages = new StageRun(_run, _workspace, _options.Name, _model, _tokenizer, _optimizer, _kernels, _listeners, _cancellation);
            RunStages(plan, stages);
            return Finish(plan, stages);
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
        foreach (string path in _options.Data) StageData.AddFiles(sources, path, _workspace, _options.Minutes, (fraction, detail) => Tell("data", fraction, detail), _cancellation);
        return sources;
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

    private void RunStages(RaisePlan plan, StageRun stages)
    {
        for (int i = _run.Record.Stages.Count; i < plan.Recipe.Stages.Count; i++)
        {
            StagePlan stage = plan.Recipe.Stages[i];
            if (!stages.IsResumed(stage))
            {
                if (i > 0) stages.Examine(plan.Recipe.Stages[i - 1].Name, Exams(stage.Rollouts is null ? _options.ExamQuestions / 4 : _options.ExamQuestions));
                stage = FitToTime(plan, i);
            }

            plan = Replace(plan, i, stage);
            ulong seed = _options.Seed + (ulong)i;
            using Checkpoint? before = stage.Rollouts is null ? null : Checkpoint.Load(_workspace.Resolve(_run.Record.Model!), verify: false);
            using TrainingStage training = stage.Rollouts is null
                ? new TrainingStage(stage, _model, _optimizer, _kernels, _data.Train, _data.HeldOut, seed)
                : new TrainingStage(stage, _model, _optimizer, _kernels, TrainingStage.Rehearse(stage, OpenRollouts(stage, before!), _data.Train, seed), _data.HeldOut);
            stages.Train(stage, training, _options.Seed, StageRun.DataOf(stage, _data.Train));
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

    private IReadOnlyList<PlannedExam> Exams(int questions) =>
    [
        .. Primer.Exams.Concat(RaisePlanner.ReinforcedSets(_options)).DistinctBy(e => e.Name).Select(e => new PlannedExam(e, questions, SamplingOptions.Greedy)),
        .. _run.Record.Plan!.Recipe.Stages.Where(s => s.Rollouts is not null).Select(s => new PlannedExam(MixtureOf(s), 2 * questions, new SamplingOptions())),
    ];

    private RaiseResult Finish(RaisePlan plan, StageRun stages)
    {
        string last = plan.Recipe.Stages[^1].Name;
        stages.Examine(last, Exams(_options.ExamQuestions));
        IReadOnlyDictionary<string, double> scores = _run.Record.Scores.GetValueOrDefault(last) ?? new Dictionary<string, double>();
        string model = _run.Record.Model!;
        var finished = new RaiseResult(model, _workspace.Resolve(model), _run.Id, Seconds, plan.Parameters, _run.Record.Stages.Sum(s => s.Tokens), stages.Last.BitsPerByte, scores, _run.Record.Stages) { ScoresByStage = _run.Record.Scores };
        _run.Save(_run.Record with { Seconds = Seconds, Finished = true });
        _data.Dispose();
        _run.RemoveWorkingFiles();
        Tell("report", 1, Reports.WriteAtEnd(_workspace, _run.Id));
        return finished;
    }

    private void Tell(string phase, double fraction, string detail)
    {
        foreach (IRaiseListener listener in _listeners) listener.Progressed(phase, fraction, detail);
    }
}
