using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Reverie.Models;

namespace Reverie.Serving;

/// <summary><c>POST /tokenize</c> and <c>POST /detokenize</c>, as llama.cpp has them.</summary>
internal sealed class TokensEndpoint(Backend backend)
{
    /// <summary>Cuts a text into tokens.</summary>
    public async Task TokenizeAsync(HttpContext context)
    {
        TokenizeRequest request = await JsonBody.ReadAsync(context, ApiJson.Default.TokenizeRequest).ConfigureAwait(false);
        if ((request.Content ?? request.Prompt) is not { } text) throw ApiException.Invalid("content", "\"content\" is missing.", "missing_required_parameter");
        using ModelCall call = await ModelCall.OpenAsync(backend, context, request.Model, "tokenize", speaks: false).ConfigureAwait(false);
        Tokenizer tokenizer = call.Model.Tokenizer;
        int[] tokens = request.AddSpecial == true ? tokenizer.EncodeDocument(text) : tokenizer.Encode(text);
        IReadOnlyList<string>? pieces = request.WithPieces == true ? [.. tokens.Select(t => Encoding.UTF8.GetString(tokenizer.Bytes(t)))] : null;
        call.Succeeded();
        await context.Response.WriteAsJsonAsync(new TokenizeAnswer(tokens, tokens.Length, call.Model.ContextLength, pieces), ApiJson.Relaxed.TokenizeAnswer, cancellationToken: call.Cancel).ConfigureAwait(false);
    }

    /// <summary>Joins tokens to a text.</summary>
    public async Task DetokenizeAsync(HttpContext context)
    {
        DetokenizeRequest request = await JsonBody.ReadAsync(context, ApiJson.Default.DetokenizeRequest).ConfigureAwait(false);
        if (request.Tokens is not { } given) throw ApiException.Invalid("tokens", "\"tokens\" is missing.", "missing_required_parameter");
        using ModelCall call = await ModelCall.OpenAsync(backend, context, request.Model, "detokenize", speaks: false).ConfigureAwait(false);
        string text = call.Model.Tokenizer.Decode(Read(given, "tokens", call.Model.Tokenizer));
        call.Succeeded();
        await context.Response.WriteAsJsonAsync(new DetokenizeAnswer(text), ApiJson.Relaxed.DetokenizeAnswer, cancellationToken: call.Cancel).ConfigureAwait(false);
    }

    /// <summary>Reads a list of tokens.</summary>
    /// <exception cref="ApiException">It is none, or one of them is not of the vocabulary.</exception>
    public static int[] Read(JsonElement value, string param, Tokenizer tokenizer)
    {
        if (value.ValueKind != JsonValueKind.Array) throw ApiException.Invalid(param, $"\"{param}\" must be a list of tokens.", "invalid_type");
        int[] tokens = new int[value.GetArrayLength()];
        int count = 0;
        foreach (JsonElement token in value.EnumerateArray())
        {
            if (token.ValueKind != JsonValueKind.Number || !token.TryGetInt32(out int id) || id < 0 || id >= tokenizer.VocabularySize)
                throw ApiException.Invalid($"{param}[{count}]", $"\"{param}[{count}]\" is no token of this model; they are 0 to {tokenizer.VocabularySize - 1}.");
            tokens[count++] = id;
        }

        return tokens;
    }
}
