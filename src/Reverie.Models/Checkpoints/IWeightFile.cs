using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// The named tensors of a model, in one file or several of any format, under Hugging Face's names
/// (<c>model.layers.0.self_attn.q_proj.weight</c>) and in its order of rotary rows.
/// </summary>
public interface IWeightFile : IDisposable
{
    /// <summary>Names of all tensors.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>The tensor of that name, a vector as one row; null where there is none.</summary>
    /// <exception cref="ReverieException">It has more than two dimensions, or numbers of a type that weights do not have.</exception>
    StoredRows? Rows(string name);

    /// <summary>The failure that names the file and its fault.</summary>
    ReverieException Broken(string fault, Exception? cause = null);
}
