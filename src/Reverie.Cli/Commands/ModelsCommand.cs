using System.CommandLine;
using Reverie.Models;
using Spectre.Console;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie models</c>: what there is.</summary>
internal sealed class ModelsCommand : ReverieCommand
{
    /// <summary>Creates the command with those below it.</summary>
    public ModelsCommand(Terminal terminal) : base("models", "See the models of the workspace.", "models list", "models show reverie")
    {
        Subcommands.Add(new ListCommand(terminal));
        Subcommands.Add(new ShowCommand(terminal));
    }

    private sealed class ListCommand : ReverieCommand
    {
        public ListCommand(Terminal terminal) : base("list", "List all models and their versions; * marks the version that the name alone means.", "models list", "models list --json")
        {
            Option<string?> workspace = WorkspaceOption();
            Option<bool> json = JsonOption();
            SetAction(parsed =>
            {
                var place = new Workspace(parsed.GetValue(workspace));
                IReadOnlyList<ModelVersion> models = place.Models();
                if (parsed.GetValue(json))
                {
                    JsonResult.Write(terminal.Output, new { Workspace = place.Root, Models = models.Select(m => Describe(m.Folder, m)) });
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

    private sealed class ShowCommand : ReverieCommand
    {
        public ShowCommand(Terminal terminal) : base("show", "Show the shape, history and files of a model.", "models show reverie", "models show reverie@2 --json")
        {
            var name = new Argument<string>("MODEL") { Description = "Name, name@version or folder." };
            Arguments.Add(name);
            Option<string?> workspace = WorkspaceOption();
            Option<bool> json = JsonOption();
            SetAction(parsed =>
            {
                string folder = new Workspace(parsed.GetValue(workspace)).Resolve(parsed.GetValue(name)!);
                if (parsed.GetValue(json)) JsonResult.Write(terminal.Output, Describe(folder, null));
                else Show(terminal, folder);
                return ExitCode.Success;
            });
        }

        private static void Show(Terminal terminal, string folder)
        {
            TransformerConfig config = Checkpoint.ReadConfig(folder);
            Lineage? lineage = Checkpoint.ReadLineage(folder);
            var grid = new Grid();
            grid.AddColumn(new GridColumn().NoWrap().Padding(0, 0, 3, 0));
            grid.AddColumn(new GridColumn().Padding(0, 0, 0, 0));
            void Row(string what, string value) => grid.AddRow(new Text(what, new Style(decoration: Decoration.Dim)), new Text(value));
            if (lineage is not null) Row("model", $"{lineage.Name}@{lineage.Version}, made {lineage.Created:yyyy-MM-dd HH:mm} UTC by Reverie {lineage.Engine}");
            Row("folder", folder);
            Row("parameters", $"{Figures.Short(config.ParameterCount)} ({Figures.Whole(config.ParameterCount)})");
            Row("shape", $"width {config.Width}, {config.Layers} layers, {config.Heads} heads of {config.HeadDimension} ({config.KeyValueHeads} for keys and values), MLP {config.FeedForward}, {(config.TiedEmbeddings ? "tied" : "separate")} head");
            Row("vocabulary", $"{Figures.Whole(config.VocabularySize)} tokens");
            Row("context", $"{Figures.Whole(config.ContextLength)} tokens");
            foreach (StageRecord stage in lineage?.Stages ?? [])
                Row(stage.Stage, $"{Figures.Whole(stage.Steps)} steps, {Figures.Short(stage.Tokens)} tokens, {Figures.Clock(stage.Seconds)}, seed {stage.Seed}, from {string.Join(", ", stage.Data.Keys)}");
            if (lineage is not null) Row("id", lineage.Id);
            if (lineage?.Parent is { } parent) Row("made from", parent);
            foreach (FileInfo file in new DirectoryInfo(folder).GetFiles().OrderBy(f => f.Name, StringComparer.Ordinal)) Row("file", $"{file.Name}, {Figures.Bytes(file.Length)}");
            terminal.Console.Write(grid);
        }
    }

    private static object Describe(string folder, ModelVersion? model)
    {
        TransformerConfig config = Checkpoint.ReadConfig(folder);
        Lineage? lineage = Checkpoint.ReadLineage(folder);
        return new
        {
            Name = model?.Name ?? lineage?.Name,
            Version = model?.Version ?? lineage?.Version,
            Current = model?.IsCurrent,
            Folder = folder,
            Parameters = config.ParameterCount,
            Config = config,
            lineage?.Id,
            lineage?.Parent,
            lineage?.Created,
            lineage?.Stages,
            lineage?.Files,
        };
    }
}
