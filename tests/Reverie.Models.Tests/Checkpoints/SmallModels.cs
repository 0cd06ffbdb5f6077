using Reverie.Tensors;

namespace Reverie.Models.Tests.Checkpoints;

/// <summary>Models small enough for tests.</summary>
internal static class SmallModels
{
    public static Tokenizer Tokenizer { get; } = Reverie.Models.Tokenizer.Train(
        ["the quick brown fox jumps over the lazy dog; the dog sleeps, the fox laughs and jumps again"], 300);

    public static TransformerConfig Config(bool tied = false, bool queryKeyNorm = true, int layers = 2, int context = 128) => new()
    {
        VocabularySize = 304,
        Width = 32,
        Layers = layers,
        Heads = 4,
        KeyValueHeads = 2,
        HeadDimension = 8,
        FeedForward = 48,
        ContextLength = context,
        TiedEmbeddings = tied,
        QueryKeyNorm = queryKeyNorm,
    };

    /// <summary>A model whose answers are not all alike: the weights are far from those that training starts with.</summary>
    public static Transformer Transformer(TransformerConfig? config = null, ulong seed = 1)
    {
        var transformer = new Transformer(config ?? Config());
        transformer.Initialize(seed, embeddingDeviation: 1f, outputScale: 0.5f);
        return transformer;
    }

    /// <summary>An adapter that does something: neither factor is zero.</summary>
    public static Adapter Adapter(Transformer model, int rank = 4, ulong seed = 9)
    {
        var adapter = new Adapter(model, rank, alpha: 6, seed);
        var random = new RandomStream(seed, "trained");
        foreach (Parameter parameter in adapter.Parameters.All.Where(p => p.Name.EndsWith("lora_B.weight", StringComparison.Ordinal)))
            foreach (ref float value in parameter.Value.Span) value = 0.2f * (float)random.NextGaussian();
        return adapter;
    }

    public static Lineage Lineage(string name = "test", string version = "1") => new()
    {
        Name = name,
        Version = version,
        Stages = [new StageRecord("pretrain", 10, 5120, ulong.MaxValue, new Dictionary<string, string> { ["stories"] = "abc" }, 1.5)],
    };

    public static void AssertSameWeights(Transformer expected, Transformer actual)
    {
        Assert.Equal(expected.Config, actual.Config);
        foreach ((Parameter one, Parameter two) in expected.Parameters.All.Zip(actual.Parameters.All))
        {
            Assert.Equal(one.Name, two.Name);
            Assert.True(one.Value.Span.SequenceEqual(two.Value.Span), one.Name);
        }
    }
}
