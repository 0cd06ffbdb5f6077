using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Reverie.Cli.Display;
using Reverie.Evaluation;
using Reverie.Models;
using Reverie.Tensors;
using Reverie.Training;
using Reverie.Worlds;

namespace Reverie.Cli.Commands;

/// <summary>A stage of <c>reverie train</c>.</summary>
internal sealed class TrainStageCommand : ReverieCommand
{
    private static readonly RolloutPlan _usual = new();
    private readonly string _stage;
    private readonly bool _plays, _reads;
    private readonly Argument<string> _model = new("MODEL") { Description = "Name, name@version, folder or .gguf file of the model to begin with." };
    private readonly Option<string[]> _tasks, _exams;
    private readonly Option<string[]>? _data, _rehearse;
    private readonly Option<string>? _credit;
    private readonly Option<string?>? _teacher;
    private readonly Option<int>? _prompts, _group, _turns, _tokensPerTurn, _updates;
    private readonly Option<float>? _temperature;
    private readonly Option<int?>? _batchTokens;
    private readonly Option<double?> _minutes;
    private readonly Option<int?> _steps, _lora;
    private readonly Option<float?> _rate;
    private readonly Option<string?> _optimizer, _name, _keepAdapter, _workspace;
    private readonly Option<int> _questions, _threads;
    private readonly Option<ulong> _seed;
    private readonly Option<string> _quantize;
    private readonly Option<bool> _json;

    /// <summary>Creates the command.</summary>
    /// <param name="terminal">Where to read and write.</param>
    /// <param name="name">What is typed.</param>
    /// <param name="stage">The stage that it runs.</param>
    /// <param name="description">What it does.</param>
    /// <param name="examples">Arguments, after <c>reverie</c>, that a reader can try.</param>
    public TrainStageCommand(Terminal terminal, string name, string stage, string description, params string[] examples) : base(name,
        description + " Ctrl+C saves and stops with exit code 130; the same command goes on from there.", examples)
    {
        (_stage, _plays, _reads) = (stage, stage is "rl" or "distill", stage != "rl");
        Arguments.Add(_model);
        _tasks = Option<string[]>("--tasks", "Task set, with a weight after a colon: calendar, spelling:0.5. May be repeated." + (_plays ? "" : " Its experts' demonstrations are read."), "NAME[:WEIGHT]");
        _tasks.Validators.Add(result => Try(result, text => TaskSets.Find(Share(text).Name)));
        _tasks.Required = !_reads;
        if (_reads) _data = Option<string[]>("--data", "Text to read: files, folders, globs, .txt .md .jsonl .parquet, or hf:OWNER/NAME. May be repeated.", "PATH|hf:NAME");
        else _rehearse = Option<string[]>("--rehearse", $"What to read beside the episodes, so that what is not played is not forgotten: {TrainOptions.PrimerName} for what raise taught, or text as train sft --data takes it. May be repeated.", $"{TrainOptions.PrimerName}|PATH|hf:NAME");
        if (name == "rl") _credit = Option("--credit", $"Credit rule: {string.Join(", ", CreditRules.All.Select(r => r.Name))}.", _usual.Credit, "RULE");
        if (_plays && name != "dpo") _teacher = Option<string?>("--teacher", "Model to learn from, of the same tokenizer.", "MODEL");
        if (_plays)
        {
            _prompts = Within(Option("--prompts", "Tasks of a step.", _usual.Prompts, "N"), 1, 1 << 16);
            _group = Within(Option("--group", "Tries at each task.", _usual.GroupSize, "N"), 1, 1 << 16);
            _turns = Within(Option("--turns", "Turns of an episode.", _usual.Turns, "N"), 1, 1000);
            _tokensPerTurn = Within(Option("--tokens-per-turn", "Tokens that a turn may have.", _usual.TokensPerTurn, "N"), 1, 1 << 20);
            _temperature = Within(Option("--temperature", "Temperature of the tries; 1 is the model's own distribution.", _usual.Temperature, "T"), 0.01, 100);
            _updates = Within(Option("--updates", "Steps on the same episodes.", _usual.UpdatesPerBatch, "N"), 1, 1000);
        }

        if (_reads) _batchTokens = Within(Option<int?>("--batch-tokens", "Tokens of a step. [default: 4096]", "N"), 16, 1 << 26);
        _minutes = Within(Option<double?>("--minutes", "Time for training, exams not counted. [default: 5]", "M"), 0.01, 100_000);
        _steps = Within(Option<int?>("--steps", "Steps instead of a time; then the same seed gives the same bits.", "N"), 1, int.MaxValue);
        _rate = Within(Option<float?>("--rate", "Peak learning rate. [default: by the stage and the model's width]", "RATE"), 1e-9, 10);
        _optimizer = Option<string?>("--optimizer", "adamw or muon. [default: muon; adamw with --lora]", "NAME");
        _optimizer.AcceptOnlyFromAmong("adamw", "muon");
        _lora = Within(Option<int?>("--lora", "Train an adapter of this rank and leave the model as it is; it is merged into the new version.", "RANK"), 1, 1 << 12);
        _quantize = Option("--quantize", "Keep the frozen weights under --lora as q8_0 or bf16; none takes them as they are.", "none", "TYPE");
        _quantize.AcceptOnlyFromAmong(ModelFlags.Precisions);
        _keepAdapter = Option<string?>("--keep-adapter", "Save the adapter by itself in this new folder, in PEFT's layout, instead of a new version.", "FOLDER");
        _exams = Option<string[]>("--exams", "Task sets to examine before and after. [default: those of --tasks]", "NAME");
        _exams.Validators.Add(result => Try(result, text => TaskSets.Find(text)));
        foreach (Option<string[]> many in new[] { _tasks, _data, _rehearse, _exams }.OfType<Option<string[]>>()) many.AllowMultipleArgumentsPerToken = true;
        _questions = Within(Option("--questions", "Held-out questions of each exam; 0 for no exams.", 100, "N"), 0, 100_000);
        _name = Option<string?>("--name", "Name of the new model. [default: a new version of MODEL]", "NAME");
        _seed = Option("--seed", "The seed of everything that is drawn.", 1ul, "N");
        _threads = ThreadsOption();
        _workspace = WorkspaceOption();
        _json = JsonOption();
        Validators.Add(Check);
        SetAction(parsed => Run(parsed, parsed.GetValue(_json) ? terminal.ForJson() : terminal));
    }

