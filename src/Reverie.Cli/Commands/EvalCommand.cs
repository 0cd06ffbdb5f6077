using System.CommandLine;
using System.Globalization;
using Reverie.Cli.Chat;
using Reverie.Cli.Evaluating;
using Reverie.Evaluation;
using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie eval</c>: grade a model, or several against each other.</summary>
internal sealed class EvalCommand : ReverieCommand
{
    private const string HeldOut = "held-out", OutOfDistribution = "out-of-distribution", Train = "train";

    private readonly Terminal _terminal;
    private readonly Argument<string> _model = new("MODEL") { Description = "Name, name@version, folder or .gguf file." };
    private readonly Argument<string[]> _suites;
    private readonly ModelFlags _flags;
    private readonly Option<int> _questions, _samples, _answer, _threads;
    private readonly Option<int?> _limit, _shots;
    private readonly Option<string> _split, _judge;
    private readonly Option<ulong?> _seed;
    private readonly Option<long> _tokens;
    private readonly Option<double?> _temperature, _baseline;
    private readonly Option<string[]> _data;
    private readonly Option<bool> _verbose, _json, _chat, _arena, _exact;
    private readonly Option<string?> _workspace, _examples, _format, _delimiter, _output, _budgets;

    /// <summary>Creates the command.</summary>
    public EvalCommand(Terminal terminal) : base("eval", "Grade a model: bits per byte of text by source, exams with their standard errors, and public question files by the field's conventions; or set models against each other.",
        "eval reverie", "eval reverie addition facts --questions 300 --verbose", "eval reverie bits-per-byte --data book.txt --json",
        "eval reverie addition --samples 8", "eval reverie arithmetic --budgets 0,32,128", "eval reverie hellaswag_val.jsonl gsm8k:data/gsm8k --limit 200 --output results", "eval reverie@1 reverie@2 --arena")
    {
        _terminal = terminal;
        _suites = new Argument<string[]>("SUITE")
        {
            Description = $"bits-per-byte, exams, single exams and task sets ({string.Join(", ", Primer.Exams.Concat(TaskSets.All).Select(e => e.Name).Distinct())}), FILE.jsonl, FORMAT:FILE or gsm8k:PATH; with --arena also more models. [default: bits-per-byte and exams]",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Arguments.Add(_model);
        Arguments.Add(_suites);
        _questions = Within(Option("--questions", "Questions of each exam.", 100, "N"), 1, 100_000);
        _limit = Within(Option<int?>("--limit", "At most so many questions of each file. [default: all]", "N"), 1, 10_000_000);
        _split = Option("--split", $"{HeldOut}, {OutOfDistribution} or {Train}.", HeldOut, "NAME");
        _split.AcceptOnlyFromAmong(HeldOut, OutOfDistribution, Train);
        _seed = Within(Option<ulong?>("--seed", "Which questions, texts and examples. [default: 2; for the examples of files 1234, as the field has it]", "N"), 0, int.MaxValue);
        _shots = Within(Option<int?>("--shots", "Examples before each question of a file. [default: 0; gsm8k 5]", "N"), 0, 1000);
        _examples = Option<string?>("--examples", "File of examples. [default: the questions' own file; gsm8k: train.jsonl beside it]", "FILE");
        _format = Option<string?>("--format", $"Format of the files: {string.Join(", ", QueryFormats.All.Select(f => f.Name))}. [default: told from the fields]", "NAME");
        _format.AcceptOnlyFromAmong([.. QueryFormats.All.Select(f => f.Name)]);
        _delimiter = Option<string?>("--delimiter", "Text between question and answer. [default: a space]", "TEXT");
        _baseline = Within(Option<double?>("--baseline", "Accuracy of guessing, for CORE's centred accuracy. [default: one over the options]", "P"), 0, 0.999);
        _chat = Option<bool>("--chat", "Ask gsm8k in the chat template.");
        _samples = Within(Option("--samples", "Replies to each question of exams and gsm8k; more than one also gives pass@k, pass^k, maj@N and best@N.", 1, "N"), 1, 10_000);
        _temperature = Within(Option<double?>("--temperature", "How replies are drawn; 0 takes the likeliest tokens. [default: 0, or 1 where --samples asks for several]", "T"), 0, 100);
        _output = Option<string?>("--output", "Write results_TIME.json and samples_TASK_TIME.jsonl there, as lm-evaluation-harness does.", "FOLDER");
        _budgets = Option<string?>("--budgets", "Draw accuracy against tokens: most tokens of reasoning for each point of the curve. [default suite: arithmetic]", "N,N");
        _exact = Option<bool>("--exact-budgets", "Reason for exactly as many tokens as the budget has, not at most.");
        _answer = Within(Option("--answer-tokens", "Tokens of a reply beside its reasoning, under a budget.", 64, "N"), 1, 1 << 20);
        _arena = Option<bool>("--arena", "Set the models named against each other: a ladder with 95% intervals.");
        _judge = Option("--judge", $"Who judges in the arena: {ArenaEvaluation.Verifier}, {ArenaEvaluation.ModelPrefix}NAME or {ArenaEvaluation.Person}.", ArenaEvaluation.Verifier, "WHO");
        _tokens = Within(Option("--tokens", "Tokens of each source for bits per byte.", 20_000L, "N"), 16, double.PositiveInfinity);
        _data = Option<string[]>("--data", "Your own text for bits per byte, as in raise. May be repeated.", "PATH");
        _verbose = Option<bool>("--verbose", "Show some answers of each exam, wrong ones first.");
        _flags = new ModelFlags(this);
        _threads = ThreadsOption();
        _workspace = WorkspaceOption();
        _json = JsonOption();
        AddChecks();
        SetAction(parsed => Run(parsed, parsed.GetValue(_json) ? _terminal.ForJson() : _terminal));
    }

    private void AddChecks()
    {
        _suites.Validators.Add(result =>
        {
            bool arena = result.GetValue(_arena);
            foreach (string word in result.Tokens.Select(t => t.Value))
            {
                if (arena && !EvalSuite.IsSuite(word)) continue;
                try
                {
                    EvalSuite.Parse(word);
                }
                catch (ReverieException e)
                {
                    result.AddError(e.Message);
                }
            }
        });
        _budgets.Validators.Add(result =>
        {
            foreach (string text in result.Tokens.Select(t => t.Value))
                if (Numbers(text).Contains(-1)) result.AddError($"--budgets must be numbers of tokens with commas between them, such as 0,32,128, not {text}.");
        });
        _judge.Validators.Add(result =>
        {
            string judge = result.Tokens.Count > 0 ? result.Tokens[0].Value : ArenaEvaluation.Verifier;
            if (judge is not (ArenaEvaluation.Verifier or ArenaEvaluation.Person) && !judge.StartsWith(ArenaEvaluation.ModelPrefix, StringComparison.Ordinal))
                result.AddError($"There is no judge {judge}. Choose among {ArenaEvaluation.Verifier}, {ArenaEvaluation.ModelPrefix}NAME and {ArenaEvaluation.Person}.");
        });
    }

    private int Run(ParseResult parsed, Terminal terminal)
    {
        using var interruption = new Interruption(() => { });
        EvalOptions options = Read(parsed);
        object result;
        if (parsed.GetValue(_arena)) result = ArenaEvaluation.Run(options, terminal, interruption.Token);
        else
        {
            using var model = ModelInUse.Open(options.Workspace, options.Models[0], options.Threads, 64, options.Choice);
            result = options.Budgets.Count > 0
                ? new BudgetEvaluation(options, model, terminal, interruption.Token).Run(parsed.GetValue(_split)!)
                : new ModelEvaluation(options, model, terminal.Messages, interruption.Token).Run(parsed.GetValue(_split)!);
        }

        if (parsed.GetValue(_json)) JsonResult.Write(terminal.Output, result);
        return ExitCode.Success;
    }

    // What is no number of tokens becomes -1.
    private static int[] Numbers(string text) =>
        [.. text.Split(',').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= 1 << 20 ? number : -1)];

