using System.Diagnostics;
using System.Globalization;
using Reverie.Models;
using Reverie.Tensors;
using Reverie.Training;
using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>
/// What is the same for every stage of every run: training with its state kept, its figures logged, its checkpoint saved with its lineage,
/// and exams. It begins where an interrupted process stopped.
/// </summary>
internal sealed class StageRun : IDisposable
{
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(20);

    private readonly RunFolder _run;
    private readonly Workspace _workspace;
    private readonly string _name;
    private readonly Transformer _model;
    private readonly Tokenizer _tokenizer;
    private readonly IOptimizer _optimizer;
    private readonly IKernels _kernels;
    private readonly IReadOnlyList<IRaiseListener> _listeners;
    private readonly CancellationToken _cancellation;
    private readonly StageProgress? _resumed;
    private readonly RunMetrics _metrics;
    private int _samples;

    /// <summary>Restores model and optimizer where a state was kept. The caller keeps ownership of everything.</summary>
    /// <param name="run">The run's folder; its plan stands.</param>
    /// <param name="workspace">Where models go.</param>
    /// <param name="name">The model's name.</param>
    /// <param name="model">What is trained, or carries the adapter that is.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="optimizer">How.</param>
    /// <param name="kernels">The arithmetic.</param>
    /// <param name="listeners">Whoever follows.</param>
    /// <param name="cancellation">Stops cleanly.</param>
    public StageRun(RunFolder run, Workspace workspace, string name, Transformer model, Tokenizer tokenizer, IOptimizer optimizer, IKernels kernels,
        IReadOnlyList<IRaiseListener> listeners, CancellationToken cancellation)
    {
        (_run, _workspace, _name, _model, _tokenizer, _optimizer, _kernels, _listeners, _cancellation) = (run, workspace, name, model, tokenizer, optimizer, kernels, listeners, cancellation);
        _resumed = File.Exists(run.StatePath) ? RunState.Load(run.StatePath, model, optimizer) : null;
        RaisePlan plan = run.Record.Plan!;
        string? next = plan.Recipe.Stages.ElementAtOrDefault(run.Record.Stages.Count)?.Name;
        _metrics = new RunMetrics(run, run.Record.Stages.Sum(s => s.Steps), _resumed is not null && _resumed.Stage == next ? _resumed.Step : 0, plan.FlopsPerToken);
    }

    /// <summary>The newest figures.</summary>
    public LastReports Last { get; } = new();

    /// <summary>Whether the stage is one that an earlier process began.</summary>
    public bool IsResumed(StagePlan stage) => _resumed?.Stage == stage.Name && _resumed.Step > 0;

    /// <summary>Runs a stage to its end and saves a version of the model.</summary>
    /// <param name="stage">Its plan.</param>
    /// <param name="training">The stage, just opened.</param>
    /// <param name="seed">Its seed, for the lineage.</param>
    /// <param name="data">What it learned from, for the lineage.</param>
    /// <param name="adapterFolder">Where to save the model's adapter by itself; null to save a model with the adapter merged into it.</param>
    /// <exception cref="OperationCanceledException">The cancellation was asked for; the state is saved.</exception>
    public void Train(StagePlan stage, TrainingStage training, ulong seed, IReadOnlyDictionary<string, string> data, string? adapterFolder = null)
    {
        if (IsResumed(stage))
        {
            RunState.Restore(_run.StatePath, training.Buffers);
            training.Progress = _resumed!;
        }

        long lastSave = Stopwatch.GetTimestamp();
        bool complete = training.Run([.. _listeners, _metrics, Last, new RolloutSamples(_run.RolloutsPath)], () =>
        {
            if (Stopwatch.GetElapsedTime(lastSave) < SaveEvery) return;
            SaveState(training);
            lastSave = Stopwatch.GetTimestamp();
        }, Sample, _cancellation);
        if (!complete)
        {
            SaveState(training);
            throw new OperationCanceledException(_cancellation);
        }

        StageProgress progress = training.Progress;
        var result = new StageResult(stage.Name, training.Step, training.Tokens, progress.Seconds, Last.Loss, training.SkippedBatches);
        RunRecord record = _run.Record with { Stages = [.. _run.Record.Stages, result], Lineage = [.. _run.Record.Lineage, new StageRecord(stage.Name, training.Step, training.Tokens, seed, data, progress.Seconds)] };
        (string model, string folder, Lineage lineage) = adapterFolder is null ? SaveModel(record) : SaveAdapter(record, adapterFolder);
        // First the state, then the record: a crash between them finishes the stage once more, and loses nothing.
        SaveState(training);
        _run.Save(record with { Model = model, Parent = lineage.Id });
        foreach (IRaiseListener listener in _listeners) listener.Saved(model, folder);
    }

