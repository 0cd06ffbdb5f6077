using Microsoft.Extensions.AI;

namespace Reverie.Web;

/// <summary>The models that the page offers.</summary>
public interface IPageModels
{
    /// <summary>The models to choose from, the usual one first.</summary>
    IReadOnlyList<PageModel> List();

    /// <summary>A model as a partner; loaded by its first use.</summary>
    /// <param name="model">Its name.</param>
    /// <param name="adapter">The adapter that it wears; null for none.</param>
    /// <exception cref="Tensors.ReverieException">There is no such model or adapter.</exception>
    IChatClient Open(string model, string? adapter);
}

/// <summary>A model to choose.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Adapters">Adapters that it may wear.</param>
/// <param name="ContextLength">Tokens that a conversation may have; null where it is not known before the model is loaded.</param>
public sealed record PageModel(string Name, IReadOnlyList<string> Adapters, int? ContextLength = null);
