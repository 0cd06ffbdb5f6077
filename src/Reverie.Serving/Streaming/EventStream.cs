using System.Buffers;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Reverie.Serving;

/// <summary>
/// Server-sent events to one client. Bytes are collected and sent at <see cref="FlushAsync"/>, so that what comes together costs one write;
/// nothing is allocated for an event.
/// </summary>
/// <param name="response">Where they go; its headers are sent with the first bytes.</param>
/// <param name="timeout">A client that takes nothing for so long is cut off.</param>
internal sealed class EventStream(HttpResponse response, TimeSpan timeout) : IDisposable
{
    private const int MostUnsent = 1 << 15;

    private readonly ArrayBufferWriter<byte> _unsent = new(1024);
    private Utf8JsonWriter? _json;

    /// <summary>Whether headers were sent, so that a failure can only be an event.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>Whether the client was cut off because it took nothing.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Whether so much is collected that it should be sent even if more is there already.</summary>
    public bool IsFull => _unsent.WrittenCount >= MostUnsent;

    /// <summary>Writes one JSON value; call <see cref="Utf8JsonWriter.Flush"/> before anything else is written.</summary>
    public Utf8JsonWriter Json
    {
        get
        {
            if (_json is null) _json = new Utf8JsonWriter(_unsent, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
            else _json.Reset(_unsent);
            return _json;
        }
    }

    /// <summary>Writes bytes as they are.</summary>
    public void Write(ReadOnlySpan<byte> bytes) => _unsent.Write(bytes);

    /// <summary>Writes a text as JSON, in quotation marks.</summary>
    public void WriteString(string text)
    {
        Utf8JsonWriter json = Json;
        json.WriteStringValue(text);
        json.Flush();
    }

    /// <summary>Writes a value as JSON.</summary>
    public void WriteJson<T>(T value, JsonTypeInfo<T> type)
    {
        Utf8JsonWriter json = Json;
        JsonSerializer.Serialize(json, value, type);
        json.Flush();
    }

    /// <summary>Writes a failure as JSON.</summary>
    public void WriteError(ApiError error, bool anthropic)
    {
        Utf8JsonWriter json = Json;
        error.Write(json, anthropic);
        json.Flush();
    }

    /// <summary>Writes a number.</summary>
    public void WriteNumber(int number)
    {
        Span<byte> digits = _unsent.GetSpan(11);
        number.TryFormat(digits, out int count, provider: System.Globalization.CultureInfo.InvariantCulture);
        _unsent.Advance(count);
    }

    /// <summary>Tells the client, and what stands between, that the stream is alive.</summary>
    public void Ping() => Write(": waiting\n\n"u8);

    /// <summary>Sends what was collected.</summary>
    /// <exception cref="OperationCanceledException">The client takes nothing, or has gone.</exception>
    public async ValueTask FlushAsync()
    {
        if (!HasStarted)
        {
            response.StatusCode = StatusCodes.Status200OK;
            response.ContentType = "text/event-stream; charset=utf-8";
            response.Headers.CacheControl = "no-cache, no-store";

            // Reverse proxies would hold events back.
            response.Headers["X-Accel-Buffering"] = "no";
            HasStarted = true;
        }

        ValueTask<FlushResult> sent = response.BodyWriter.WriteAsync(_unsent.WrittenMemory);
        if (sent.IsCompleted) await sent.ConfigureAwait(false);
        else await WaitAsync(sent.AsTask()).ConfigureAwait(false);
        _unsent.ResetWrittenCount();
        response.HttpContext.RequestAborted.ThrowIfCancellationRequested();
    }

    /// <inheritdoc/>
    public void Dispose() => _json?.Dispose();

    private async Task WaitAsync(Task<FlushResult> sent)
    {
        try
        {
            await sent.WaitAsync(timeout).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            IsCut = true;
            response.HttpContext.Abort();
            throw new OperationCanceledException("The client takes nothing.");
        }
    }
}
