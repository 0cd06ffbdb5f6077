using System.CommandLine;
using Reverie.Cli.Display;
using Reverie.Models;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie models import</c>: take in a model that another program made.</summary>
internal sealed class ModelsImportCommand : ReverieCommand
{
    /// <summary>Creates the command.</summary>
    public ModelsImportCommand(Terminal terminal) : base("import",
        "Take in a model that another program made: Qwen3 or Llama in Hugging Face's form, GGUF, or llama2.c. Its files stay as they are; a broken download goes on where it stopped.",
        "models import hf:HuggingFaceTB/SmolLM2-135M-Instruct", "models import hf:Qwen/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf --name qwen3", "models import ~/models/smollm2 --quantize q8_0")
    {
        var source = new Argument<string>("SOURCE") { Description = "Folder, .gguf or .bin file, hf:OWNER/NAME[@REVISION] or hf:OWNER/NAME/FILE.gguf." };
        Arguments.Add(source);
        Option<string?> name = Option<string?>("--name", "Name in the workspace. [default: the source's]", "NAME");
        Option<string?> quantize = Option<string?>("--quantize", "Keep the weights as this type in place of their own: q8_0, q4_k, bf16 or f16.", "TYPE");
        quantize.AcceptOnlyFromAmong("q8_0", "q4_k", "bf16", "f16");
        Option<string?> tokenizer = Option<string?>("--tokenizer", "llama2.c's tokenizer.bin, for a .bin file. [default: tokenizer.bin beside it]", "FILE");
        Option<string?> workspace = WorkspaceOption();
        Option<bool> json = JsonOption();
        SetAction(parsed =>
        {
            Terminal place = parsed.GetValue(json) ? terminal.ForJson() : terminal;
            using var interruption = new Interruption(() => { });
            var line = new PhaseLine(place);
            var options = new ImportOptions { Name = parsed.GetValue(name), Quantize = ModelTypes.Parse(parsed.GetValue(quantize)), Tokenizer = parsed.GetValue(tokenizer) };
            ModelVersion version;
            try
            {
                version = ModelImport.Run(new Workspace(parsed.GetValue(workspace)), parsed.GetValue(source)!, options, line.Tell, interruption.Token);
            }
            catch (OperationCanceledException)
            {
                place.Messages.WriteLine("Stopped. The same command goes on with the download.");
                return ExitCode.Interrupted;
            }
            finally
            {
                line.End();
            }

            Report(place, version, parsed.GetValue(workspace), parsed.GetValue(json) ? terminal : null);
            return ExitCode.Success;
        });
    }

    /// <summary>Says what a new model is and what can be done with it.</summary>
    /// <param name="terminal">For people.</param>
    /// <param name="version">The model.</param>
    /// <param name="workspace">Where it is, as the command line says it.</param>
    /// <param name="json">Gets the JSON object; null for none.</param>
    public static void Report(Terminal terminal, ModelVersion version, string? workspace, Terminal? json)
    {
        using var model = Checkpoint.Load(version.Folder, verify: false, precision: WeightPrecision.AsStored);
        TransformerConfig config = model.Transformer.Config;
        string where = workspace is null ? "" : $" --workspace {workspace}";
        terminal.Messages.WriteLine($"{model.Name}: {(config.QueryKeyNorm ? "Qwen3" : "Llama")}, {Figures.Short(config.ParameterCount)} parameters, {ModelTypes.Words(model)}, context {Figures.Whole(config.ContextLength)}, {Figures.Whole(config.VocabularySize)} tokens, {(model.Tokenizer.ChatTemplate.Source is null ? "no chat template" : "with a chat template")}.");
        terminal.Messages.WriteLine($"It is in {version.Folder}. Next:");
        string next = model.Tokenizer.ChatTemplate.Source is null ? $"generate {version.Name} --prompt \"Once upon a time\"" : $"chat {version.Name}";
        terminal.Messages.WriteLine($"  {Shell.ProgramName} {next}{where}");
        terminal.Messages.WriteLine($"  {Shell.ProgramName} models show {version.Name}{where}");
        if (json is not null)
            JsonResult.Write(json.Output, new { Model = model.Name, version.Folder, Parameters = config.ParameterCount, Weights = model.WeightTypes().Select(t => new { Type = ModelExport.Name(t.Type), t.Bytes }), model.Lineage?.Id });
    }
}
