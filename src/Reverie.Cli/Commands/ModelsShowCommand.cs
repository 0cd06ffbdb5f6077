using System.CommandLine;
using Reverie.Models;
using Spectre.Console;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie models show</c>: one model.</summary>
internal sealed class ModelsShowCommand : ReverieCommand
{
    /// <summary>Creates the command.</summary>
    public ModelsShowCommand(Terminal terminal) : base("show", "Show the shape, weights, tokenizer, history and files of a model.",
        "models show reverie", "models show reverie@2 --json", "models show model-q8_0.gguf")
    {
        var name = new Argument<string>("MODEL") { Description = "Name, name@version, folder or .gguf file." };
        Arguments.Add(name);
        Option<string?> workspace = WorkspaceOption();
        Option<bool> json = JsonOption();
        SetAction(parsed =>
        {
            string path = new Workspace(parsed.GetValue(workspace)).Resolve(parsed.GetValue(name)!);
            using var model = Checkpoint.Load(path, verify: false, precision: WeightPrecision.AsStored);
            if (parsed.GetValue(json)) JsonResult.Write(terminal.Output, Describe(model));
            else Show(terminal, model);
            return ExitCode.Success;
        });
    }

    /// <summary>What the JSON object of a list has of a model: nothing that its weights would have to be opened for.</summary>
    public static object Describe(string folder, ModelVersion? model)
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

    private static object Describe(Checkpoint model) => new
    {
        model.Lineage?.Name,
        model.Lineage?.Version,
        model.Folder,
        Parameters = model.Transformer.Config.ParameterCount,
        model.Transformer.Config,
        Weights = model.WeightTypes().Select(t => new { Type = ModelExport.Name(t.Type), t.Bytes }),
        StopTokens = model.Tokenizer.StopTokens.Select(t => new { Id = t, Text = model.Tokenizer.Spelling(t) }),
        ChatTemplate = model.Tokenizer.ChatTemplate.Source is not null,
        model.Lineage?.Id,
        model.Lineage?.Parent,
        model.Lineage?.Created,
        model.Lineage?.Stages,
        model.Lineage?.Files,
    };

    private static void Show(Terminal terminal, Checkpoint model)
    {
        TransformerConfig config = model.Transformer.Config;
        Lineage? lineage = model.Lineage;
        var grid = new Grid();
        grid.AddColumn(new GridColumn().NoWrap().Padding(0, 0, 3, 0));
        grid.AddColumn(new GridColumn().Padding(0, 0, 0, 0));
        void Row(string what, string value) => grid.AddRow(new Text(what, new Style(decoration: Decoration.Dim)), new Text(value));
        if (lineage is not null) Row("model", $"{lineage.Name}@{lineage.Version}, made {lineage.Created:yyyy-MM-dd HH:mm} UTC by Reverie {lineage.Engine}");
        Row(Directory.Exists(model.Folder) ? "folder" : "file", model.Folder);
        Row("architecture", config.QueryKeyNorm ? "Qwen3" : "Llama");
        Row("parameters", $"{Figures.Short(config.ParameterCount)} ({Figures.Whole(config.ParameterCount)})");
        Row("weights", ModelTypes.Words(model));
        Row("shape", $"width {config.Width}, {config.Layers} layers, {config.Heads} heads of {config.HeadDimension} ({config.KeyValueHeads} for keys and values), MLP {config.FeedForward}, {(config.TiedEmbeddings ? "tied" : "separate")} head");
        Row("vocabulary", $"{Figures.Whole(config.VocabularySize)} tokens{(model.Tokenizer.VocabularySize < config.VocabularySize ? $", {Figures.Whole(model.Tokenizer.VocabularySize)} in use" : "")}");
        Row("context", $"{Figures.Whole(config.ContextLength)} tokens");
        Row("stops at", model.Tokenizer.StopTokens.Count == 0 ? "nothing" : string.Join(", ", model.Tokenizer.StopTokens.Select(t => $"{model.Tokenizer.Spelling(t)} ({t})")));
        Row("template", model.Tokenizer.ChatTemplate.Source is { } template ? $"{Figures.Whole(template.Length)} characters of Jinja" : "none: a base model, for generate");
        foreach (StageRecord stage in lineage?.Stages ?? []) Row(stage.Stage, Words(stage));
        if (lineage is not null) Row("id", lineage.Id);
        if (lineage?.Parent is { } parent) Row("made from", parent);
        FileInfo[] files = Directory.Exists(model.Folder) ? new DirectoryInfo(model.Folder).GetFiles() : [new FileInfo(model.Folder)];
        foreach (FileInfo file in files.OrderBy(f => f.Name, StringComparer.Ordinal)) Row("file", $"{file.Name}, {Figures.Bytes(file.Length)}");
        terminal.Console.Write(grid);
    }

    private static string Words(StageRecord stage) => stage.Stage == ModelImport.Stage
        ? $"from {string.Join(", ", stage.Data.Select(d => $"{d.Key} ({d.Value.ToLowerInvariant()})"))}"
        : $"{Figures.Whole(stage.Steps)} steps, {Figures.Short(stage.Tokens)} tokens, {Figures.Clock(stage.Seconds)}, seed {stage.Seed}{(stage.Data.Count > 0 ? $", from {string.Join(", ", stage.Data.Keys)}" : "")}";
}
