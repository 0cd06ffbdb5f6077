using Microsoft.Extensions.AI;

namespace Reverie.Chat;

/// <summary>
/// Texts as vectors behind the embedding interface of .NET: the mean of a model's last hidden states over the tokens of the text, of length 1. The
/// vectors of a model of language that was not trained for it tell texts of one kind from those of another; they are no specialist's.
/// </summary>
/// <param name="catalog">The models; the generator does not own it.</param>
/// <param name="model">The model where a request names none; null for the catalog's first.</param>
public sealed class ReverieEmbeddingGenerator(ModelCatalog catalog, string? model = null) : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly EmbeddingGeneratorMetadata _metadata = new("reverie", defaultModelId: model ?? catalog.Default);

    /// <inheritdoc/>
    /// <exception cref="Tensors.ReverieException">The model is not there, or a text is empty or too long for it.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        using ModelLease lease = await catalog.OpenAsync(options?.ModelId ?? model, cancel: cancellationToken).ConfigureAwait(false);
        int[][] texts = [.. values.Select(lease.Model.Tokenizer.EncodeDocument)];
        float[][] vectors = await lease.Model.EmbedAsync(texts, options?.Dimensions, lease.Adapter, cancel: cancellationToken).ConfigureAwait(false);
        int tokens = texts.Sum(t => t.Length);
        return new GeneratedEmbeddings<Embedding<float>>(vectors.Select(v => new Embedding<float>(v) { CreatedAt = DateTimeOffset.UtcNow, ModelId = lease.Model.Id }))
        {
            Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens },
        };
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
        : serviceType == typeof(ModelCatalog) ? catalog
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
