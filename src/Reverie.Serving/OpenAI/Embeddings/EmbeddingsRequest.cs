using System.Text.Json;

namespace Reverie.Serving;

/// <summary>The body of <c>/v1/embeddings</c>.</summary>
internal sealed record EmbeddingsRequest
{
    /// <summary>Name, name@version or name+adapter; the server's default where it is missing.</summary>
    public string? Model { get; init; }

    /// <summary>A text, a list of texts, the tokens of one, or a list of the tokens of several.</summary>
    public JsonElement? Input { get; init; }

    /// <summary>float or base64 (of little-endian float32).</summary>
    public string? EncodingFormat { get; init; }

    /// <summary>Only so many of the numbers, normalised again.</summary>
    public int? Dimensions { get; init; }
}

/// <summary>The vectors of texts.</summary>
internal sealed record EmbeddingsAnswer(IReadOnlyList<EmbeddingPart> Data, string Model, EmbeddingsUsage Usage)
{
    /// <summary>list.</summary>
    public string Object => "list";
}

/// <summary>The vector of a text: numbers, or base64.</summary>
internal sealed record EmbeddingPart(int Index, JsonElement Embedding)
{
    /// <summary>embedding.</summary>
    public string Object => "embedding";
}

/// <summary>The tokens that were read.</summary>
internal sealed record EmbeddingsUsage(long PromptTokens, long TotalTokens);
