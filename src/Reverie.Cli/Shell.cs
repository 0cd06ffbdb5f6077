using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Reflection;
using Reverie.Cli.Benchmarks;
using Reverie.Cli.Commands;
using Reverie.Cli.Serving;
using Reverie.Evaluation;
using Reverie.Tensors;

namespace Reverie.Cli;

/// <summary>Parses a command line, runs the command and turns whatever went wrong into one line and an exit code.</summary>
internal static class Shell
{
    private const string Debug = "REVERIE_DEBUG";

    /// <summary>Runs a command line.</summary>
    /// <param name="args">What was typed after the program's name.</param>
    /// <param name="terminal">Where to read and write.</param>
    /// <param name="raise">Does the work of <c>raise</c>; null for the real one.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(IReadOnlyList<string> args, Terminal terminal, RaiseWork? raise = null)
    {
        ParseResult parsed = Root(terminal, raise).Parse(args);
        var configuration = new InvocationConfiguration { Output = terminal.Output, Error = terminal.Error, EnableDefaultExceptionHandler = false };
        try
        {
            return parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples ? Refuse(parsed, terminal) : parsed.Invoke(configuration);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (ReverieException e)
        {
            return Fail(e, e.Message, terminal);
        }
        catch (Exception e)
        {
            string hint = Environment.GetEnvironmentVariable(Debug) is null ? $" Set {Debug}=1 for the stack trace." : "";
            return Fail(e, $"{e.GetType().Name}: {e.Message}{hint}", terminal);
        }
    }

    /// <summary>All commands.</summary>
    internal static RootCommand Root(Terminal terminal, RaiseWork? raise = null)
    {
        var root = new RootCommand("A complete language-model system: from raw text to a model you can talk to.")
        {
            new RaiseCommand(terminal, raise ?? Raise.Run),
            new TrainCommand(terminal),
            new ChatCommand(terminal),
            new GenerateCommand(terminal),
            new ServeCommand(terminal),
            new KeysCommand(terminal),
            new ModelsCommand(terminal),
            new EvalCommand(terminal),
            new ReportCommand(terminal),
            new JournalCommand(terminal),
            new MorningsCommand(terminal),
            new SleepCommand(terminal),
            new ForgetCommand(terminal),
            new LabCommand(terminal),
            new BenchCommand(terminal),
            new SweepCommand(terminal, raise ?? Raise.Run),
        };
        root.SetAction(_ => Overview(terminal));
        foreach (Option option in root.Options)
        {
            if (option is HelpOption help) help.Action = new HelpWithExamples((HelpAction)help.Action!);
            if (option is VersionOption version) version.Action = new PrintVersion();
        }

        return root;
    }

    private static int Overview(Terminal terminal)
    {
        terminal.Output.WriteLine("""
            Reverie grows a language model on your machine and lets you talk to it.

              reverie raise              grow a model in five minutes, then talk to it
              reverie train rl MODEL     teach it more, by reward, by example or from text
              reverie chat [MODEL]       talk to a model
              reverie generate MODEL     let it continue a text
              reverie serve              let programs talk to it
              reverie models list        see what there is
              reverie eval MODEL         grade it
              reverie report RUN         see how it was made
              reverie journal list       see what was said
              reverie sleep              let it study what was said
              reverie forget --match X   erase something, with a proof
              reverie lab                put the claims to the test
              reverie bench tensors      measure this machine

            Every command explains itself with --help.
            """);
        if (ProgramName != "reverie") terminal.Output.WriteLine($"In this clone, reverie is: {ProgramName}");
        return ExitCode.Success;
    }

    /// <summary>How a reader of our output starts this program: by its name, or through <c>dotnet run</c> in a clone.</summary>
    internal static string ProgramName { get; } = AppContext.BaseDirectory.Replace('\\', '/').Contains("/src/Reverie.Cli/bin/", StringComparison.Ordinal)
        ? "dotnet run -c Release --project src/Reverie.Cli --"
        : "reverie";

    private static int Refuse(ParseResult parsed, Terminal terminal)
    {
        var errors = new InvocationConfiguration { Output = terminal.Error, Error = terminal.Error };
        if (parsed.Action is ParseErrorAction action)
        {
            action.ShowHelp = false;
            parsed.Invoke(errors);
        }
        else
        {
            foreach (ParseError error in parsed.Errors) terminal.Error.WriteLine(error.Message);
        }

        terminal.Error.WriteLine($"Try: {CommandPath(parsed)} --help");
        return ExitCode.Usage;
    }

    private static string CommandPath(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (SymbolResult? result = parsed.CommandResult; result is CommandResult command; result = command.Parent)
            if (command.Command is not RootCommand) names.Push(command.Command.Name);
        return string.Join(' ', names.Prepend("reverie"));
    }

    private static int Fail(Exception exception, string message, Terminal terminal)
    {
        terminal.Error.WriteLine($"reverie: {message.ReplaceLineEndings(" ")}");
        if (Environment.GetEnvironmentVariable(Debug) is not null) terminal.Error.WriteLine(exception);
        return ExitCode.Failure;
    }

    /// <summary>The standard help, then the examples.</summary>
    private sealed class HelpWithExamples(HelpAction standard) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parsed)
        {
            standard.MaxWidth = 110;
            standard.Invoke(parsed);
            IReadOnlyList<string> examples = parsed.CommandResult.Command is ReverieCommand command ? command.Examples : ["raise --minutes 5", "chat"];
            TextWriter output = parsed.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (string example in examples) output.WriteLine($"  reverie {example}");
            return ExitCode.Success;
        }
    }

    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parsed)
        {
            parsed.InvocationConfiguration.Output.WriteLine($"reverie {Assembly.GetExecutingAssembly().GetName().Version?.ToString(3)}");
            return ExitCode.Success;
        }
    }
}
