namespace Reverie.Chat;

/// <summary>A model that a <see cref="ModelCatalog"/> offers.</summary>
/// <param name="Id">How a request names it: <c>name</c>, <c>name@version</c> or <c>name+adapter</c>.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Base">The model that the adapter changes; null for a model.</param>
/// <param name="IsLoaded">Whether it is in memory.</param>
/// <param name="IsCurrent">Whether it is what <paramref name="Base"/> means where who asks names no adapter of her own.</param>
public sealed record ServedModel(string Id, DateTime Created, string? Base, bool IsLoaded, bool IsCurrent = false);
