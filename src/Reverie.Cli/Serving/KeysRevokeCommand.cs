using System.CommandLine;
using Reverie.Cli.Commands;
using Reverie.Models;
using Reverie.Serving;

namespace Reverie.Cli.Serving;

/// <summary><c>reverie keys revoke</c>: a key is valid no more.</summary>
internal sealed class KeysRevokeCommand : ReverieCommand
{
    /// <summary>Creates the command.</summary>
    public KeysRevokeCommand(Terminal terminal) : base("revoke", "End a key for good. A server that runs refuses it within a second.", "keys revoke 1f2e3d4c")
    {
        var id = new Argument<string>("ID") { Description = "The key's id, as \"reverie keys list\" shows it." };
        Arguments.Add(id);
        Option<string?> workspace = WorkspaceOption();
        Option<bool> json = JsonOption();
        SetAction(parsed =>
        {
            ApiKey key = new UserStore(new Workspace(parsed.GetValue(workspace))).Revoke(parsed.GetValue(id)!);
            if (parsed.GetValue(json)) JsonResult.Write(terminal.Output, new { key.Id, key.User, key.Revoked });
            else terminal.Output.WriteLine($"The key {key.Id} of {key.User} is revoked.");
            return ExitCode.Success;
        });
    }
}
