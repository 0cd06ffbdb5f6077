using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Reverie.Chat;
using Reverie.Tensors;

namespace Reverie.Serving;

/// <summary>An error as clients see it, in OpenAI's shape or in Anthropic's.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="Param">The field at fault; null for none.</param>
/// <param name="Code">What programs tell the error by; null for none.</param>
/// <param name="RetryAfter">When it is worth another try; null where it is not.</param>
internal sealed record ApiError(int Status, string Message, string? Param = null, string? Code = null, TimeSpan? RetryAfter = null)
{
    private static readonly JsonWriterOptions _relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The kind of error, as OpenAI names it.</summary>
    public string OpenAIType => Status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        < 500 => "invalid_request_error",
        _ => "server_error",
    };

    /// <summary>The kind of error, as Anthropic names it.</summary>
    public string AnthropicType => Status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 => "overloaded_error",
        < 500 => "invalid_request_error",
        _ => "api_error",
    };

    /// <summary>What a failure means for the client; <see cref="Status"/> 500 for what it cannot help.</summary>
    public static ApiError Of(Exception exception) => exception switch
    {
        ApiException e => new ApiError(e.Status, e.Message, e.Param, e.Code, e.RetryAfter),
        ModelNotFoundException e => new ApiError(404, e.Message, "model", "model_not_found"),
        ContextTooLongException e => new ApiError(400, e.Message, "messages", "context_length_exceeded"),
        EngineBusyException e => new ApiError(429, e.Message, null, "engine_busy", e.RetryAfter),

        // What carries another failure is the server's: a damaged file, a model that stopped.
        ReverieException { InnerException: null } e => new ApiError(400, e.Message, null, "invalid_value"),
        ReverieException e => new ApiError(500, e.Message),
        BadHttpRequestException { StatusCode: 413 } => new ApiError(413, "The request's body is too large for this server. Send less, or start it with a higher --max-request.", null, "request_too_large"),
        BadHttpRequestException e => new ApiError(e.StatusCode, e.Message, null, "bad_request"),
        _ => new ApiError(500, "The server has failed at this request; its log says why."),
    };

    /// <summary>Answers with the error, where nothing was answered yet.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        if (response.HasStarted) return;
        response.StatusCode = Status;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        if (RetryAfter is { } time) response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (Status == StatusCodes.Status401Unauthorized) response.Headers.WWWAuthenticate = "Bearer";
        if (HttpMethods.IsHead(context.Request.Method)) return;
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body, _relaxed)) Write(json, context.Request.Path.StartsWithSegments("/v1/messages"));
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Writes the error as one object.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="anthropic">In Anthropic's shape; else in OpenAI's.</param>
    public void Write(Utf8JsonWriter json, bool anthropic)
    {
        json.WriteStartObject();
        if (anthropic) json.WriteString("type"u8, "error"u8);
        json.WriteStartObject("error"u8);
        if (anthropic) json.WriteString("type"u8, AnthropicType);
        json.WriteString("message"u8, Message);
        if (!anthropic)
        {
            json.WriteString("type"u8, OpenAIType);
            json.WriteString("param"u8, Param);
            json.WriteString("code"u8, Code);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
