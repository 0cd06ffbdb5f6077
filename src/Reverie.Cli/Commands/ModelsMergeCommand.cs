using System.CommandLine;
using Reverie.Models;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie models merge</c>: add an adapter to the weights of its model.</summary>
internal sealed class ModelsMergeCommand : ReverieCommand
{
    /// <summary>Creates the command.</summary>
    public ModelsMergeCommand(Terminal terminal) : base("merge", "Add a LoRA adapter to the weights of its model, as a new model. The sums are float32 and rounded once.",
        "models merge reverie my-adapter --name mine", "models merge smollm2 hf:OWNER/ADAPTER --name mine --type bf16")
    {
        var name = new Argument<string>("MODEL") { Description = "Name, name@version, folder or .gguf file." };
        var adapter = new Argument<string>("ADAPTER") { Description = "Folder of the adapter in PEFT's layout, or hf:OWNER/NAME." };
        Arguments.Add(name);
        Arguments.Add(adapter);
        Option<string> merged = Option<string>("--name", "Name of the new model.", "NAME");
        merged.Required = true;
        Option<string?> type = Option<string?>("--type", "Type of the weights: f32, f16 or bf16. [default: that of the model, f32 where it is quantised]", "TYPE");
        type.AcceptOnlyFromAmong("f32", "f16", "bf16");
        Option<string?> workspace = WorkspaceOption();
        Option<bool> json = JsonOption();
        SetAction(parsed =>
        {
            var home = new Workspace(parsed.GetValue(workspace));
            using var model = Checkpoint.Load(home.Resolve(parsed.GetValue(name)!), precision: WeightPrecision.AsStored);
            using var addition = ModelFlags.LoadAdapter(home, parsed.GetValue(adapter)!, model);
            string title = parsed.GetValue(merged)!;
            (string version, string folder) = home.NextVersion(title);
            var lineage = new Lineage
            {
                Name = title,
                Version = version,
                Parent = model.Lineage?.Id,
                Stages = [.. model.Lineage?.Stages ?? [], new StageRecord("merge", 0, 0, 0, new Dictionary<string, string> { [parsed.GetValue(adapter)!] = $"rank {addition.Rank}, alpha {addition.Alpha}" }, 0)],
            };
            Checkpoint.Save(folder, model.Transformer, model.Tokenizer, lineage, ModelTypes.Parse(parsed.GetValue(type)) ?? Checkpoint.TypeToSave(model.Transformer), addition, model.Folder);
            home.SetCurrent(title, version);
            ModelsImportCommand.Report(parsed.GetValue(json) ? terminal.ForJson() : terminal, new ModelVersion(title, version, folder, IsCurrent: true), parsed.GetValue(workspace), parsed.GetValue(json) ? terminal : null);
            return ExitCode.Success;
        });
    }
}
