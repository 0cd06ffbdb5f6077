using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Cli.Chat;

/// <summary>A loaded model, ready to write.</summary>
internal sealed class ModelInUse : IDisposable
{
    private readonly Checkpoint _checkpoint;

    private ModelInUse(string name, Checkpoint checkpoint, IKernels kernels, int concurrent)
    {
        (Name, _checkpoint, Kernels) = (name, checkpoint, kernels);
        Generator = new Generator(checkpoint.Transformer, checkpoint.Tokenizer, kernels, new GeneratorOptions { MaxConcurrent = concurrent });
    }

    /// <summary>Name and version, or the folder's name.</summary>
    public string Name { get; }

    /// <summary>Identity of the checkpoint; empty where it has none.</summary>
    public string Id => _checkpoint.Lineage?.Id ?? "";

    /// <summary>The weights.</summary>
    public Transformer Transformer => _checkpoint.Transformer;

    /// <summary>The model's tokenizer.</summary>
    public Tokenizer Tokenizer => _checkpoint.Tokenizer;

    /// <summary>The arithmetic.</summary>
    public IKernels Kernels { get; }

    /// <summary>The engine.</summary>
    public Generator Generator { get; }

    /// <summary>Opens a model of a workspace.</summary>
    /// <param name="workspace">Where to look.</param>
    /// <param name="model">Name, name@version or folder; null for the one that was made last.</param>
    /// <param name="threads">Threads; 0 for one a core.</param>
    /// <param name="concurrent">Sequences at once.</param>
    /// <exception cref="ReverieException">It is not there, or damaged.</exception>
    public static ModelInUse Open(Workspace workspace, string? model, int threads, int concurrent)
    {
        string folder = workspace.Resolve(model ?? Newest(workspace));
        var checkpoint = Checkpoint.Load(folder);
        string name = checkpoint.Lineage is { } lineage ? $"{lineage.Name}@{lineage.Version}" : Path.GetFileName(folder);
        return new ModelInUse(name, checkpoint, CpuKernels.Create(threads), concurrent);
    }

    /// <summary>Frees everything.</summary>
    public void Dispose()
    {
        Generator.Dispose();
        _checkpoint.Dispose();
        Kernels.Dispose();
    }

    /// <summary>The model whose serving version was made last; the default name where there is none, for the error message.</summary>
    internal static string Newest(Workspace workspace) =>
        workspace.Models().Where(m => m.IsCurrent).MaxBy(m => Directory.GetLastWriteTimeUtc(m.Folder))?.Name ?? "reverie";
}
