using System.Text;
using Reverie.Cli.Chat;
using Reverie.Sleep;
using Spectre.Console;

namespace Reverie.Cli;

/// <summary>
/// Where a command reads and writes. Results go to <see cref="Output"/>, everything else to <see cref="Messages"/>: the
/// same stream, but standard error under <c>--json</c>.
/// </summary>
internal sealed class Terminal
{
    /// <summary>Columns of tables that no terminal limits.</summary>
    private const int WidthWhenRedirected = 120;

    private LineEditor? _editor;

    private Terminal(TextReader input, TextWriter output, TextWriter error, IAnsiConsole console, bool isLive, bool isInteractive) =>
        (Input, Output, Error, Console, IsLive, IsInteractive) = (input, output, error, console, isLive, isInteractive);

    /// <summary>Standard input.</summary>
    public TextReader Input { get; }

    /// <summary>Standard output.</summary>
    public TextWriter Output { get; }

    /// <summary>Standard error.</summary>
    public TextWriter Error { get; }

    /// <summary>Renders for people; never a JSON result.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>Plain lines for people, by the way of <see cref="Console"/>.</summary>
    public TextWriter Messages => Console.Profile.Out.Writer;

    /// <summary>Whether <see cref="Console"/> may repaint: a terminal, and no NO_COLOR, CI, REVERIE_TRACE or dumb one.</summary>
    public bool IsLive { get; }

    /// <summary>Whether a person can answer: standard input and output are both terminals.</summary>
    public bool IsInteractive { get; }

    /// <summary>Whether it tells what a person typed from what was pasted.</summary>
    public bool KnowsPastes => _editor is not null;

    /// <summary>Whose words the last line is made of. Where pastes are not known, or nobody sits there, nothing counts as typed.</summary>
    public MessagePart Words(string line) => _editor is null ? MessagePart.Mixed(PartKind.Text, (Provenance.Pasted, line)) : Web.Words.Typed(line, _editor.Pasted);

    /// <summary>Reads a line from a person; null at the end of the input.</summary>
    /// <param name="prompt">Stands before it where a person can see it.</param>
    /// <exception cref="OperationCanceledException">Ctrl+C was typed in its place.</exception>
    public string? ReadLine(string prompt)
    {
        if (_editor is null)
        {
            if (IsInteractive) Messages.Write(prompt);
            Messages.Flush();
            return Input.ReadLine();
        }

        System.Console.TreatControlCAsInput = true;
        try
        {
            return _editor.Read(prompt);
        }
        finally
        {
            System.Console.TreatControlCAsInput = false;
        }
    }

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess()
    {
        System.Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        bool isTerminal = !System.Console.IsOutputRedirected;
        bool isLive = isTerminal && !IsSet("NO_COLOR") && !IsSet("CI") && !IsSet("REVERIE_TRACE") && Environment.GetEnvironmentVariable("TERM") != "dumb";
        TextWriter output = System.Console.Out;
        bool isInteractive = isTerminal && !System.Console.IsInputRedirected;
        IAnsiConsole console = Render(output, isLive, isTerminal);
        var terminal = new Terminal(System.Console.In, output, System.Console.Error, console, isLive, isInteractive);
        if (isInteractive && isLive) terminal._editor = new LineEditor(() => System.Console.ReadKey(intercept: true), output, () => console.Profile.Width);
        return terminal;
    }

    /// <summary>A terminal over given streams, for tests: plain when <paramref name="console"/> is null, else live on it.</summary>
    public static Terminal Of(TextReader input, TextWriter output, TextWriter error, IAnsiConsole? console = null, bool isInteractive = false) =>
        new(input, output, error, console ?? Render(output, false, false), console is not null, isInteractive);

    /// <summary>The same, with everything but the JSON object on standard error and nothing that moves.</summary>
    public Terminal ForJson() => new(Input, Output, Error, Render(Error, false, false), false, false);

    private static bool IsSet(string variable) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));

    private static IAnsiConsole Render(TextWriter writer, bool isLive, bool isTerminal)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isLive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isLive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isLive ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        if (!isTerminal) console.Profile.Width = WidthWhenRedirected;
        return console;
    }
}
