using Reverie.Chat;

namespace Reverie.Serving;

/// <summary>Writes an answer as Anthropic's clients read it: blocks that begin, grow and end.</summary>
/// <param name="start">The answer before its first word.</param>
/// <param name="stops">The stop texts of the request.</param>
/// <param name="call">The request to the model.</param>
internal sealed class MessageWriter(MessageAnswer start, IReadOnlyList<string> stops, ModelCall call) : IReplyWriter
{
    private int _block = -1;
    private string? _type;
    private ChatEvent.Finished? _end;

    /// <inheritdoc/>
    public void Begin(EventStream stream)
    {
        stream.Write("event: message_start\ndata: {\"type\":\"message_start\",\"message\":"u8);
        stream.WriteJson(start, ApiJson.Relaxed.MessageAnswer);
        stream.Write("}\n\n"u8);
    }

    /// <inheritdoc/>
    public void Write(EventStream stream, int index, ChatEvent part)
    {
        switch (part)
        {
            case ChatEvent.Text text:
                if (_type != "text") Open(stream, "text", "{\"type\":\"text\",\"text\":\"\"}"u8);
                Delta(stream, "{\"type\":\"text_delta\",\"text\":"u8, text.Value);
                break;
            case ChatEvent.Reasoning reasoning:
                if (_type != "thinking") Open(stream, "thinking", "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}"u8);
                Delta(stream, "{\"type\":\"thinking_delta\",\"thinking\":"u8, reasoning.Value);
                break;
            case ChatEvent.ToolCall tool:
                Close(stream);
                _type = "tool_use";
                Head(stream, "content_block_start"u8);
                stream.WriteNumber(++_block);
                stream.Write(",\"content_block\":{\"type\":\"tool_use\",\"id\":"u8);
                stream.WriteString(tool.Id);
                stream.Write(",\"name\":"u8);
                stream.WriteString(tool.Name);
                stream.Write(",\"input\":{}}}\n\n"u8);
                break;
            case ChatEvent.ToolArguments more:
                Delta(stream, "{\"type\":\"input_json_delta\",\"partial_json\":"u8, more.Json);
                break;
            case ChatEvent.Finished finished:
                _end = finished;
                break;
        }
    }

    /// <inheritdoc/>
    public ValueTask EndAsync(EventStream stream)
    {
        Close(stream);
        (string reason, string? stop) = MessagesEndpoint.ReasonOf(_end!, stops, call.Model);
        stream.Write("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"u8);
        stream.WriteString(reason);
        stream.Write(",\"stop_sequence\":"u8);
        if (stop is null) stream.Write("null"u8);
        else stream.WriteString(stop);
        stream.Write("},\"usage\":"u8);
        stream.WriteJson(MessagesEndpoint.UsageOf(_end!), ApiJson.Default.MessageUsage);
        stream.Write("}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"u8);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Fail(EventStream stream, ApiError error)
    {
        stream.Write("event: error\ndata: "u8);
        stream.WriteError(error, anthropic: true);
        stream.Write("\n\n"u8);
    }

    private void Open(EventStream stream, string type, ReadOnlySpan<byte> block)
    {
        Close(stream);
        _type = type;
        Head(stream, "content_block_start"u8);
        stream.WriteNumber(++_block);
        stream.Write(",\"content_block\":"u8);
        stream.Write(block);
        stream.Write("}\n\n"u8);
    }

    private void Delta(EventStream stream, ReadOnlySpan<byte> opening, string value)
    {
        Head(stream, "content_block_delta"u8);
        stream.WriteNumber(_block);
        stream.Write(",\"delta\":"u8);
        stream.Write(opening);
        stream.WriteString(value);
        stream.Write("}}\n\n"u8);
    }

    private void Close(EventStream stream)
    {
        if (_type is null) return;
        _type = null;
        Head(stream, "content_block_stop"u8);
        stream.WriteNumber(_block);
        stream.Write("}\n\n"u8);
    }

    private static void Head(EventStream stream, ReadOnlySpan<byte> type)
    {
        stream.Write("event: "u8);
        stream.Write(type);
        stream.Write("\ndata: {\"type\":\""u8);
        stream.Write(type);
        stream.Write("\",\"index\":"u8);
    }
}
