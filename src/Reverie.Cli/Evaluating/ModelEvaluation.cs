using System.Diagnostics;
using Reverie.Cli.Chat;
using Reverie.Cli.Display;
using Reverie.Evaluation;
using Reverie.Models;
using Reverie.Training;
using Reverie.Worlds;

namespace Reverie.Cli.Evaluating;

/// <summary>Grades one model: runs the suites, tells each figure as it comes, and keeps all for the files and the JSON object.</summary>
internal sealed class ModelEvaluation(EvalOptions options, ModelInUse model, TextWriter text, CancellationToken cancellation)
{
    private readonly Dictionary<string, double> _bitsPerByte = [];
    private readonly List<ExamResult> _exams = [];
    private readonly List<TaskResult> _tasks = [];

    /// <summary>Runs all suites.</summary>
    /// <returns>What goes into the JSON object.</returns>
    public object Run(string split)
    {
        DateTime started = DateTime.UtcNow;
        var clock = Stopwatch.StartNew();
        text.WriteLine($"{model.Name}, {Figures.Short(model.Transformer.Config.ParameterCount)} parameters, {split}");
        bool usual = options.Suites.Count == 0;
        if (usual || options.Suites.Any(s => s.Kind == EvalSuiteKind.BitsPerByte)) MeasureTexts(split);
        ITaskSet[] sets = usual ? [.. Primer.Exams] : [.. options.Suites.SelectMany(s => s.Sets()).DistinctBy(s => s.Name)];
        if (sets.Length > 0) text.WriteLine("exams");
        foreach (ITaskSet set in sets) Examine(set);
        EvalSuite[] files = [.. options.Suites.Where(s => s.Kind is EvalSuiteKind.File or EvalSuiteKind.Gsm8k)];
        if (files.Length > 0) text.WriteLine("files");
        foreach (EvalSuite file in files)
        {
            TaskResult result = file.Kind == EvalSuiteKind.Gsm8k ? AskGsm8k(file) : AskFile(file);
            _tasks.Add(result);
            TaskLines.Write(result, text);
        }

        double[] centered = [.. _tasks.SelectMany(t => t.Metrics).Where(m => m.Name == "acc_centered").Select(m => m.Value)];
        if (centered.Length > 1) text.WriteLine($"  mean of acc_centered over {centered.Length} files (CORE where these are its 22): {Figures.ThreeDigits(centered.Average())}");
        string? written = options.Output is null ? null : ResultsFile.Write(options.Output, Describe(started, clock.Elapsed), _tasks);
        if (written is not null) text.WriteLine($"results in {written}");
        return new
        {
            Model = model.Name,
            Split = split,
            BitsPerByte = _bitsPerByte,
            Scores = _exams.ToDictionary(e => e.Name, e => Math.Round(e.Score, 4)),
            StandardErrors = _exams.ToDictionary(e => e.Name, e => Math.Round(e.StandardError, 4)),
            Questions = _exams.ToDictionary(e => e.Name, e => e.Questions),
            AccCentered = centered.Length > 1 ? centered.Average() : (double?)null,
            Results = _tasks.ToDictionary(t => t.Name, TaskLines.Json),
            Calibration = _tasks.Where(t => t.Answers.Count > 0).ToDictionary(t => t.Name, t => TaskLines.Json(Calibration.Measure(t.Answers))),
            ResultsFile = written,
            Transcripts = options.Verbose ? _exams.ToDictionary(e => e.Name, e => e.Transcripts) : null,
        };
    }

    private void Examine(ITaskSet set)
    {
        var actor = new ModelActor(model.Generator, new SamplingOptions { Temperature = options.Temperature });
        ExamRun run = ExamRun.Play(set, options.Split, options.Questions, actor, [model.Generator], model.Tokenizer, options.Samples, options.ExamSeed, null, cancellation);
        ExamResult result = run.Result();
        TaskResult task = run.Task();
        _exams.Add(result);
        _tasks.Add(task);
        Write(result);
        foreach (Metric metric in task.Metrics.Skip(1)) text.WriteLine($"    {metric.Name,-14} {Figures.Percent(metric.Value, 1),6} ± {Figures.Percent(metric.StandardError, 1)}");
        if (options.Verbose) TaskLines.WriteCalibration(Calibration.Measure(task.Answers), text);
    }

