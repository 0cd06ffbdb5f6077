using System.CommandLine;
using Reverie.Cli.Chat;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie models verify</c>: whether a model computes what it should.</summary>
internal sealed class ModelsVerifyCommand : ReverieCommand
{
    /// <summary>Creates the command.</summary>
    public ModelsVerifyCommand(Terminal terminal) : base("verify",
        "Compare a model's files with their hashes, and its logits on a fixed text with a reference file or with another model. Exit code 1 where a logit differs by more than the tolerance.",
        "models verify reverie --write reference.json", "models verify reverie-hf reference.json", "models verify reverie-q8_0.gguf reverie --tolerance 0.5")
    {
        var name = new Argument<string>("MODEL") { Description = "Name, name@version, folder or .gguf file." };
        var reference = new Argument<string?>("REFERENCE") { Description = "A .json file that --write or another program wrote, or another model.", Arity = ArgumentArity.ZeroOrOne };
        Arguments.Add(name);
        Arguments.Add(reference);
        Option<string?> write = Option<string?>("--write", "Write the reference of this model in place of comparing.", "FILE");
        Option<double?> tolerance = Within(Option<double?>("--tolerance", $"Largest difference of a logit. [default: the reference's, or {ModelProbe.Tolerance}]", "X"), 0, 1e9);
        var flags = new ModelFlags(this);
        Option<int> threads = ThreadsOption();
        Option<string?> workspace = WorkspaceOption();
        Option<bool> json = JsonOption();
        Validators.Add(result =>
        {
            if (result.GetValue(reference) is null == result.GetValue(write) is null) result.AddError("Give either a REFERENCE to compare with, or --write FILE.");
        });
        SetAction(parsed =>
        {
            Terminal place = parsed.GetValue(json) ? terminal.ForJson() : terminal;
            var home = new Workspace(parsed.GetValue(workspace));
            using IKernels kernels = CpuKernels.Create(parsed.GetValue(threads));
            Checkpoint.Verify(home.Resolve(parsed.GetValue(name)!));
            using LoadedModel model = LoadedModel.Open(home, parsed.GetValue(name)!, flags.Read(parsed));
            if (parsed.GetValue(write) is { } file)
            {
                ProbeFile.Write(file, ModelProbe.Measure(model.Transformer, kernels), parsed.GetValue(tolerance) ?? ModelProbe.Tolerance);
                place.Messages.WriteLine($"{file}: the {ProbeFile.Kept} likeliest tokens of {model.Name} at each of {ModelProbe.Length} places. Next: {Shell.ProgramName} models verify MODEL {file}");
                return ExitCode.Success;
            }

            (ModelProbe expected, double allowed) = Reference(home, parsed.GetValue(reference)!, kernels);
            allowed = parsed.GetValue(tolerance) ?? allowed;
            ProbeDifference difference = ModelProbe.MeasureLike(expected, model.Transformer, kernels).Against(expected);
            bool passes = difference.Largest <= allowed;
            place.Messages.WriteLine($"{model.Name} against {parsed.GetValue(reference)}, {expected.Ids.Count} places:");
            place.Messages.WriteLine($"  largest difference of a logit  {difference.Largest:g4} ({(passes ? "within" : "over")} the tolerance of {allowed:g4})");
            place.Messages.WriteLine($"  same likeliest token           {difference.Agreement:0.0%}");
            place.Messages.WriteLine($"  KL divergence                  {difference.Divergence:g4} nats");
            if (parsed.GetValue(json)) JsonResult.Write(terminal.Output, new { Model = model.Name, Reference = parsed.GetValue(reference), difference.Largest, difference.Agreement, difference.Divergence, Tolerance = allowed, Passes = passes });
            return passes ? ExitCode.Success : ExitCode.Failure;
        });
    }

    private static (ModelProbe Probe, double Tolerance) Reference(Workspace home, string name, IKernels kernels)
    {
        if (name.EndsWith(".json", StringComparison.OrdinalIgnoreCase)) return ProbeFile.Read(name);
        using LoadedModel model = LoadedModel.Open(home, name, new ModelChoice());
        return (ModelProbe.Measure(model.Transformer, kernels), ModelProbe.Tolerance);
    }
}
