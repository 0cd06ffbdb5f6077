using Spectre.Console;

namespace Reverie.Cli.Tests;

/// <summary>Runs a command line on strings.</summary>
internal sealed class Streams(string input = "", IAnsiConsole? console = null, bool isInteractive = false)
{
    private readonly StringWriter _output = new(), _error = new();

    public string Output => _output.ToString().ReplaceLineEndings("\n");

    public string Error => _error.ToString().ReplaceLineEndings("\n");

    public string LastLine => Output.TrimEnd('\n').Split('\n')[^1];

    public Terminal Terminal => field ??= Terminal.Of(new StringReader(input), _output, _error, console, isInteractive);

    public int Run(params string[] args) => Shell.Run(args, Terminal);
}
