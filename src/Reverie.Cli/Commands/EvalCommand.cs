using System.CommandLine;
using Reverie.Cli.Chat;
using Reverie.Cli.Display;
using Reverie.Evaluation;
using Reverie.Models;
using Reverie.Training;
using Reverie.Worlds;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie eval</c>: grade a model.</summary>
internal sealed class EvalCommand : ReverieCommand
{
    private const string BitsPerByteSuite = "bits-per-byte", ExamsSuite = "exams";
    private const string HeldOut = "held-out", OutOfDistribution = "out-of-distribution", Train = "train";

    private readonly Terminal _terminal;
    private readonly Argument<string> _model = new("MODEL") { Description = "Name, name@version or folder." };
    private readonly Argument<string[]> _suites;
    private readonly Option<int> _questions, _threads;
    private readonly Option<string> _split;
    private readonly Option<ulong> _seed;
    private readonly Option<long> _tokens;
    private readonly Option<string[]> _data;
    private readonly Option<bool> _verbose, _json;
    private readonly Option<string?> _workspace;

    /// <summary>Creates the command.</summary>
    public EvalCommand(Terminal terminal) : base("eval", "Grade a model: bits per byte of text by source, and the Primer's exams with their standard errors.",
        "eval reverie", "eval reverie addition facts --questions 300 --verbose", "eval reverie bits-per-byte --data book.txt --json")
    {
        _terminal = terminal;
        _suites = new Argument<string[]>("SUITE")
        {
            Description = "bits-per-byte, exams, or single exams: addition, name-memory, facts, spelling, stories, abstain. [default: all]",
            Arity = ArgumentArity.ZeroOrMore,
        };
        _suites.Validators.Add(result =>
        {
            foreach (string suite in result.Tokens.Select(t => t.Value))
                if (suite is not (BitsPerByteSuite or ExamsSuite) && Primer.Exams.All(e => e.Name != suite))
                    result.AddError($"There is no suite {suite}. Choose among {BitsPerByteSuite}, {ExamsSuite}, {string.Join(", ", Primer.Exams.Select(e => e.Name))}.");
        });
        Arguments.Add(_model);
        Arguments.Add(_suites);
        _questions = Within(Option("--questions", "Questions of each exam.", 100, "N"), 1, 100_000);
        _split = Option("--split", $"{HeldOut}, {OutOfDistribution} or {Train}.", HeldOut, "NAME");
        _split.AcceptOnlyFromAmong(HeldOut, OutOfDistribution, Train);
        _seed = Option<ulong>("--seed", "Which questions and texts.", 2, "N");
        _tokens = Within(Option("--tokens", "Tokens of each source for bits per byte.", 20_000L, "N"), 16, double.PositiveInfinity);
        _data = Option<string[]>("--data", "Your own text for bits per byte, as in raise. May be repeated.", "PATH");
        _verbose = Option<bool>("--verbose", "Show some answers of each exam, wrong ones first.");
        _threads = ThreadsOption();
        _workspace = WorkspaceOption();
        _json = JsonOption();
        SetAction(parsed => Run(parsed, parsed.GetValue(_json) ? _terminal.ForJson() : _terminal));
    }

    private int Run(ParseResult parsed, Terminal terminal)
    {
        using var interruption = new Interruption(() => { });
        string[] suites = parsed.GetValue(_suites) ?? [];
        Split split = parsed.GetValue(_split) switch { Train => Split.Train, OutOfDistribution => Split.OutOfDistribution, _ => Split.HeldOut };
        using var model = ModelInUse.Open(new Workspace(parsed.GetValue(_workspace)), parsed.GetValue(_model), parsed.GetValue(_threads), 64);
        TextWriter text = terminal.Messages;
        text.WriteLine($"{model.Name}, {Figures.Short(model.Transformer.Config.ParameterCount)} parameters, {parsed.GetValue(_split)}");
        var bitsPerByte = new Dictionary<string, double>();
        if (suites.Length == 0 || suites.Contains(BitsPerByteSuite)) bitsPerByte = Measure(parsed, model, split, text, interruption.Token);
        var exams = new List<ExamResult>();
        foreach (ITaskSet exam in Primer.Exams.Where(e => suites.Length == 0 || suites.Contains(ExamsSuite) || suites.Contains(e.Name)))
        {
            ExamResult result = Exam.Run(exam, split, parsed.GetValue(_questions), model.Generator, model.Tokenizer, interruption.Token, parsed.GetValue(_seed));
            exams.Add(result);
            Print(result, split, parsed.GetValue(_verbose), text);
        }

        if (parsed.GetValue(_json))
        {
            JsonResult.Write(terminal.Output, new
            {
                Model = model.Name,
                Split = parsed.GetValue(_split),
                BitsPerByte = bitsPerByte,
                Scores = exams.ToDictionary(e => e.Name, e => Math.Round(e.Score, 4)),
                StandardErrors = exams.ToDictionary(e => e.Name, e => Math.Round(e.StandardError, 4)),
                Questions = exams.ToDictionary(e => e.Name, e => e.Questions),
                Transcripts = parsed.GetValue(_verbose) ? exams.ToDictionary(e => e.Name, e => e.Transcripts) : null,
            });
        }

        return ExitCode.Success;
    }

    private Dictionary<string, double> Measure(ParseResult parsed, ModelInUse model, Split split, TextWriter text, CancellationToken cancellation)
    {
        using var hub = new HuggingFaceHub(Path.Combine(new Workspace(parsed.GetValue(_workspace)).DataFolder, "hub"));
        IEnumerable<ICorpus> corpora = Primer.Corpora.Concat((parsed.GetValue(_data) ?? []).Select(path => FileCorpus.OpenAsync(path, hub, cancel: cancellation).GetAwaiter().GetResult()));
        int context = model.Transformer.Config.ContextLength;
        using var learner = new Learner(model.Transformer, model.Kernels);
        var batch = new Batch(Math.Max(context, 2048));
        var result = new Dictionary<string, double>();
        var options = new TokenDatasetOptions { MaximumTokens = parsed.GetValue(_tokens), Threads = model.Kernels.Threads };
        text.WriteLine("bits per byte");
        foreach (ICorpus corpus in corpora)
        {
            using TokenDataset data = TokenDataset.InMemory(corpus, split, parsed.GetValue(_seed), model.Tokenizer, options, cancellation);
            if (data.Count == 0)
            {
                text.WriteLine($"  {corpus.Name,-16} holds no {parsed.GetValue(_split)} text");
                continue;
            }

            result[corpus.Name] = Math.Round(BitsPerByte.Measure(learner, data, context, options.MaximumTokens, batch), 4);
            text.WriteLine($"  {corpus.Name,-16} {result[corpus.Name]:F3}");
        }

        text.WriteLine("exams");
        return result;
    }

    private static void Print(ExamResult result, Split split, bool verbose, TextWriter text)
    {
        double? target = split == Split.HeldOut ? Targets.Of(result.Name) : null;
        string mark = target is null ? "" : Targets.IsMissed(result.Name, result.Score) ? $"  below the target of {Figures.Percent(target.Value)}" : $"  target {Figures.Percent(target.Value)} reached";
        text.WriteLine($"  {result.Name,-16} {Figures.Percent(result.Score, 1),6} ± {Figures.Percent(result.StandardError, 1)} of {result.Questions}{mark}");
        if (!verbose) return;
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