    private EvalOptions Read(ParseResult parsed)
    {
        string[] words = parsed.GetValue(_suites) ?? [];
        bool arena = parsed.GetValue(_arena);
        int samples = parsed.GetValue(_samples);
        return new EvalOptions
        {
            Workspace = new Workspace(parsed.GetValue(_workspace)),
            Choice = _flags.Read(parsed),
            Models = [parsed.GetValue(_model)!, .. words.Where(w => arena && !EvalSuite.IsSuite(w))],
            Suites = [.. words.Where(w => !arena || EvalSuite.IsSuite(w)).Select(EvalSuite.Parse)],
            Split = parsed.GetValue(_split) switch { Train => Split.Train, OutOfDistribution => Split.OutOfDistribution, _ => Split.HeldOut },
            Questions = parsed.GetValue(_questions),
            Limit = parsed.GetValue(_limit),
            Seed = parsed.GetValue(_seed),
            Tokens = parsed.GetValue(_tokens),
            Data = parsed.GetValue(_data) ?? [],
            Shots = parsed.GetValue(_shots),
            Examples = parsed.GetValue(_examples),
            Format = parsed.GetValue(_format),
            Delimiter = parsed.GetValue(_delimiter)?.Replace("\\n", "\n", StringComparison.Ordinal),
            Baseline = parsed.GetValue(_baseline),
            Chat = parsed.GetValue(_chat),
            Samples = samples,
            Temperature = (float)(parsed.GetValue(_temperature) ?? (samples > 1 ? 1 : 0)),
            Budgets = parsed.GetValue(_budgets) is { } budgets ? Numbers(budgets) : [],
            ExactBudgets = parsed.GetValue(_exact),
            AnswerTokens = parsed.GetValue(_answer),
            Output = parsed.GetValue(_output),
            Verbose = parsed.GetValue(_verbose),
            Threads = parsed.GetValue(_threads),
            Judge = parsed.GetValue(_judge)!,
        };
    }
}
