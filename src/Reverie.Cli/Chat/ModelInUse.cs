using Reverie.Cli.Commands;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Cli.Chat;

/// <summary>A loaded model, ready to write.</summary>
internal sealed class ModelInUse : IDisposable
{
    private readonly LoadedModel _model;

    private ModelInUse(LoadedModel model, IKernels kernels, int concurrent)
    {
        (_model, Kernels) = (model, kernels);
        Generator = new Generator(model.Transformer, model.Tokenizer, kernels, new GeneratorOptions { MaxConcurrent = concurrent });
    }

    /// <summary>Name and version, or the name of the folder or file.</summary>
    public string Name => _model.Name;

    /// <summary>Identity of the checkpoint; empty where it has none.</summary>
    public string Id => _model.Id;

    /// <summary>The weights.</summary>
    public Transformer Transformer => _model.Transformer;

    /// <summary>The model's tokenizer.</summary>
    public Tokenizer Tokenizer => _model.Tokenizer;

    /// <summary>The arithmetic.</summary>
    public IKernels Kernels { get; }

    /// <summary>The engine.</summary>
    public Generator Generator { get; }

    /// <summary>Opens a model of a workspace.</summary>
    /// <param name="workspace">Where to look.</param>
    /// <param name="model">Name, name@version, folder or .gguf file; null for the one that was made last.</param>
    /// <param name="threads">Threads; 0 for one a core.</param>
    /// <param name="concurrent">Sequences at once.</param>
    /// <param name="choice">How to load it; null for its weights as they are and no adapter.</param>
    /// <exception cref="ReverieException">It is not there, or damaged.</exception>
    public static ModelInUse Open(Workspace workspace, string? model, int threads, int concurrent, ModelChoice? choice = null) =>
        new(LoadedModel.Open(workspace, model ?? Newest(workspace), choice ?? new ModelChoice()), CpuKernels.Create(threads), concurrent);

    /// <summary>Frees everything.</summary>
    public void Dispose()
    {
        Generator.Dispose();
        _model.Dispose();
        Kernels.Dispose();
    }

    /// <summary>The model whose serving version was made last; the default name where there is none, for the error message.</summary>
    internal static string Newest(Workspace workspace) =>
        workspace.Models().Where(m => m.IsCurrent).MaxBy(m => Directory.GetLastWriteTimeUtc(m.Folder))?.Name ?? "reverie";
}
