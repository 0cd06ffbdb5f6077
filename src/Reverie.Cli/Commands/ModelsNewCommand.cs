using System.CommandLine;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie models new</c>: a model that nobody trained.</summary>
internal sealed class ModelsNewCommand : ReverieCommand
{
    private const int HouseVocabulary = 512;

    /// <summary>Creates the command.</summary>
    public ModelsNewCommand(Terminal terminal) : base("new", "Make a model of a known shape with random weights and a tokenizer of bytes, to measure with or to start from.",
        "models new bench --shape smollm2-135m --type q8_0 --out bench.gguf", "models new seedling --shape house:128,4 --type f32")
    {
        var name = new Argument<string>("NAME") { Description = "Name of the model." };
        Arguments.Add(name);
        Option<string> shape = Option<string>("--shape", $"{ModelShape.Names}.", "SHAPE");
        shape.Required = true;
        Option<int?> vocabulary = Within(Option<int?>("--vocabulary", $"Tokens. [default: the shape's; {HouseVocabulary} for house]", "V"), 1, 1 << 24);
        Option<string> type = ModelTypes.Accept(Option("--type", $"Type of the matrices: {string.Join(", ", ModelTypes.Names)}.", "bf16", "TYPE"));
        Option<ulong> seed = Option("--seed", "The seed of the weights.", 1ul, "N");
        Option<string?> output = Option<string?>("--out", "Write this .gguf file in place of a model of the workspace.", "FILE");
        Option<string?> workspace = WorkspaceOption();
        Option<bool> json = JsonOption();
        SetAction(parsed =>
        {
            Terminal place = parsed.GetValue(json) ? terminal.ForJson() : terminal;
            TransformerConfig config = ModelShape.Find(parsed.GetValue(shape)!, parsed.GetValue(vocabulary), HouseVocabulary);
            WeightType target = ModelTypes.Parse(parsed.GetValue(type))!.Value;
            if (parsed.GetValue(output) is { } file)
            {
                ModelMaker.WriteGguf(file, parsed.GetValue(name)!, config, target, parsed.GetValue(seed));
                place.Messages.WriteLine($"{file}: {Figures.Short(config.ParameterCount)} parameters, {Figures.Bytes(new FileInfo(file).Length)}");
                if (parsed.GetValue(json)) JsonResult.Write(terminal.Output, new { File = Path.GetFullPath(file), Parameters = config.ParameterCount });
                return ExitCode.Success;
            }

            ModelVersion version = ModelMaker.Make(new Workspace(parsed.GetValue(workspace)), parsed.GetValue(name)!, config, target, parsed.GetValue(seed));
            ModelsImportCommand.Report(place, version, parsed.GetValue(workspace), parsed.GetValue(json) ? terminal : null);
            return ExitCode.Success;
        });
    }
}
