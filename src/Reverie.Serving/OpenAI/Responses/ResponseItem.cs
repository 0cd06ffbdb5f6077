using System.Text;
using System.Text.Json;
using Reverie.Chat;
using Reverie.Sleep;

namespace Reverie.Serving;

/// <summary>A part of a response: reasoning, a message or a call, as far as it has come.</summary>
/// <param name="kind">What it is.</param>
/// <param name="id">Its id.</param>
/// <param name="callId">The call's id; null for others.</param>
/// <param name="name">The function; null for others.</param>
internal sealed class ResponseItem(PartKind kind, string id, string? callId = null, string? name = null)
{
    private readonly StringBuilder _text = new();
    private readonly List<TokenLogProbability> _tokens = [];

    /// <summary>What it is: <see cref="PartKind.Reasoning"/>, <see cref="PartKind.Text"/> or <see cref="PartKind.ToolCall"/>.</summary>
    public PartKind Kind => kind;

    /// <summary>Its id.</summary>
    public string Id => id;

    /// <summary>Its text, or the call's arguments.</summary>
    public string Text => _text.ToString();

    /// <summary>The type of its text, in events' names.</summary>
    public string PartType => kind == PartKind.Reasoning ? "reasoning_text" : "output_text";

    /// <summary>The tokens of its text, where their probabilities were asked for.</summary>
    public IReadOnlyList<TokenLogProbability> Tokens => _tokens;

    /// <summary>More of it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="tokens">Its tokens, where their probabilities were asked for.</param>
    public void Append(string text, IEnumerable<TokenLogProbability>? tokens = null)
    {
        _text.Append(text);
        if (tokens is not null) _tokens.AddRange(tokens);
    }

    /// <summary>As the journal keeps it.</summary>
    public MessagePart ToPart() => kind switch
    {
        PartKind.Reasoning => MessagePart.Thought(Text),
        PartKind.ToolCall => MessagePart.ToolCall(callId!, name!, Text),
        _ => MessagePart.Said(Text),
    };

    /// <summary>From what the journal keeps.</summary>
    public static ResponseItem Of(MessagePart part, string response, int index)
    {
        var item = new ResponseItem(part.Kind, IdOf(part.Kind, response, index), part.CallId, part.Name);
        item.Append(part.Text);
        return item;
    }

    /// <summary>The id of an item.</summary>
    public static string IdOf(PartKind kind, string response, int index) =>
        $"{(kind == PartKind.Reasoning ? "rs" : kind == PartKind.ToolCall ? "fc" : "msg")}_{response[(response.IndexOf('_', StringComparison.Ordinal) + 1)..]}_{index}";

    /// <summary>Writes it as one object.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="status">in_progress, completed or incomplete.</param>
    public void Write(Utf8JsonWriter json, string status)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("type", kind == PartKind.Reasoning ? "reasoning" : kind == PartKind.ToolCall ? "function_call" : "message");
        json.WriteString("status", status);
        switch (kind)
        {
            case PartKind.ToolCall:
                json.WriteString("call_id", callId);
                json.WriteString("name", name);
                json.WriteString("arguments", Text);
                break;
            case PartKind.Reasoning:
                json.WriteStartArray("summary");
                json.WriteEndArray();
                WriteContent(json, status);
                break;
            default:
                json.WriteString("role", "assistant");
                WriteContent(json, status);
                break;
        }

        json.WriteEndObject();
    }

    /// <summary>Writes its text as one part.</summary>
    public void WritePart(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", PartType);
        json.WriteString("text", Text);
        if (kind == PartKind.Text)
        {
            json.WriteStartArray("annotations");
            json.WriteEndArray();
            WriteTokens(json, _tokens);
        }

        json.WriteEndObject();
    }

    /// <summary>Writes the probabilities of tokens; none, where they were not asked for.</summary>
    public static void WriteTokens(Utf8JsonWriter json, IEnumerable<TokenLogProbability> tokens)
    {
        json.WriteStartArray("logprobs");
        foreach (TokenLogProbability token in tokens) JsonSerializer.Serialize(json, Answer.LogprobOf(token), ApiJson.Relaxed.TokenLogprob);
        json.WriteEndArray();
    }

    private void WriteContent(Utf8JsonWriter json, string status)
    {
        json.WriteStartArray("content");
        if (status != "in_progress") WritePart(json);
        json.WriteEndArray();
    }
}
