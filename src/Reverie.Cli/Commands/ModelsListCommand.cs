using System.CommandLine;
using Reverie.Models;
using Spectre.Console;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie models list</c>: what there is.</summary>
internal sealed class ModelsListCommand : ReverieCommand
{
    /// <summary>Creates the command.</summary>
    public ModelsListCommand(Terminal terminal) : base("list", "List all models and their versions; * marks the version that the name alone means.", "models list", "models list --json")
    {
        Option<string?> workspace = WorkspaceOption();
        Option<bool> json = JsonOption();
        SetAction(parsed =>
        {
            var place = new Workspace(parsed.GetValue(workspace));
            IReadOnlyList<ModelVersion> models = place.Models();
            if (parsed.GetValue(json))
            {
                JsonResult.Write(terminal.Output, new { Workspace = place.Root, Models = models.Select(m => ModelsShowCommand.Describe(m.Folder, m)) });
                return ExitCode.Success;
            }

            if (models.Count == 0)
            {
                terminal.Output.WriteLine($"There are no models in {place.Root} yet. Make one with: {Shell.ProgramName} raise");
                return ExitCode.Success;
            }

            Table table = new Table { Border = TableBorder.None }.AddColumns("model", "parameters", "shape", "stages", "tokens", "made");
            foreach (TableColumn column in table.Columns) column.Padding = new Padding(0, 0, 3, 0);
            foreach (ModelVersion model in models)
            {
                TransformerConfig config = Checkpoint.ReadConfig(model.Folder);
                Lineage? lineage = Checkpoint.ReadLineage(model.Folder);
                table.AddRow(
                    new Text($"{model.Name}@{model.Version}{(model.IsCurrent ? " *" : "")}"),
                    new Text(Figures.Short(config.ParameterCount)),
                    new Text($"{config.Width} x {config.Layers}"),
                    new Text(lineage is null ? "" : string.Join(", ", lineage.Stages.Select(s => s.Stage))),
                    new Text(lineage is null ? "" : Figures.Short(lineage.Stages.Sum(s => s.Tokens))),
                    new Text(lineage is null ? "" : lineage.Created.ToLocalTime().ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture)));
            }

            terminal.Console.Write(table);
            return ExitCode.Success;
        });
    }
}
