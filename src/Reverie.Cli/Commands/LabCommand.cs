using Reverie.Lab;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie lab</c>: the claims, each with the experiment that can refute it.</summary>
internal sealed class LabCommand : ReverieCommand
{
    /// <summary>Creates the command.</summary>
    public LabCommand(Terminal terminal) : base("lab", "Put a claim of this project to the test on your own machine.", "lab", "lab sleep --days 5 --facts 20")
    {
        Subcommands.Add(new LabSleepCommand(terminal));
        SetAction(_ =>
        {
            foreach (LabClaim claim in LabClaim.All) terminal.Output.WriteLine($"{claim.Name}: {claim.Text}\n  Test it with: {Shell.ProgramName} lab {claim.Name}");
            return ExitCode.Success;
        });
    }
}
