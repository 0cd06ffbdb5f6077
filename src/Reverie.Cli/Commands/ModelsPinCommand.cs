using System.CommandLine;
using System.Globalization;
using Reverie.Models;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie models pin</c>: keep a morning.</summary>
internal sealed class ModelsPinCommand : MorningSubcommand
{
    private const string None = "none";

    /// <summary>Creates the command.</summary>
    public ModelsPinCommand(Terminal terminal) : base("pin", "Let a model answer you with one of your mornings whatever later nights make, until you say otherwise. Takes effect at the next request, also of a server that runs.",
        "models pin 3", "models pin 0 --model reverie", "models pin none --user ada")
    {
        var which = new Argument<string>("N|none") { Description = "Number of the morning, 0 for the model without memories; none lets new mornings speak again." };
        which.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && text != None && text != "0" && PersonalAdapters.NumberOf(text) is null) result.AddError($"A morning has a number, or is {None}, not \"{text}\".");
        });
        Arguments.Add(which);
        Act(terminal, (parsed, mornings, id) =>
        {
            string number = parsed.GetValue(which)!;
            if (number == None) mornings.Unpin(id);
            else mornings.Pin(id, int.Parse(number, CultureInfo.InvariantCulture));
        });
    }
}
