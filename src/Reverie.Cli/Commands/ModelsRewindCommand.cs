using System.CommandLine;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie models rewind</c>: go back to a morning.</summary>
internal sealed class ModelsRewindCommand : MorningSubcommand
{
    /// <summary>Creates the command.</summary>
    public ModelsRewindCommand(Terminal terminal) : base("rewind", "Go back to an earlier of your mornings: bit for bit what answered you then. Takes effect at the next request, also of a server that runs.",
        "models rewind", "models rewind 3", "models rewind 0 --user ada --model reverie")
    {
        var number = new Argument<int?>("N") { Description = "Number of the morning, 0 for the model without memories. [default: the one before the current one]", Arity = ArgumentArity.ZeroOrOne };
        number.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: ['-', ..] text }]) result.AddError($"A morning has a number from 1 on, or 0 for none, not {text}.");
        });
        Arguments.Add(number);
        Act(terminal, (parsed, mornings, id) => mornings.Rewind(id, parsed.GetValue(number)));
    }
}