    /// <summary>A name with a weight after its last colon, where there is one.</summary>
    internal static TaskShare Share(string text)
    {
        int colon = text.LastIndexOf(':');
        return colon > 0 && double.TryParse(text.AsSpan(colon + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out double weight)
            ? weight > 0 && double.IsFinite(weight) ? new TaskShare(text[..colon], weight) : throw new ReverieException($"The weight of {text[..colon]} is {text[(colon + 1)..]}; give a number above 0.")
            : new TaskShare(text);
    }

    private static void Try(OptionResult result, Action<string> find)
    {
        foreach (Token token in result.Tokens)
        {
            try
            {
                find(token.Value);
            }
            catch (ReverieException e)
            {
                result.AddError(e.Message);
            }
        }
    }

    /// <summary>What does not go together is a wrong command line, not a failure.</summary>
    private void Check(CommandResult result)
    {
        TrainOptions options;
        try
        {
            options = Read(result);
        }
        catch (ReverieException)
        {
            // The option's own check says it.
            return;
        }

        try
        {
            TrainPlanner.Check(options);
        }
        catch (ReverieException e)
        {
            result.AddError(e.Message);
        }
    }

    private TrainOptions Read(SymbolResult parsed)
    {
        T? Get<T>(Option<T>? option) => option is null ? default : parsed.GetValue(option);
        string[] data = Get(_data) ?? [], exams = Get(_exams) ?? [];
        // Distillation on tasks alone is rl with the rule of that name.
        string stage = _stage == "distill" && data.Length == 0 ? "rl" : _stage;
        var options = new TrainOptions
        {
            Stage = stage,
            Model = parsed.GetValue(_model)!,
            Name = Get(_name),
            Tasks = [.. (Get(_tasks) ?? []).Select(Share)],
            Data = data,
            Rehearse = Get(_rehearse) ?? [],
            Exams = exams.Length == 0 ? null : exams,
            Questions = Get(_questions),
            Minutes = Get(_minutes),
            Steps = Get(_steps),
            LearningRate = Get(_rate),
            Optimizer = Get(_optimizer),
            BatchTokens = Get(_batchTokens),
            LoraRank = Get(_lora),
            Precision = ModelFlags.PrecisionOf(Get(_quantize)!),
            AdapterFolder = Get(_keepAdapter),
            Teacher = Get(_teacher),
            Seed = Get(_seed),
            Threads = Get(_threads),
        };
        return stage != "rl" ? options : options with
        {
            Rollouts = new RolloutPlan
            {
                // Defaults are not there yet when the command line is checked.
                Credit = _credit is null ? Name : Get(_credit) ?? _usual.Credit,
                Prompts = Get(_prompts),
                GroupSize = Get(_group),
                Turns = Get(_turns),
                TokensPerTurn = Get(_tokensPerTurn),
                Temperature = Get(_temperature),
                UpdatesPerBatch = Get(_updates),
            },
        };
    }

    private int Run(ParseResult parsed, Terminal terminal)
    {
        TrainOptions options = Read(parsed.CommandResult);
        var workspace = new Workspace(parsed.GetValue(_workspace));
        var progress = new RaiseProgress(new RaiseOptions { Name = options.Name ?? options.Model, Minutes = options.Minutes ?? (options.Steps is null ? 5 : double.NaN), ExamQuestions = options.Questions }, doing: "training");
        TrainResult result;
        try
        {
            result = LiveRun.Do(terminal, progress, (plan, resumed) => TrainView.Plan(plan, options, resumed), (listeners, cancellation) => Train.Run(options, workspace, listeners, cancellation));
        }
        catch (OperationCanceledException)
        {
            terminal.Messages.WriteLine("Stopped and saved. Run the same command to resume.");
            return ExitCode.Interrupted;
        }

        string where = parsed.GetValue(_workspace) is { } folder ? $" --workspace {folder}" : "";
        terminal.Messages.WriteLine();
        terminal.Console.Write(TrainView.Summary(result, terminal.Console.Profile.Capabilities.Unicode));
        terminal.Messages.WriteLine(options.AdapterFolder is null ? $"The model is in {result.Folder}. Next:" : $"The adapter is in {result.Folder}. Next:");
        terminal.Messages.WriteLine($"  {Shell.ProgramName} chat {result.Model}{(options.AdapterFolder is { } kept ? $" --adapter {kept}" : "")}{where}");
        if (options.AdapterFolder is not null) terminal.Messages.WriteLine($"  {Shell.ProgramName} models merge {result.Model} {options.AdapterFolder} --name NAME{where}");
        terminal.Messages.WriteLine($"  {Shell.ProgramName} report {result.Run}{where}");
        if (parsed.GetValue(_json)) JsonResult.Write(terminal.Output, result);
        return ExitCode.Success;
    }
}
