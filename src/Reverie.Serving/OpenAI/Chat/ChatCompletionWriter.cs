using Reverie.Chat;

namespace Reverie.Serving;

/// <summary>
/// Writes <c>chat.completion.chunk</c>s. A token costs a few copies of bytes.
/// </summary>
/// <param name="id">The answer's id.</param>
/// <param name="call">The request to the model.</param>
/// <param name="choices">How many answers.</param>
/// <param name="logprobs">Whether the probabilities of tokens are told.</param>
/// <param name="usage">Whether a last chunk tells the tokens.</param>
/// <param name="memories">What the first chunk tells of memories; null for nothing.</param>
internal sealed class ChatCompletionWriter(string id, ModelCall call, int choices, bool logprobs, bool usage, IReadOnlyList<MemoryPart>? memories = null) : OpenAIStreamWriter(id, call, "chat.completion.chunk", choices, usage, fingerprint: true)
{
    private readonly List<TokenLogProbability>?[] _drawn = new List<TokenLogProbability>?[choices];

    /// <inheritdoc/>
    public override void Begin(EventStream stream)
    {
        for (int i = 0; i < Ends.Length; i++)
        {
            Open(stream, i);
            stream.Write("{\"role\":\"assistant\",\"content\":\"\"}"u8);
            Close(stream, i, null, i == 0 ? memories : null);
        }
    }

    /// <inheritdoc/>
    public override void Write(EventStream stream, int index, ChatEvent part)
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
                Ends[index] = finished;
                Open(stream, index);
                stream.Write("{}"u8);
                Close(stream, index, finished);
                return;
        }

        Close(stream, index, null);
    }

    private void Open(EventStream stream, int index)
    {
        stream.Write(Head);
        stream.Write("{\"index\":"u8);
        stream.WriteNumber(index);
        stream.Write(",\"delta\":"u8);
    }

    private void Close(EventStream stream, int index, ChatEvent.Finished? end, IReadOnlyList<MemoryPart>? told = null)
    {
        stream.Write(",\"logprobs\":"u8);
        if (logprobs && _drawn[index] is { Count: > 0 } drawn)
        {
            stream.WriteJson(Answer.LogprobsOf(drawn, true)!, ApiJson.Relaxed.LogprobsPart);
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
            stream.WriteJson(Answer.TimingsOf(end.Timings), ApiJson.Default.TimingsPart);
        }

        if (told is not null)
        {
            stream.Write(",\"memories\":"u8);
            stream.WriteJson(told, ApiJson.Relaxed.IReadOnlyListMemoryPart);
        }

        stream.Write(TellsUsage ? ",\"usage\":null}\n\n"u8 : "}\n\n"u8);
    }
}
