using System.Text.Json;
using System.Text.Json.Serialization;

namespace Reverie.Serving;

/// <summary>The body of <c>/tokenize</c>.</summary>
internal sealed record TokenizeRequest
{
    /// <summary>The model; the server's default where it is missing.</summary>
    public string? Model { get; init; }

    /// <summary>The text.</summary>
    public string? Content { get; init; }

    /// <summary>The text, by another server's name for it.</summary>
    public string? Prompt { get; init; }

    /// <summary>Whether the token stands before it with which the model's texts begin.</summary>
    public bool? AddSpecial { get; init; }

    /// <summary>Whether the text of each token is told.</summary>
    public bool? WithPieces { get; init; }
}

/// <summary>The tokens of a text.</summary>
internal sealed record TokenizeAnswer(IReadOnlyList<int> Tokens, int Count, int MaxModelLen, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Pieces);

/// <summary>The body of <c>/detokenize</c>.</summary>
internal sealed record DetokenizeRequest
{
    /// <summary>The model; the server's default where it is missing.</summary>
    public string? Model { get; init; }

    /// <summary>The tokens.</summary>
    public JsonElement? Tokens { get; init; }
}

/// <summary>The text of tokens.</summary>
internal sealed record DetokenizeAnswer(string Content);
