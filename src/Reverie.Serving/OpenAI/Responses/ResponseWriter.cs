using System.Text;
using System.Text.Json;
using Reverie.Chat;
using Reverie.Sleep;

namespace Reverie.Serving;

/// <summary>Writes a response as numbered events: items and their parts begin, grow and end.</summary>
/// <param name="response">Collects it.</param>
/// <param name="store">Keeps it before it ends; null where it is not kept.</param>
internal sealed class ResponseWriter(Response response, Func<Task>? store) : IReplyWriter
{
    private int _number;
    private ResponseItem? _open;

    /// <inheritdoc/>
    public void Begin(EventStream stream)
    {
        Event(stream, "response.created", WriteResponse);
        Event(stream, "response.in_progress", WriteResponse);
    }

    /// <inheritdoc/>
    public void Write(EventStream stream, int index, ChatEvent part)
    {
        if (part is ChatEvent.Drawn)
        {
            response.Take(part);
            return;
        }

        if (part is ChatEvent.Finished) Close(stream);
        else if (part is ChatEvent.ToolCall || _open is null || part is ChatEvent.Text != _open.Kind is PartKind.Text || part is ChatEvent.Reasoning != _open.Kind is PartKind.Reasoning) Close(stream);
        int told = _open?.Tokens.Count ?? 0;
        if (response.Take(part) is not var (item, isNew)) return;
        if (isNew) Open(stream, item, part);
        switch (part)
        {
            case ChatEvent.Text text:
                Delta(stream, "response.output_text.delta", text.Value, isNew ? 0 : told);
                break;
            case ChatEvent.Reasoning reasoning:
                Delta(stream, "response.reasoning_text.delta", reasoning.Value);
                break;
            case ChatEvent.ToolArguments more:
                Delta(stream, "response.function_call_arguments.delta", more.Json);
                break;
        }
    }

    /// <inheritdoc/>
    public async ValueTask EndAsync(EventStream stream)
    {
        if (store is not null) await store().ConfigureAwait(false);
        Event(stream, response.Status == "incomplete" ? "response.incomplete" : "response.completed", WriteResponse);
    }

    /// <inheritdoc/>
    public void Fail(EventStream stream, ApiError error) => Event(stream, "error", json =>
    {
        json.WriteString("code", error.Code ?? error.OpenAIType);
        json.WriteString("message", error.Message);
        json.WriteString("param", error.Param);
    });

    private void Open(EventStream stream, ResponseItem item, ChatEvent part)
    {
        _open = item;
        bool isCall = part is ChatEvent.ToolCall;
        Event(stream, "response.output_item.added", json =>
        {
            Index(json);
            json.WritePropertyName("item");
            item.Write(json, "in_progress");
        });
        if (isCall) return;
        Event(stream, "response.content_part.added", json =>
        {
            Place(json);
            json.WritePropertyName("part");
            new ResponseItem(item.Kind, item.Id).WritePart(json);
        });
    }

    private void Close(EventStream stream)
    {
        if (_open is not { } item) return;
        if (item.Kind == PartKind.ToolCall)
        {
            Event(stream, "response.function_call_arguments.done", json =>
            {
                json.WriteString("item_id", item.Id);
                Index(json);
                json.WriteString("arguments", item.Text);
            });
        }
        else
        {
            Event(stream, $"response.{item.PartType}.done", json =>
            {
                Place(json);
                json.WriteString("text", item.Text);
                if (item.Kind == PartKind.Text) ResponseItem.WriteTokens(json, item.Tokens);
            });
            Event(stream, "response.content_part.done", json =>
            {
                Place(json);
                json.WritePropertyName("part");
                item.WritePart(json);
            });
        }

        Event(stream, "response.output_item.done", json =>
        {
            Index(json);
            json.WritePropertyName("item");
            item.Write(json, "completed");
        });
        _open = null;
    }

    private void Delta(EventStream stream, string type, string value, int told = 0) => Event(stream, type, json =>
    {
        if (_open!.Kind == PartKind.ToolCall)
        {
            json.WriteString("item_id", _open.Id);
            Index(json);
        }
        else
        {
            Place(json);
        }

        json.WriteString("delta", value);
        if (_open.Kind == PartKind.Text) ResponseItem.WriteTokens(json, _open.Tokens.Skip(told));
    });

    private void Event(EventStream stream, string type, Action<Utf8JsonWriter> fields)
    {
        stream.Write("event: "u8);
        stream.Write(Encoding.UTF8.GetBytes(type));
        stream.Write("\ndata: "u8);
        Utf8JsonWriter json = stream.Json;
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteNumber("sequence_number", _number++);
        fields(json);
        json.WriteEndObject();
        json.Flush();
        stream.Write("\n\n"u8);
    }

    private void WriteResponse(Utf8JsonWriter json)
    {
        json.WritePropertyName("response");
        response.Write(json);
    }

    private void Place(Utf8JsonWriter json)
    {
        json.WriteString("item_id", _open!.Id);
        Index(json);
        json.WriteNumber("content_index", 0);
    }

    private void Index(Utf8JsonWriter json) => json.WriteNumber("output_index", response.Items.IndexOf(_open!));
}
