using System.Diagnostics;
using Reverie.Models;
using Reverie.Tensors;
using Reverie.Training;
using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>
/// One more stage for a model that is there: reading text, imitating experts, playing episodes under a credit rule, learning from a
/// teacher. Exams before and after tell what came of it. Stopped at any moment, it goes on where it was when it is called again with
/// the same options.
/// </summary>
public sealed class Train : IDisposable
{
    /// <summary>What exams before the stage are filed under.</summary>
    public const string Before = "before training";

    private readonly TrainOptions _options;
    private readonly Workspace _workspace;
    private readonly IReadOnlyList<IRaiseListener> _listeners;
    private readonly CancellationToken _cancellation;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Checkpoint _checkpoint;
    private readonly RunFolder _run;
    private readonly string _name;
    private readonly IKernels _kernels;
    private readonly StageData _data = new();
    private Adapter? _adapter;
    private IOptimizer? _optimizer;
    private Checkpoint? _reference, _teacher;

    private Train(TrainOptions options, Workspace workspace, IReadOnlyList<IRaiseListener> listeners, CancellationToken cancellation)
    {
        (_workspace, _listeners, _cancellation) = (workspace, listeners, cancellation);
        TrainPlanner.Check(options);
        _checkpoint = Checkpoint.Load(workspace.Resolve(options.Model), precision: options.LoraRank is null ? WeightPrecision.Float32 : options.Precision);
        // A name alone means another version once this run has saved one.
        ModelVersion? version = workspace.Models().FirstOrDefault(m => m.Folder == _checkpoint.Folder);
        string model = version is null ? _checkpoint.Folder : $"{version.Name}@{version.Version}";
        _options = options = options with { Model = model };
        _name = options.Name ?? version?.Name ?? _checkpoint.Lineage?.Name ?? Path.GetFileNameWithoutExtension(_checkpoint.Folder);
        _run = RunFolder.Open(workspace, $"{_name}-{options.Stage}", new RunRecord
        {
            Options = new RaiseOptions { Name = _name, Minutes = options.Minutes ?? 0, Data = options.Data, Seed = options.Seed, Threads = options.Threads, Optimizer = options.Optimizer, LearningRate = options.LearningRate, BatchTokens = options.BatchTokens, ExamQuestions = options.Questions },
            Train = options,
            Model = model,
            Parent = _checkpoint.Lineage?.Id,
            Lineage = _checkpoint.Lineage?.Stages ?? [],
        });
        _kernels = CpuKernels.Create(options.Threads);
    }

    /// <summary>Trains a model.</summary>
    /// <param name="options">What the person asked for.</param>
    /// <param name="workspace">Where everything is kept.</param>
    /// <param name="listeners">Whoever follows.</param>
    /// <param name="cancellation">Stops cleanly: the state is saved and the same call goes on from there.</param>
    /// <exception cref="ReverieException">Something that the person can mend.</exception>
    /// <exception cref="OperationCanceledException">The cancellation was asked for; the run can be resumed.</exception>
    public static TrainResult Run(TrainOptions options, Workspace workspace, IReadOnlyList<IRaiseListener> listeners, CancellationToken cancellation)
    {
        using var train = new Train(options, workspace, listeners, cancellation);
        return train.Run();
    }

    /// <summary>When exams were set, in words: "after sft".</summary>
    public static string When(string stage) => stage == Before ? Before : $"after {stage}";

    /// <summary>Frees everything native.</summary>
    public void Dispose()
    {
        _data.Dispose();
        _optimizer?.Dispose();
        _checkpoint.Transformer.Adapter = null;
        _adapter?.Dispose();
        _reference?.Dispose();
        _teacher?.Dispose();
        _checkpoint.Dispose();
        _kernels.Dispose();
    }

    private Transformer Model => _checkpoint.Transformer;

    private Tokenizer Tokenizer => _checkpoint.Tokenizer;

    private double Seconds => _run.Record.Seconds + Stopwatch.GetElapsedTime(_started).TotalSeconds;

    private TrainResult Run()
    {
        try
        {
            if (_options.Teacher is { } teacher) _teacher = OpenTeacher(teacher);
            IReadOnlyList<RaiseSource> sources = OpenSources();
            RaisePlan plan = _run.Record.Plan ?? TrainPlanner.Plan(_options, _run.Id, Model, sources, _kernels, Ceiling());
            _run.Save(_run.Record with { Plan = plan, FirstPlan = plan, Threads = _kernels.Threads });
            foreach (IRaiseListener listener in _listeners) listener.Planned(plan, _run.Resumed);
            if (sources.Count > 0) _data.Open(sources, plan.Recipe.Stages, _options.Seed, Tokenizer, TokenizerPath(), _run, _workspace, (fraction, detail) => Tell("data", fraction, detail), _cancellation);
            if (_options.LoraRank is int rank) Model.Adapter = _adapter = new Adapter(Model, rank, seed: _options.Seed);
            _optimizer = plan.Recipe.NewOptimizer(_kernels, Model);
            IReadOnlyDictionary<string, double> bits = BitsPerByteNow(plan.Recipe.Stages[0]);
            using var stages = new StageRun(_run, _workspace, _name, Model, Tokenizer, _optimizer, _kernels, _listeners, _cancellation) { MadeFrom = _checkpoint.Folder };
            if (_run.Record.Stages.Count == 0) TrainStage(plan.Recipe.Stages[0], stages);
            return Finish(stages, bits);
        }
        catch
        {
            // Time that was used counts, also where the run goes on later.
            if (!_run.Record.Finished) _run.Save(_run.Record with { Seconds = Seconds });
            throw;
        }
    }

