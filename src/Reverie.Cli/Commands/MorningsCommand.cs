using System.CommandLine;
using System.Globalization;
using Reverie.Models;
using Reverie.Sleep;
using Spectre.Console;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie mornings</c>: what the nights have made.</summary>
internal sealed class MorningsCommand : ReverieCommand
{
    /// <summary>Creates the command.</summary>
    public MorningsCommand(Terminal terminal) : base("mornings", "List what the nights have made of your adapter, newest first; * marks the morning that answers you.",
        "mornings", "mornings reverie --user ada", "mornings --json", "models rewind", "models pin 3")
    {
        var model = new Argument<string?>("MODEL") { Description = "Only those of this model: name or name@version. [default: all]", Arity = ArgumentArity.ZeroOrOne };
        Arguments.Add(model);
        Option<string> user = Option("--user", "Whose mornings.", "local", "NAME");
        Option<bool> company = Option<bool>("--company", "The company's mornings, which everybody's stand on.");
        Option<string?> workspace = WorkspaceOption();
        Option<bool> json = JsonOption();
        SetAction(parsed =>
        {
            var place = new Workspace(parsed.GetValue(workspace));
            Mornings mornings = MorningSubcommand.Of(place, parsed.GetValue(company), parsed.GetValue(user)!);
            string? only = parsed.GetValue(model) is { } named ? MorningSubcommand.Base(place, named).Id : null;
            IReadOnlyList<Morning> list = mornings.List(only);
            Dictionary<string, string> names = Names(place);
            if (parsed.GetValue(json)) JsonResult.Write(terminal.Output, new { User = mornings.Owner, Mornings = list.Select(m => Describe(m, names)) });
            else Show(terminal, mornings, list, names);
            return ExitCode.Success;
        });
    }

    private static void Show(Terminal terminal, Mornings mornings, IReadOnlyList<Morning> list, Dictionary<string, string> names)
    {
        if (list.Count == 0)
        {
            terminal.Output.WriteLine($"{mornings.Owner} has no mornings here yet.");
            return;
        }

        Table table = new Table { Border = TableBorder.None }.AddColumns("morning", "model", "made", "gates", "hash");
        foreach (TableColumn column in table.Columns) column.Padding = new Padding(0, 0, 3, 0);
        foreach (Morning m in list)
        {
            table.AddRow(
                new Text($"{m.Number}{(m.IsCurrent ? " *" : "")}{(m.IsPinned ? " pinned" : "")}"),
                new Text(names.GetValueOrDefault(m.BaseId) ?? m.BaseId[..12]),
                new Text(m.Created.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)),
                new Text(m.ReadVerdict() is { } verdict ? string.Concat(verdict.Where(c => !char.IsControl(c))) : "-"),
                new Text(m.AdapterHash[..12]));
        }

        terminal.Console.Write(table);
        foreach (string id in list.Select(m => m.BaseId).Distinct().Where(id => mornings.Current(id) is null))
            terminal.Output.WriteLine($"{names.GetValueOrDefault(id) ?? id[..12]} answers {mornings.Owner} without memories{(mornings.IsPinned(id) ? ", pinned" : "")}.");
    }

    private static object Describe(Morning m, Dictionary<string, string> names) => new
    {
        m.Number,
        Model = names.GetValueOrDefault(m.BaseId),
        m.BaseId,
        m.Created,
        Current = m.IsCurrent,
        Pinned = m.IsPinned,
        Hash = m.AdapterHash,
        Gate = m.ReadVerdict(),
        m.Beneath,
        m.Folder,
    };

    /// <summary>The workspace's models by their ids.</summary>
    private static Dictionary<string, string> Names(Workspace workspace)
    {
        var names = new Dictionary<string, string>();
        foreach (ModelVersion version in workspace.Models().OrderByDescending(m => m.IsCurrent))
        {
            try
            {
                if (Checkpoint.ReadLineage(version.Folder) is { } lineage) names.TryAdd(lineage.Id, $"{version.Name}@{version.Version}");
            }
            catch (Tensors.ReverieException)
            {
                // A damaged model is told about by who asks for it.
            }
        }

        return names;
    }
}
