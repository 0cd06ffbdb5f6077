using System.CommandLine;
using Reverie.Cli.Chat;
using Reverie.Cli.Display;
using Reverie.Evaluation;
using Reverie.Models;
using Reverie.Training;

namespace Reverie.Cli.Commands;

/// <summary>Does the work of <c>raise</c>; tests put a script in its place.</summary>
internal delegate RaiseResult RaiseWork(RaiseOptions options, Workspace workspace, IReadOnlyList<IRaiseListener> listeners, CancellationToken cancellation);

/// <summary><c>reverie raise</c>: from text to a model to talk to.</summary>
internal sealed class RaiseCommand : ReverieCommand
{
    private readonly RaiseWork _work;
    private readonly Option<double> _minutes;
    private readonly Option<string[]> _data;
    private readonly Option<double?> _dataShare;
    private readonly Option<string> _name;
    private readonly Option<ulong> _seed;
    private readonly Option<int> _threads;
    private readonly Option<int?> _width, _layers, _vocabulary, _context, _batchTokens, _rlPrompts, _rlGroup;
    private readonly Option<long?> _tokens;
    private readonly Option<float?> _learningRate, _rlRate;
    private readonly Option<string?> _optimizer, _workspace, _credit;
    private readonly Option<bool?> _tied;
    private readonly Option<int> _examQuestions;
    private readonly Option<bool> _json, _noChat, _noRl;

    /// <summary>Creates the command.</summary>
    public RaiseCommand(Terminal terminal, RaiseWork work) : base("raise",
        "Grow a model end to end, then talk to it: tokenizer, pretraining, midtraining, fine-tuning on conversations, reinforcement, exams, report. "
        + "Ctrl+C saves and stops with exit code 130; the same command goes on from there.",
        "raise", "raise --minutes 1 --name tiny --no-chat", "raise --minutes 30 --data ~/books --data hf:roneneldan/TinyStories --name storyteller")
    {
        _work = work;
        var defaults = new RaiseOptions();
        _minutes = Within(Option("--minutes", "How long it may take in all. The rest of the plan follows from it and from the speed of the machine.", defaults.Minutes, "M"), 0.05, 100_000);
        _data = Option<string[]>("--data", "Real text beside the built-in Primer: files, folders, globs, .txt .md .jsonl .parquet, or hf:OWNER/NAME. May be repeated.", "PATH|hf:NAME");
        _data.AllowMultipleArgumentsPerToken = true;
        _dataShare = Within(Option<double?>("--data-share", "Share of --data among the tokens of pretraining, 0 to 1.", "SHARE"), 0, 1);
        _name = Option("--name", "The model's name.", defaults.Name, "NAME");
        _seed = Option("--seed", "The seed of weights, data and order.", defaults.Seed, "N");
        _threads = ThreadsOption();
        _width = Within(Option<int?>("--width", "Width of the model, a multiple of 32.", "N"), 32, 1 << 14);
        _layers = Within(Option<int?>("--layers", "Number of blocks.", "N"), 1, 1024);
        _vocabulary = Within(Option<int?>("--vocabulary", "Size of the vocabulary.", "N"), 280, 1 << 20);
        _context = Within(Option<int?>("--context", "Longest context in tokens.", "N"), 16, 1 << 20);
        _batchTokens = Within(Option<int?>("--batch-tokens", "Tokens of a step.", "N"), 16, 1 << 26);
        _tokens = Within(Option<long?>("--tokens", "Tokens of all stages together. With it the plan does not depend on the clock: the same seed gives the same bits.", "N"), 1, double.PositiveInfinity);
        _learningRate = Within(Option<float?>("--learning-rate", "Peak learning rate.", "RATE"), 1e-9, 10);
        _optimizer = Option<string?>("--optimizer", "adamw or muon.", "NAME");
        _optimizer.AcceptOnlyFromAmong("adamw", "muon");
        _tied = Option<bool?>("--tied", "Whether the output head shares the token table: true or false.", "BOOL");
        _rlRate = Within(Option<float?>("--rl-rate", "Learning rate of RL.", "RATE"), 1e-9, 10);
        _rlPrompts = Within(Option<int?>("--rl-prompts", "Tasks of a step of RL.", "N"), 1, 1 << 16);
        _rlGroup = Within(Option<int?>("--rl-group", "Episodes of each task.", "N"), 2, 1 << 12);
        _credit = Option<string?>("--credit", "The credit rule of RL.", "RULE");
        _credit.AcceptOnlyFromAmong([.. CreditRules.All.Select(r => r.Name)]);
        _noRl = Option<bool>("--no-rl", "End with SFT.");
        _examQuestions = Within(Option("--exam-questions", "Questions of each exam after fine-tuning and at the end, a quarter of them after the stages before; 0 for no exams.", defaults.ExamQuestions, "N"), 0, 100_000);
        _workspace = WorkspaceOption();
        _json = JsonOption();
        _noChat = Option<bool>("--no-chat", "Do not chat at the end.");
        SetAction(parsed => Run(parsed, parsed.GetValue(_json) ? terminal.ForJson() : terminal));
    }

