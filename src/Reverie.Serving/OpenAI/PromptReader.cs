using System.Text.Json;
using Reverie.Models;

namespace Reverie.Serving;

/// <summary>Reads a field that holds a text, tokens, or a list of either.</summary>
internal static class PromptReader
{
    /// <summary>The tokens and texts.</summary>
    /// <exception cref="ApiException">It holds something else.</exception>
    public static (int[] Tokens, string Text)[] Read(JsonElement? value, string param, Tokenizer tokenizer)
    {
        if (value is not { } given || given.ValueKind == JsonValueKind.Null) throw ApiException.Invalid(param, $"\"{param}\" is missing.", "missing_required_parameter");
        if (given.ValueKind == JsonValueKind.String) return [OfText(given, param, tokenizer)];
        if (given.ValueKind != JsonValueKind.Array || given.GetArrayLength() == 0) throw ApiException.Invalid(param, $"\"{param}\" must be a text, tokens, or a list of either.", "invalid_type");
        return given[0].ValueKind == JsonValueKind.Number ? [OfTokens(given, param, tokenizer)]
            : [.. given.EnumerateArray().Select((p, i) => p.ValueKind == JsonValueKind.Array ? OfTokens(p, $"{param}[{i}]", tokenizer) : OfText(p, $"{param}[{i}]", tokenizer))];
    }

    private static (int[], string) OfText(JsonElement value, string param, Tokenizer tokenizer)
    {
        string text = JsonBody.Text(value, param);
        int[] tokens = tokenizer.EncodeDocument(text);
        return (tokens.Length > 0 ? tokens : [tokenizer.TextStart], text);
    }

    private static (int[], string) OfTokens(JsonElement value, string param, Tokenizer tokenizer)
    {
        int[] tokens = TokensEndpoint.Read(value, param, tokenizer);
        if (tokens.Length == 0) throw ApiException.Invalid(param, $"\"{param}\" has no tokens.");
        return (tokens, tokenizer.Decode(tokens));
    }
}
