using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>How a model comes into the workspace.</summary>
public sealed record ImportOptions
{
    /// <summary>Its name in the workspace; null for that of the source.</summary>
    public string? Name { get; init; }

    /// <summary>The type that its matrices become; null to leave the files as they are.</summary>
    public WeightType? Quantize { get; init; }

    /// <summary>llama2.c's <c>tokenizer.bin</c>, for a source that has no tokenizer in it.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>How the hub is reached.</summary>
    public HubOptions? Hub { get; init; }
}