    private RaiseOptions Read(ParseResult parsed) => new()
    {
        Name = parsed.GetValue(_name)!,
        Minutes = parsed.GetValue(_minutes),
        Data = parsed.GetValue(_data) ?? [],
        DataShare = parsed.GetValue(_dataShare),
        Seed = parsed.GetValue(_seed),
        Threads = parsed.GetValue(_threads),
        Width = parsed.GetValue(_width),
        Layers = parsed.GetValue(_layers),
        Vocabulary = parsed.GetValue(_vocabulary),
        Context = parsed.GetValue(_context),
        BatchTokens = parsed.GetValue(_batchTokens),
        LearningRate = parsed.GetValue(_learningRate),
        Optimizer = parsed.GetValue(_optimizer),
        TiedEmbeddings = parsed.GetValue(_tied),
        Tokens = parsed.GetValue(_tokens),
        RlLearningRate = parsed.GetValue(_rlRate),
        RlPrompts = parsed.GetValue(_rlPrompts),
        RlGroupSize = parsed.GetValue(_rlGroup),
        Credit = parsed.GetValue(_credit),
        WithoutRl = parsed.GetValue(_noRl),
        ExamQuestions = parsed.GetValue(_examQuestions),
    };

    private int Run(ParseResult parsed, Terminal terminal)
    {
        RaiseOptions options = Read(parsed);
        var workspace = new Workspace(parsed.GetValue(_workspace));
        var progress = new RaiseProgress(options);
        RaiseResult result;
        try
        {
            result = LiveRun.Do(terminal, progress, (plan, resumed) => PlanView.Of(plan, options, resumed), (listeners, cancellation) => _work(options, workspace, listeners, cancellation));
        }
        catch (OperationCanceledException)
        {
            terminal.Messages.WriteLine("Stopped and saved. Run the same command to resume.");
            return ExitCode.Interrupted;
        }

        terminal.Messages.WriteLine();
        terminal.Console.Write(SummaryView.Of(result, progress.Snapshot().Exams, terminal.Console.Profile.Capabilities.Unicode));
        foreach (string line in SummaryView.NextSteps(result, parsed.GetValue(_workspace))) terminal.Messages.WriteLine(line);
        terminal.Messages.WriteLine();
        Talk(terminal, workspace, result.Model, options.Threads, terminal.IsInteractive && !parsed.GetValue(_noChat));
        if (parsed.GetValue(_json)) JsonResult.Write(terminal.Output, result);
        return ExitCode.Success;
    }

    /// <summary>Talks with the person at the terminal, or lets the model show itself where there is none.</summary>
    private static void Talk(Terminal terminal, Workspace workspace, string name, int threads, bool person)
    {
        using var model = ModelInUse.Open(workspace, name, threads, 1);
        if (person) ChatCommand.Talk(terminal, model, ChatDefaults.Options with { Seed = (ulong)Environment.TickCount64 }, null);
        else FirstConversation.Print(terminal, model);
    }
}
