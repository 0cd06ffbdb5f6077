using System.CommandLine;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie models export</c>: write a model for other programs.</summary>
internal sealed class ModelsExportCommand : ReverieCommand
{
    private const string Folder = "hf", Gguf = "gguf";

    /// <summary>Creates the command.</summary>
    public ModelsExportCommand(Terminal terminal) : base("export",
        "Write a model for other programs: a folder for transformers and vLLM, or a GGUF file for llama.cpp with a Modelfile for Ollama. With --adapter the adapter alone, as a folder for PEFT or as GGUF.",
        "models export reverie reverie-hf", "models export reverie reverie-q8_0.gguf --type q8_0", "models export reverie lora.gguf --adapter my-adapter")
    {
        var name = new Argument<string>("MODEL") { Description = "Name, name@version, folder or .gguf file." };
        var output = new Argument<string>("OUT") { Description = "Folder or .gguf file, which is not there yet." };
        Arguments.Add(name);
        Arguments.Add(output);
        Option<string?> format = Option<string?>("--format", "hf for a folder, gguf for a file. [default: by OUT's ending]", "FORMAT");
        format.AcceptOnlyFromAmong(Folder, Gguf);
        Option<string?> type = ModelTypes.Accept(Option<string?>("--type", $"Type of the matrices: {string.Join(", ", ModelTypes.Names)}. [default: as they are]", "TYPE"));
        Option<string?> adapter = Option<string?>("--adapter", "Folder of an adapter: it alone is written.", "ADAPTER");
        Option<string?> workspace = WorkspaceOption();
        Option<bool> json = JsonOption();
        SetAction(parsed =>
        {
            Terminal place = parsed.GetValue(json) ? terminal.ForJson() : terminal;
            var home = new Workspace(parsed.GetValue(workspace));
            string path = parsed.GetValue(output)!;
            bool isGguf = parsed.GetValue(format) is { } asked ? asked == Gguf : path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);
            using var model = Checkpoint.Load(home.Resolve(parsed.GetValue(name)!), precision: WeightPrecision.AsStored);
            var written = new List<string> { path };
            if (parsed.GetValue(adapter) is { } folder)
            {
                if (parsed.GetValue(type) is not null) throw new ReverieException("An adapter is written as float32. Leave --type out.");
                using var addition = ModelFlags.LoadAdapter(home, folder, model);
                if (isGguf) ModelExport.AdapterToGguf(path, addition);
                else ModelExport.AdapterToFolder(path, addition, model);
            }
            else if (isGguf)
            {
                written.Add(ModelExport.ToGguf(path, model, ModelTypes.Parse(parsed.GetValue(type))));
            }
            else
            {
                ModelExport.ToFolder(path, model, ModelTypes.Parse(parsed.GetValue(type)));
            }

            foreach (string file in written) place.Messages.WriteLine($"{file}{(File.Exists(file) ? ", " + Figures.Bytes(new FileInfo(file).Length) : "")}");
            if (written.Count > 1) place.Messages.WriteLine($"For Ollama: ollama create {model.Name.Split('@')[0]} -f {written[1]}");
            if (parsed.GetValue(json)) JsonResult.Write(terminal.Output, new { Model = model.Name, Written = written.Select(Path.GetFullPath) });
            return ExitCode.Success;
        });
    }
}