    private List<RaiseSource> OpenSources()
    {
        var sources = new List<RaiseSource>();
        if (_options.Rehearse.Contains(TrainOptions.PrimerName)) sources.AddRange(Primer.Corpora.Select(c => new RaiseSource(c, IsPrimer: true, HasConversations: true)));
        if (_options.Stage != "rl") sources.AddRange(_options.Tasks.Select(t => new RaiseSource(new Demonstrations(TaskSets.Find(t.Name)), IsPrimer: true, HasConversations: true)));
        foreach (string path in _options.Data.Concat(_options.Rehearse.Where(r => r != TrainOptions.PrimerName))) StageData.AddFiles(sources, path, _workspace, _options.Minutes ?? 5, (fraction, detail) => Tell("data", fraction, detail), _cancellation);
        return sources;
    }

    private Checkpoint OpenTeacher(string name)
    {
        var teacher = Checkpoint.Load(_workspace.Resolve(name), precision: WeightPrecision.AsStored);
        if (teacher.Tokenizer.IsSameAs(Tokenizer)) return teacher;
        teacher.Dispose();
        throw new ReverieException($"{name} has another tokenizer than {_options.Model}, so that it cannot grade its tokens. Take a teacher that was raised with the same tokenizer.");
    }

    /// <summary>The tokenizer's file: a model in a single file has it inside.</summary>
    private string TokenizerPath()
    {
        string own = Path.Combine(_checkpoint.Folder, Checkpoint.TokenizerFileName);
        if (File.Exists(own)) return own;
        if (!File.Exists(_run.TokenizerPath)) Tokenizer.Save(_run.TokenizerPath);
        return _run.TokenizerPath;
    }

    private double Ceiling()
    {
        Tell("measure", double.NaN, "the machine");
        return FmaCeiling.Measure(_kernels.Threads, TimeSpan.FromSeconds(0.15));
    }

    private Dictionary<string, double> BitsPerByteNow(StagePlan stage)
    {
        using var learner = new Learner(Model, _kernels);
        var batch = new Batch(Math.Max(stage.BatchTokens, stage.SequenceLength));
        return _data.HeldOut.ToDictionary(d => d.Name, d => BitsPerByte.Measure(learner, d, stage.SequenceLength, stage.EvaluationTokens, batch));
    }

    private void TrainStage(StagePlan stage, StageRun stages)
    {
        if (!stages.IsResumed(stage)) stages.Examine(Before, Exams());
        using TrainingStage training = stage.Rollouts is { } rollouts ? new TrainingStage(stage, Model, _optimizer!, _kernels, TrainingStage.Rehearse(stage, OpenRollouts(rollouts), _data.Train, _options.Seed), _data.HeldOut)
            : stage.Name == "distill" ? new TrainingStage(stage, Model, _optimizer!, _kernels, new DistillingReader(TrainingStage.Open(stage, _data.Train, _options.Seed), _teacher!.Transformer), _data.HeldOut)
            : new TrainingStage(stage, Model, _optimizer!, _kernels, _data.Train, _data.HeldOut, _options.Seed);
        Dictionary<string, string> data = StageRun.DataOf(stage, _data.Train);
        if (_teacher is not null) data["teacher"] = _teacher.Lineage?.Id ?? _options.Teacher!;
        stages.Train(stage, training, _options.Seed, data, _options.AdapterFolder);
    }

    private RolloutReader OpenRollouts(RolloutPlan plan)
    {
        _reference = Checkpoint.Load(_checkpoint.Folder, verify: false, precision: _options.LoraRank is null ? WeightPrecision.Float32 : _options.Precision);
        return new RolloutReader(plan, Mixture(), _options.Seed, Model, Tokenizer, _kernels, _reference.Transformer, _teacher?.Transformer, version: _options.Model, cancellation: _cancellation);
    }

    private TaskMixture Mixture() => new("tasks", _options.Tasks.Select(t => (TaskSets.Find(t.Name), t.Share)));

    private IReadOnlyList<PlannedExam> Exams() =>
    [
        .. from name in _options.Exams ?? [.. _options.Tasks.Select(t => t.Name)]
           let tasks = TaskSets.Find(name)
           from sampling in new[] { SamplingOptions.Greedy, new SamplingOptions() }
           select new PlannedExam(tasks, _options.Questions, sampling) { Name = sampling.Temperature > 0 ? $"{tasks.Name}, sampled" : tasks.Name },
    ];

    private TrainResult Finish(StageRun stages, IReadOnlyDictionary<string, double> bits)
    {
        StageResult stage = _run.Record.Stages[0];
        stages.Examine(stage.Name, Exams());
        RunRecord record = _run.Record;
        string folder = _options.AdapterFolder ?? _workspace.Resolve(record.Model!);
        _run.Save(record with { Seconds = Seconds, Finished = true });
        _data.Dispose();
        _run.RemoveWorkingFiles();
        ExamScore[] scores = [.. Reports.Read(_workspace, _run.Id).Exams];
        Tell("report", 1, Reports.WriteAtEnd(_workspace, _run.Id));
        return new TrainResult(record.Model!, folder, _run.Id, _options.Model, _run.Record.Seconds, stage,
            [.. from a in scores.Where(s => s.Stage == Before) join b in scores.Where(s => s.Stage == stage.Name) on a.Exam equals b.Exam select new ExamChange(a.Exam, a.Questions, a.Score, a.StandardError, b.Score, b.StandardError)],
            bits, stages.Last.BitsPerByte);
    }

    private void Tell(string phase, double fraction, string detail)
    {
        foreach (IRaiseListener listener in _listeners) listener.Progressed(phase, fraction, detail);
    }
}