    private TaskResult AskFile(EvalSuite suite)
    {
        QueryTask task = QueryTask.Open(suite.Name, new QueryTaskOptions
        {
            Format = suite.Format ?? options.Format,
            Shots = options.Shots ?? 0,
            Examples = options.Examples,
            Limit = options.Limit,
            Seed = options.FewShotSeed,
            Delimiter = options.Delimiter,
            Baseline = options.Baseline,
        });
        using var scorer = new LogLikelihoodScorer(model.Transformer, model.Tokenizer, model.Kernels);
        return Unique(task.Run(scorer, cancellation));
    }

    private TaskResult AskGsm8k(EvalSuite suite)
    {
        Gsm8kTask task = Gsm8kTask.Open(suite.Name, new Gsm8kOptions
        {
            Shots = options.Shots ?? new Gsm8kOptions().Shots,
            Limit = options.Limit,
            Seed = options.FewShotSeed,
            Chat = options.Chat,
            Samples = options.Samples,
            Temperature = options.Temperature,
        });
        return Unique(task.Run(model.Generator, model.Tokenizer, cancellation));
    }

    /// <summary>Two files of one name are two tasks.</summary>
    private TaskResult Unique(TaskResult result)
    {
        string name = result.Name;
        for (int i = 2; _tasks.Any(t => t.Name == result.Name); i++) result = result with { Name = $"{name}_{i}" };
        return result;
    }

    private EvaluationRun Describe(DateTime started, TimeSpan elapsed) => new()
    {
        Model = model.Name,
        ModelId = model.Id,
        Parameters = model.Transformer.Config.ParameterCount,
        ContextLength = model.Transformer.Config.ContextLength,
        Seed = options.FewShotSeed,
        Limit = options.Limit,
        Started = started,
        Elapsed = elapsed,
    };

    private void MeasureTexts(string split)
    {
        using var hub = new HuggingFaceHub(Path.Combine(options.Workspace.DataFolder, "hub"));
        IEnumerable<ICorpus> corpora = Primer.Corpora.Concat(options.Data.Select(path => FileCorpus.OpenAsync(path, hub, cancel: cancellation).GetAwaiter().GetResult()));
        int context = model.Transformer.Config.ContextLength;
        using var learner = new Learner(model.Transformer, model.Kernels);
        var batch = new Batch(Math.Max(context, 2048));
        var reading = new TokenDatasetOptions { MaximumTokens = options.Tokens, Threads = model.Kernels.Threads };
        text.WriteLine("bits per byte");
        foreach (ICorpus corpus in corpora)
        {
            using TokenDataset data = TokenDataset.InMemory(corpus, options.Split, options.ExamSeed, model.Tokenizer, reading, cancellation);
            if (data.Count == 0)
            {
                text.WriteLine($"  {corpus.Name,-16} holds no {split} text");
                continue;
            }

            _bitsPerByte[corpus.Name] = Math.Round(BitsPerByte.Measure(learner, data, context, reading.MaximumTokens, batch), 4);
            text.WriteLine($"  {corpus.Name,-16} {_bitsPerByte[corpus.Name]:F3}");
        }
    }

    private void Write(ExamResult result)
    {
        double? target = options.Split == Split.HeldOut ? Targets.Of(result.Name) : null;
        string mark = target is null ? "" : Targets.IsMissed(result.Name, result.Score) ? $"  below the target of {Figures.Percent(target.Value)}" : $"  target {Figures.Percent(target.Value)} reached";
        text.WriteLine($"  {result.Name,-16} {Figures.Percent(result.Score, 1),6} ± {Figures.Percent(result.StandardError, 1)} of {result.Questions}{mark}");
        if (!options.Verbose) return;
        foreach (ExamTranscript transcript in result.Transcripts)
        {
            foreach (string line in transcript.Prompt.Split('\n')) text.WriteLine($"      {RaiseFrame.Printable(line)}");
            text.WriteLine($"      said:   {RaiseFrame.Printable(transcript.Reply)}");
            if (transcript.Score < 1) text.WriteLine($"      expert: {RaiseFrame.Printable(transcript.Gold)}");
            text.WriteLine($"      score:  {Figures.Plain(Math.Round(transcript.Score, 3))}");
            text.WriteLine();
        }
    }
}
