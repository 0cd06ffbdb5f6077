using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>The shape of a dense Qwen3 decoder (arXiv 2505.09388); Llama and Qwen2 are other choices of the same.</summary>
public sealed record TransformerConfig
{
    /// <summary>Token ids are below this.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of the residual stream (hidden_size).</summary>
    public required int Width { get; init; }

    /// <summary>Number of blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads; divides <see cref="Heads"/>.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Width of a head; even; independent of <see cref="Width"/>.</summary>
    public required int HeadDimension { get; init; }

    /// <summary>Width inside the MLP (intermediate_size).</summary>
    public required int FeedForward { get; init; }

    /// <summary>Longest context in tokens.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Base of the rotary frequencies.</summary>
    public float RopeTheta { get; init; } = 10000f;

    /// <summary>How the rotary frequencies are stretched to a longer context, as in Llama 3; null for not at all.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>Epsilon of every norm.</summary>
    public float NormEpsilon { get; init; } = 1e-6f;

    /// <summary>Whether the head shares the token table.</summary>
    public bool TiedEmbeddings { get; init; }

    /// <summary>Whether queries and keys are normed per head: true for Qwen3, false for Llama.</summary>
    public bool QueryKeyNorm { get; init; } = true;

    /// <summary>Whether queries, keys and values have biases: true for Qwen2.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>The constants of its attention layers.</summary>
    public AttentionShape Attention => new(Heads, KeyValueHeads, HeadDimension, RopeTheta, NormEpsilon, Scaling: RopeScaling);

    /// <summary>
    /// The house's shape for a width: MLP of 8/3 width rounded to 32, heads of 32, which is what finding the same token again takes, see docs/recipe.md.
    /// From width 256 on up to four heads share keys and values (arXiv 2305.13245): what bounds many sequences at once is reading these.
    /// </summary>
    /// <param name="width">Width of the residual stream.</param>
    /// <param name="layers">Number of blocks.</param>
    /// <param name="vocabularySize">Token ids are below this.</param>
    /// <param name="contextLength">Longest context in tokens.</param>
    /// <param name="headDimension">Width of a head; null for 32, or the width where that is less.</param>
    public static TransformerConfig ForWidth(int width, int layers, int vocabularySize, int contextLength, int? headDimension = null)
    {
        int head = headDimension ?? Math.Min(width, 32), heads = width / head;
        return new()
        {
            VocabularySize = vocabularySize,
            Width = width,
            Layers = layers,
            Heads = heads,
            KeyValueHeads = width < 256 || heads % 2 > 0 ? heads : heads % 4 > 0 ? heads / 2 : heads / 4,
            HeadDimension = head,
            FeedForward = (int)Math.Round(width * 8 / 3.0 / 32) * 32,
            ContextLength = contextLength,
        };
    }

    /// <summary>Refuses shapes that cannot be.</summary>
    /// <exception cref="ReverieException">A size is not positive, heads do not divide, or a head is odd.</exception>
    public TransformerConfig Validate()
    {
        (string Name, int Value)[] sizes =
        [
            ("vocab_size", VocabularySize), ("hidden_size", Width), ("num_hidden_layers", Layers), ("num_attention_heads", Heads),
            ("num_key_value_heads", KeyValueHeads), ("head_dim", HeadDimension), ("intermediate_size", FeedForward), ("max_position_embeddings", ContextLength),
        ];
        foreach ((string name, int value) in sizes)
            if (value is < 1 or > 1 << 24) throw new ReverieException($"The model's {name} is {value}; it must be between 1 and {1 << 24}. Check config.json.");
        if (Heads % KeyValueHeads != 0) throw new ReverieException($"The model's {Heads} attention heads cannot share {KeyValueHeads} key-value heads evenly. Check config.json.");
        if (HeadDimension % 2 != 0) throw new ReverieException($"The model's head_dim is {HeadDimension}; rotary positions need an even one. Check config.json.");
        if (!float.IsFinite(RopeTheta) || RopeTheta <= 1 || !float.IsFinite(NormEpsilon) || NormEpsilon is <= 0 or > 1)
            throw new ReverieException($"The model's rope_theta {RopeTheta} or rms_norm_eps {NormEpsilon} makes no sense. Check config.json.");
        if (RopeScaling is { } scaling && !(float.IsFinite(scaling.Factor) && scaling.Factor >= 1 && scaling.LowFrequencyFactor > 0 && scaling.HighFrequencyFactor > scaling.LowFrequencyFactor && float.IsFinite(scaling.HighFrequencyFactor) && scaling.OriginalContext > 0))
            throw new ReverieException($"The model's rotary scaling makes no sense: factor {scaling.Factor}, from {scaling.LowFrequencyFactor} to {scaling.HighFrequencyFactor}, of context {scaling.OriginalContext}. Check config.json.");
        return this;
    }

    /// <summary>Number of parameters of this shape.</summary>
    public long ParameterCount
    {
        get
        {
            long attention = (long)Width * Attention.ProjectionColumns + (long)Attention.OutputColumns * Width + (QueryKeyNorm ? 2 * HeadDimension : 0) + (AttentionBias ? Attention.ProjectionColumns : 0);
            long block = attention + 3L * Width * FeedForward + 2L * Width;
            return (TiedEmbeddings ? 1 : 2) * (long)VocabularySize * Width + Layers * block + Width;
        }
    }

    /// <summary>
    /// Floating-point operations of training on one token: 6 for each parameter in a product (the token table is looked up,
    /// not multiplied), and attention over half of the sequence, forward and backward (arXiv 2001.08361, 2204.02311).
    /// </summary>
    public double TrainingFlopsPerToken(int sequenceLength) =>
        6.0 * (ParameterCount - (TiedEmbeddings ? 0 : (long)VocabularySize * Width)) + 6.0 * Layers * Attention.OutputColumns * sequenceLength;
}
