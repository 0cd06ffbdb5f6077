namespace Reverie.Cli.Commands;

/// <summary><c>reverie models</c>: what there is, in and out.</summary>
internal sealed class ModelsCommand : ReverieCommand
{
    /// <summary>Creates the command with those below it.</summary>
    public ModelsCommand(Terminal terminal) : base("models", "See the models of the workspace, take others in, write them for other programs, choose which of your mornings they answer with.",
        "models list", "models show reverie", "models import hf:HuggingFaceTB/SmolLM2-135M-Instruct", "models export reverie reverie.gguf --type q8_0")
    {
        Subcommands.Add(new ModelsListCommand(terminal));
        Subcommands.Add(new ModelsShowCommand(terminal));
        Subcommands.Add(new ModelsImportCommand(terminal));
        Subcommands.Add(new ModelsExportCommand(terminal));
        Subcommands.Add(new ModelsMergeCommand(terminal));
        Subcommands.Add(new ModelsVerifyCommand(terminal));
        Subcommands.Add(new ModelsNewCommand(terminal));
        Subcommands.Add(new ModelsPinCommand(terminal));
        Subcommands.Add(new ModelsRewindCommand(terminal));
    }
}
