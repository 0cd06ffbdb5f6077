using System.CommandLine;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Cli.Commands;

/// <summary>The options that say how a model is loaded, the same wherever one is used.</summary>
internal sealed class ModelFlags
{
    /// <summary>What <c>--quantize</c> takes.</summary>
    public static readonly string[] Precisions = ["none", "bf16", "q8_0"];

    private readonly Option<string> _quantize;
    private readonly Option<string?> _adapter;

    /// <summary>Adds the options to a command.</summary>
    public ModelFlags(ReverieCommand command)
    {
        _quantize = command.Option("--quantize", "Keep the weights in memory as q8_0 or bf16; none takes them as they are.", "none", "TYPE");
        _quantize.AcceptOnlyFromAmong(Precisions);
        _adapter = command.Option<string?>("--adapter", "Folder of a LoRA adapter to use with the model, in PEFT's layout, hf:OWNER/NAME, or USER/N for somebody's morning.", "ADAPTER");
    }

    /// <summary>What the command line says.</summary>
    public ModelChoice Read(ParseResult parsed) => new(PrecisionOf(parsed.GetValue(_quantize)!), parsed.GetValue(_adapter));

    /// <summary>Reads an adapter, together with the company's where it stands on one.</summary>
    /// <exception cref="ReverieException">It is not there, cannot be fetched, or what it stands on is gone.</exception>
    public static Adapter LoadAdapter(Workspace workspace, string name, Checkpoint model) => workspace.LayersOf(FolderOf(workspace, name)) is { Count: > 0 } layers
        ? Models.Adapter.LoadLayers(layers, model.Transformer, model.Lineage?.Id)
        : throw new ReverieException($"The adapter {name} stands on one of the company's that is no longer there. Make another with: {Shell.ProgramName} sleep");

    /// <summary>The folder of an adapter, also where it is a morning of the workspace; fetched where it is on the hub.</summary>
    private static string FolderOf(Workspace workspace, string name)
    {
        if (!Directory.Exists(name) && name.StartsWith(PersonalAdapters.Company + PersonalAdapters.Separator, StringComparison.Ordinal) && PersonalAdapters.NumberOf(name[(PersonalAdapters.Company.Length + 1)..]) is { } shared)
            return workspace.CompanyAdapters.FolderOf(shared);
        if (!Directory.Exists(name) && name.Split(PersonalAdapters.Separator) is [var owner, var morning] && PersonalAdapters.IsOwner(owner) && PersonalAdapters.NumberOf(morning) is { } number)
            return workspace.AdaptersOf(owner).FolderOf(number);
        if (!HubModelName.IsHubName(name)) return name;
        using var hub = new HubModels(Path.Combine(workspace.DataFolder, "hub"));
        return hub.DownloadAsync(HubModelName.Parse(name)).GetAwaiter().GetResult().Path;
    }

    /// <summary>The precision of one of <see cref="Precisions"/>.</summary>
    public static WeightPrecision PrecisionOf(string name) => name switch
    {
        "bf16" => WeightPrecision.BFloat16,
        "q8_0" => WeightPrecision.Q8_0,
        _ => WeightPrecision.AsStored,
    };
}

/// <summary>How a model is loaded.</summary>
/// <param name="Precision">What becomes of its weights.</param>
/// <param name="Adapter">Folder, hub name or morning; null for none.</param>
internal sealed record ModelChoice(WeightPrecision Precision = WeightPrecision.AsStored, string? Adapter = null);
