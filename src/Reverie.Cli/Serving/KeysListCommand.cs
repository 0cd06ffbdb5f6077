using System.CommandLine;
using System.Globalization;
using Reverie.Cli.Commands;
using Reverie.Models;
using Reverie.Serving;
using Spectre.Console;

namespace Reverie.Cli.Serving;

/// <summary><c>reverie keys list</c>: which keys there are.</summary>
internal sealed class KeysListCommand : ReverieCommand
{
    /// <summary>Creates the command.</summary>
    public KeysListCommand(Terminal terminal) : base("list", "List all keys by their ids, without the keys themselves.", "keys list", "keys list --json")
    {
        Option<string?> workspace = WorkspaceOption();
        Option<bool> json = JsonOption();
        SetAction(parsed =>
        {
            IReadOnlyList<ApiKey> keys = new UserStore(new Workspace(parsed.GetValue(workspace))).Keys;
            if (parsed.GetValue(json))
            {
                JsonResult.Write(terminal.Output, new { Keys = keys.Select(k => new { k.Id, k.User, k.Created, k.Expires, k.Revoked, k.Limits }) });
                return ExitCode.Success;
            }

            if (keys.Count == 0)
            {
                terminal.Output.WriteLine($"There are no keys. Make one with: {Shell.ProgramName} keys add USER");
                return ExitCode.Success;
            }

            Table table = new Table { Border = TableBorder.None }.AddColumns("id", "user", "made", "state", "limits");
            foreach (TableColumn column in table.Columns) column.Padding = new Padding(0, 0, 3, 0);
            foreach (ApiKey key in keys) table.AddRow(new Text(key.Id), new Text(key.User), new Text(Date(key.Created)), new Text(State(key)), new Text(Limits(key.Limits)));
            terminal.Console.Write(table);
            return ExitCode.Success;
        });
    }

    private static string Date(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string State(ApiKey key) => key.Revoked is { } revoked ? $"revoked {Date(revoked)}"
        : key.Expires is not { } expires ? "valid"
        : expires > DateTimeOffset.UtcNow ? $"valid until {Date(expires)}" : $"expired {Date(expires)}";

    private static string Limits(KeyLimits limits)
    {
        string[] said =
        [
            .. limits.RequestsPerMinute is { } requests ? new[] { $"{requests} requests/min" } : [],
            .. limits.TokensPerMinute is { } tokens ? new[] { $"{tokens} tokens/min" } : [],
            .. limits.Concurrent is { } concurrent ? new[] { $"{concurrent} at once" } : [],
        ];
        return said.Length == 0 ? "none" : string.Join(", ", said);
    }
}
