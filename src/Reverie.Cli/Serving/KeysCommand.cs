using Reverie.Cli.Commands;

namespace Reverie.Cli.Serving;

/// <summary><c>reverie keys</c>: who may use the server.</summary>
internal sealed class KeysCommand : ReverieCommand
{
    /// <summary>Creates the command.</summary>
    public KeysCommand(Terminal terminal) : base("keys", "Make, list and revoke the keys with which programs and people use the server. Once there is one, all need one.",
        "keys add ada", "keys list", "keys revoke 1f2e3d4c")
    {
        Subcommands.Add(new KeysAddCommand(terminal));
        Subcommands.Add(new KeysListCommand(terminal));
        Subcommands.Add(new KeysRevokeCommand(terminal));
    }
}
