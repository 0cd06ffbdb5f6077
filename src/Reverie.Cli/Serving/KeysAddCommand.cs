using System.CommandLine;
using Reverie.Cli.Commands;
using Reverie.Models;
using Reverie.Serving;

namespace Reverie.Cli.Serving;

/// <summary><c>reverie keys add</c>: a key for a user.</summary>
internal sealed class KeysAddCommand : ReverieCommand
{
    /// <summary>Creates the command.</summary>
    public KeysAddCommand(Terminal terminal) : base("add", "Make a key for a user. It is shown once and kept nowhere.",
        "keys add ada", "keys add guest --rpm 10 --tpm 20000 --concurrent 1 --expires 7")
    {
        var user = new Argument<string>("USER") { Description = "Letters, digits, -, _, . and @. A user may have several keys." };
        Arguments.Add(user);
        Option<int?> requests = Within(Option<int?>("--rpm", "Requests a minute. [default: no limit]", "N"), 1, int.MaxValue);
        Option<int?> tokens = Within(Option<int?>("--tpm", "Tokens a minute, prompts and answers. [default: no limit]", "N"), 1, int.MaxValue);
        Option<int?> concurrent = Within(Option<int?>("--concurrent", "Requests at once. [default: no limit]", "N"), 1, int.MaxValue);
        Option<double?> expires = Within(Option<double?>("--expires", "Days until it ends. [default: never]", "DAYS"), 0.0001, 36500);
        Option<string?> workspace = WorkspaceOption();
        Option<bool> json = JsonOption();
        SetAction(parsed =>
        {
            var limits = new KeyLimits { RequestsPerMinute = parsed.GetValue(requests), TokensPerMinute = parsed.GetValue(tokens), Concurrent = parsed.GetValue(concurrent) };
            TimeSpan? lifetime = parsed.GetValue(expires) is { } days ? TimeSpan.FromDays(days) : null;
            (string key, ApiKey kept) = new UserStore(new Workspace(parsed.GetValue(workspace))).Add(parsed.GetValue(user)!, limits, lifetime);
            if (parsed.GetValue(json))
            {
                JsonResult.Write(terminal.Output, new { Key = key, kept.Id, kept.User, kept.Expires, kept.Limits });
                return ExitCode.Success;
            }

            terminal.Output.WriteLine(key);
            terminal.Error.WriteLine($"This is the key of {kept.User}, with the id {kept.Id}. Keep it: it is not shown again.");
            return ExitCode.Success;
        });
    }
}
