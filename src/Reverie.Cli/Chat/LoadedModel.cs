using Reverie.Cli.Commands;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Cli.Chat;

/// <summary>A model with its adapter, as a command line names them.</summary>
internal sealed class LoadedModel : IDisposable
{
    private readonly Checkpoint _checkpoint;
    private readonly Adapter? _adapter;

    private LoadedModel(Checkpoint checkpoint, Adapter? adapter)
    {
        (_checkpoint, _adapter) = (checkpoint, adapter);
        checkpoint.Transformer.Adapter = adapter;
    }

    /// <summary>Name and version, or the name of the folder or file.</summary>
    public string Name => _checkpoint.Name;

    /// <summary>Identity of the checkpoint; empty where it has none.</summary>
    public string Id => _checkpoint.Lineage?.Id ?? "";

    /// <summary>The weights, with the adapter.</summary>
    public Transformer Transformer => _checkpoint.Transformer;

    /// <summary>The model's tokenizer.</summary>
    public Tokenizer Tokenizer => _checkpoint.Tokenizer;

    /// <summary>Opens a model of a workspace.</summary>
    /// <param name="workspace">Where to look.</param>
    /// <param name="model">Name, name@version, folder or .gguf file.</param>
    /// <param name="choice">How to load it.</param>
    /// <exception cref="ReverieException">Model or adapter is not there, or damaged.</exception>
    public static LoadedModel Open(Workspace workspace, string model, ModelChoice choice)
    {
        var checkpoint = Checkpoint.Load(workspace.Resolve(model), precision: choice.Precision);
        try
        {
            return new LoadedModel(checkpoint, choice.Adapter is { } name ? ModelFlags.LoadAdapter(workspace, name, checkpoint) : null);
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>Frees everything.</summary>
    public void Dispose()
    {
        Transformer.Adapter = null;
        _adapter?.Dispose();
        _checkpoint.Dispose();
    }
}
