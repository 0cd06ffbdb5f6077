using System.Text;
using System.Text.Json;
using Reverie.Chat;

namespace Reverie.Serving;

/// <summary>
/// Writes <c>chat.completion.chunk</c>s. What is the same in all chunks of an answer is encoded once; a token costs a few copies of bytes.
/// </summary>
/// <param name="id">The answer's id.</param>
/// <param name="call">The request to the model.</param>
/// <param name="choices">How many answers.</param>
/// <param name="logprobs">Whether the probabilities of tokens are told.</param>
/// <param name="usage">Whether a last chunk tells the tokens.</param>
internal sealed class ChatCompletionWriter(string id, ModelCall call, int choices, bool logprobs, bool usage) : IReplyWriter
{
    private readonly byte[] _head = Encoding.UTF8.GetBytes(
        $"data: {{\"id\":\"{id}\",\"object\":\"chat.completion.chunk\",\"created\":{call.Created},\"model\":{Quoted(call.ModelId)},\"system_fingerprint\":{(call.Fingerprint is { } fingerprint ? Quoted(fingerprint) : "null")},\"choices\":[");

    private readonly List<TokenLogProbability>?[] _drawn = new List<TokenLogProbability>?[choices];
    private readonly ChatEvent.Finished?[] _ends = new ChatEvent.Finished?[choices];

    /// <inheritdoc/>
    public void Begin(EventStream stream)
    {
        for (int i = 0; i < choices; i++)
        {
            Open(stream, i);
            stream.Write("{\"role\":\"assistant\",\"content\":\"\"}"u8);
            Close(stream, i, null);
        }
    }

    /// <inheritdoc/>
    public void Write(EventStream stream, int index, ChatEvent part)
    {
        switch (part)
        {
            case ChatEvent.Drawn drawn:
                (_drawn[index] ??= []).AddRange(drawn.Tokens);
                return;
            case ChatEvent.Text text:
                Open(stream, index);
                stream.Write("{\"content\":"u8);
                stream.WriteString(text.Value);
                stream.Write("}"u8);
                break;
            case ChatEvent.Reasoning reasoning:
                Open(stream, index);
                stream.Write("{\"reasoning_content\":"u8);
                stream.WriteString(reasoning.Value);
                stream.Write("}"u8);
                break;
            case ChatEvent.ToolCall tool:
                Open(stream, index);
                stream.Write("{\"tool_calls\":[{\"index\":"u8);
                stream.WriteNumber(tool.Index);
                stream.Write(",\"id\":"u8);
                stream.WriteString(tool.Id);
                stream.Write(",\"type\":\"function\",\"function\":{\"name\":"u8);
                stream.WriteString(tool.Name);
                stream.Write(",\"arguments\":\"\"}}]}"u8);
                break;
            case ChatEvent.ToolArguments more:
                Open(stream, index);
                stream.Write("{\"tool_calls\":[{\"index\":"u8);
                stream.WriteNumber(more.Index);
                stream.Write(",\"function\":{\"arguments\":"u8);
                stream.WriteString(more.Json);
                stream.Write("}}]}"u8);
                break;
            case ChatEvent.Finished finished:
                _ends[index] = finished;
                Open(stream, index);
                stream.Write("{}"u8);
                Close(stream, index, finished);
                return;
        }

        Close(stream, index, null);
    }

    /// <inheritdoc/>
    public ValueTask EndAsync(EventStream stream)
    {
        if (usage)
        {
            stream.Write(_head);
            stream.Write("],\"usage\":"u8);
            Utf8JsonWriter json = stream.Json;
            JsonSerializer.Serialize(json, Answer.UsageOf([.. _ends.OfType<ChatEvent.Finished>()]), ApiJson.Default.UsagePart);
            json.Flush();
            stream.Write("}\n\n"u8);
        }

        stream.Write("data: [DONE]\n\n"u8);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Fail(EventStream stream, ApiError error)
    {
        stream.Write("data: "u8);
        Utf8JsonWriter json = stream.Json;
        error.Write(json, anthropic: false);
        json.Flush();
        stream.Write("\n\ndata: [DONE]\n\n"u8);
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text, ApiJson.Relaxed.String);

    private void Open(EventStream stream, int index)
    {
        stream.Write(_head);
        stream.Write("{\"index\":"u8);
        stream.WriteNumber(index);
        stream.Write(",\"delta\":"u8);
    }

    private void Close(EventStream stream, int index, ChatEvent.Finished? end)
    {
        stream.Write(",\"logprobs\":"u8);
        if (logprobs && _drawn[index] is { Count: > 0 } drawn)
        {
            Utf8JsonWriter json = stream.Json;
            JsonSerializer.Serialize(json, Answer.LogprobsOf(drawn, true)!, ApiJson.Relaxed.LogprobsPart);
            json.Flush();
            drawn.Clear();
        }
        else
        {
            stream.Write("null"u8);
        }

        stream.Write(",\"finish_reason\":"u8);
        if (end is null) stream.Write("null}]"u8);
        else
        {
            stream.WriteString(Answer.ReasonOf(end));
            stream.Write("}],\"timings\":"u8);
            Utf8JsonWriter json = stream.Json;
            JsonSerializer.Serialize(json, Answer.TimingsOf(end.Timings), ApiJson.Default.TimingsPart);
            json.Flush();
        }

        stream.Write(usage ? ",\"usage\":null}\n\n"u8 : "}\n\n"u8);
    }
}