    /// <summary>Folder of the model that training began with, whose tokenizer and settings go into those that are saved; null for none.</summary>
    public string? MadeFrom { get; init; }

    /// <summary>Sets the exams after a stage, unless they were set before the run was interrupted.</summary>
    public void Examine(string stage, IReadOnlyList<PlannedExam> exams)
    {
        if (exams.Sum(e => e.Questions) == 0 || _run.Record.Scores.ContainsKey(stage)) return;
        var scores = new Dictionary<string, double>();
        using var generator = new Generator(_model, _tokenizer, _kernels);
        foreach (PlannedExam exam in exams)
        {
            _cancellation.ThrowIfCancellationRequested();
            foreach (IRaiseListener listener in _listeners) listener.Progressed("exams", (double)scores.Count / exams.Count, $"{exam.Name} {Reverie.Evaluation.Train.When(stage)}");
            ExamRun run = ExamRun.Play(exam.Tasks, Split.HeldOut, exam.Questions, new ModelActor(generator, exam.Sampling), [generator], _tokenizer, cancellation: _cancellation);
            ExamResult result = run.Result() with { Name = exam.Name };
            scores[exam.Name] = Math.Round(result.Score, 4);
            if (exam.Tasks is Honesty) _run.SaveCalibration(run);
            _run.Append(stage, Split.HeldOut, result);
            foreach (IRaiseListener listener in _listeners) listener.Examined(stage, result);
        }

        _run.Save(_run.Record with { Scores = new Dictionary<string, IReadOnlyDictionary<string, double>>(_run.Record.Scores) { [stage] = scores } });
    }

    /// <summary>What a stage learned from, as the lineage tells it.</summary>
    public static Dictionary<string, string> DataOf(StagePlan stage, IReadOnlyList<TokenDataset> train)
    {
        if (stage.Rollouts is null) return train.Where(d => stage.Mixture.ContainsKey(d.Name)).ToDictionary(d => d.Name, d => d.Hash);
        var data = stage.Mixture.ToDictionary(m => m.Key, m => string.Create(CultureInfo.InvariantCulture, $"tasks, share {m.Value:0.###}"));
        data["credit"] = stage.Rollouts.Credit;
        foreach (TokenDataset rehearsed in train.Where(d => stage.Rollouts.Rehearsal?.Mixture.ContainsKey(d.Name) is true)) data[$"{rehearsed.Name}, rehearsed"] = rehearsed.Hash;
        return data;
    }

    /// <summary>Closes the logs.</summary>
    public void Dispose() => _metrics.Dispose();

    private void SaveState(TrainingStage training) => RunState.Save(_run.StatePath, _model, _optimizer, training.Progress, training.Buffers);

    private (string Model, string Folder, Lineage Lineage) SaveModel(RunRecord record)
    {
        (string version, string folder) = _workspace.NextVersion(_name);
        Lineage lineage = Checkpoint.Save(folder, _model, _tokenizer, new Lineage { Name = _name, Version = version, Parent = record.Parent, Stages = record.Lineage }, Checkpoint.TypeToSave(_model), _model.Adapter, madeFrom: MadeFrom);
        _workspace.SetCurrent(_name, version);
        return ($"{_name}@{version}", folder, lineage);
    }

    private (string Model, string Folder, Lineage Lineage) SaveAdapter(RunRecord record, string folder)
    {
        string version = Path.GetFileName(Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar));
        return (record.Model!, folder, _model.Adapter!.Save(folder, new Lineage { Name = _name, Version = version, Parent = record.Parent, Stages = record.Lineage }));
    }

    private string Sample(Transformer model)
    {
        using var generator = new Generator(model, _tokenizer, _kernels);
        return FirstWords.Sample(generator, _tokenizer, _samples++);
    }
}
