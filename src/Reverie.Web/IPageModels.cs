using Microsoft.Extensions.AI;

namespace Reverie.Web;

/// <summary>The models that the page offers.</summary>
public interface IPageModels
{
    /// <summary>The models to choose from, the usual one first.</summary>
    /// <param name="owner">Who chooses: her own adapters are there too, and nobody else's. Null for nobody in particular.</param>
    IReadOnlyList<PageModel> List(string? owner = null);

    /// <summary>A model as a partner; loaded by its first use.</summary>
    /// <param name="model">Its name.</param>
    /// <param name="adapter">The adapter that it wears; null for the current one of who asks, if she has one.</param>
    /// <exception cref="Tensors.ReverieException">There is no such model or adapter.</exception>
    IChatClient Open(string model, string? adapter);
}

/// <summary>A model to choose.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Adapters">Adapters that it may wear.</param>
/// <param name="ContextLength">Tokens that a conversation may have; null where it is not known before the model is loaded.</param>
/// <param name="Current">The one of the adapters that it wears for who chooses where she chooses none; null where she has none of her own.</param>
public sealed record PageModel(string Name, IReadOnlyList<string> Adapters, int? ContextLength = null, string? Current = null);
