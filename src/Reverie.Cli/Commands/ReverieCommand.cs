using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Reverie.Cli.Commands;

/// <summary>A command with the examples that its help ends with.</summary>
internal abstract class ReverieCommand : Command
{
    /// <summary>Creates a command.</summary>
    /// <param name="name">What is typed.</param>
    /// <param name="description">What it does, in a sentence or a few.</param>
    /// <param name="examples">Arguments, after <c>reverie</c>, that a reader can try.</param>
    protected ReverieCommand(string name, string description, params string[] examples) : base(name, description) => Examples = examples;

    /// <summary>Arguments, after <c>reverie</c>, that a reader can try.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>An option of this command.</summary>
    internal Option<T> Option<T>(string name, string description, string? valueName = null)
    {
        var option = new Option<T>(name) { Description = description, HelpName = valueName };
        Options.Add(option);
        return option;
    }

    /// <summary>An option of this command with a default that its help shows.</summary>
    internal Option<T> Option<T>(string name, string description, T value, string? valueName = null)
    {
        Option<T> option = Option<T>(name, description, valueName);
        option.DefaultValueFactory = _ => value;
        return option;
    }

    /// <summary>An option whose number must lie in a range.</summary>
    internal Option<T> Within<T>(Option<T> option, double minimum, double maximum)
    {
        option.Validators.Add(result =>
        {
            foreach (Token token in result.Tokens) Check(result, token.Value, minimum, maximum);
        });
        return option;
    }

    /// <summary>The option that turns the result into one JSON object on the last line of standard output.</summary>
    protected Option<bool> JsonOption() => Option<bool>("--json", "End with one JSON object as the last line of standard output; everything else goes to standard error.");

    /// <summary>The option that says where models are kept.</summary>
    protected Option<string?> WorkspaceOption() => Option<string?>("--workspace", "Folder of models, runs and data. [default: REVERIE_HOME, or .reverie here]", "FOLDER");

    /// <summary>The option that limits the threads.</summary>
    protected Option<int> ThreadsOption() => Within(Option("--threads", "Threads; 0 for one a core.", 0, "N"), 0, 1024);

    private static void Check(OptionResult result, string text, double minimum, double maximum)
    {
        // What is not a number at all is reported by the parser.
        if (!double.TryParse(text, CultureInfo.InvariantCulture, out double number) || (number >= minimum && number <= maximum)) return;
        result.AddError(double.IsPositiveInfinity(maximum)
            ? $"{result.Option.Name} must be at least {Figures.Plain(minimum)}, not {text}."
            : $"{result.Option.Name} must be between {Figures.Plain(minimum)} and {Figures.Plain(maximum)}, not {text}.");
    }
}
