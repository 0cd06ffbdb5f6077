using Microsoft.Extensions.AI;
using Reverie.Tensors;

namespace Reverie.Chat.Tests;

public sealed class EmbeddingTests : IAsyncDisposable
{
    private readonly SmallWorkspace _small = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _small.DisposeAsync();

    [Fact]
    public async Task Texts_become_vectors_of_length_one_that_do_not_depend_on_their_company()
    {
        using ReverieEmbeddingGenerator generator = _small.Catalog.EmbeddingGenerator();
        string[] texts = ["the fox", "the dog sleeps", string.Concat(Enumerable.Repeat("fox jumps ", 30)), "the fox"];
        GeneratedEmbeddings<Embedding<float>> all = await generator.GenerateAsync(texts, cancellationToken: Cancel);
        Assert.All(all, e => Assert.Equal(1, MathF.Sqrt(e.Vector.ToArray().Sum(v => v * v)), 4));
        Assert.All(all, e => Assert.Equal(32, e.Vector.Length));
        Assert.True(all.Usage!.InputTokenCount > 30);
        for (int i = 0; i < texts.Length; i++) Assert.Equal((await generator.GenerateVectorAsync(texts[i], cancellationToken: Cancel)).ToArray(), all[i].Vector.ToArray());
        Assert.NotEqual(all[0].Vector.ToArray(), all[1].Vector.ToArray());
        Assert.Equal(8, (await generator.GenerateVectorAsync("the fox", new EmbeddingGenerationOptions { Dimensions = 8 }, Cancel)).Length);
    }

    [Fact]
    public async Task What_cannot_be_embedded_is_refused()
    {
        using ReverieEmbeddingGenerator generator = _small.Catalog.EmbeddingGenerator();
        await Assert.ThrowsAsync<ContextTooLongException>(() => generator.GenerateAsync([string.Concat(Enumerable.Repeat("xyz! ", 600))], cancellationToken: Cancel));
        await Assert.ThrowsAsync<ReverieException>(() => generator.GenerateAsync(["a"], new EmbeddingGenerationOptions { Dimensions = 33 }, Cancel));
        await Assert.ThrowsAsync<ReverieException>(() => generator.GenerateAsync(["a", ""], cancellationToken: Cancel));
    }
}
