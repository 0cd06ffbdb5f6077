using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Reverie.Serving;

/// <summary><c>POST /v1/embeddings</c>.</summary>
internal sealed class EmbeddingsEndpoint(Backend backend)
{
    private const int MostTexts = 2048;

    /// <summary>Gives the vectors of texts.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        EmbeddingsRequest request = await JsonBody.ReadAsync(context, ApiJson.Default.EmbeddingsRequest).ConfigureAwait(false);
        if (request.EncodingFormat is not (null or "float" or "base64")) throw ApiException.Invalid("encoding_format", "\"encoding_format\" must be float or base64.");
        using ModelCall call = await ModelCall.OpenAsync(backend, context, request.Model, "embeddings", speaks: false).ConfigureAwait(false);
        int width = call.Model.Transformer.Config.Width;
        SamplingReader.Check(request.Dimensions is null || (request.Dimensions >= 1 && request.Dimensions <= width), "dimensions", request.Dimensions, $"between 1 and {width}");
        int[][] texts = [.. PromptReader.Read(request.Input, "input", call.Model.Tokenizer).Select(p => p.Tokens)];
        if (texts.Length > MostTexts) throw ApiException.Invalid("input", $"\"input\" has {texts.Length} texts; at most {MostTexts} are read at once.");
        float[][] vectors = await call.Model.EmbedAsync(texts, request.Dimensions, call.Lease.Adapter, call.User.Id, call.Cancel).ConfigureAwait(false);
        long tokens = texts.Sum(t => (long)t.Length);
        call.Count(tokens);
        bool base64 = request.EncodingFormat == "base64";
        var answer = new EmbeddingsAnswer([.. vectors.Select((v, i) => new EmbeddingPart(i, base64
            ? JsonSerializer.SerializeToElement(Convert.ToBase64String(MemoryMarshal.AsBytes(v.AsSpan())), ApiJson.Default.String)
            : JsonSerializer.SerializeToElement(v, ApiJson.Default.SingleArray)))], call.ModelId, new EmbeddingsUsage(tokens, tokens));
        call.Succeeded();
        await context.Response.WriteAsJsonAsync(answer, ApiJson.Relaxed.EmbeddingsAnswer, cancellationToken: call.Cancel).ConfigureAwait(false);
    }
}
