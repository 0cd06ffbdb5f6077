using System.Text.Json;
using Reverie.Chat;
using Reverie.Sleep;

namespace Reverie.Serving;

/// <summary>An answer of <c>/v1/responses</c>, as far as it has come.</summary>
/// <param name="id">Names the answer.</param>
/// <param name="created">Seconds since 1970.</param>
/// <param name="model">The model that answers.</param>
/// <param name="request">What was asked: it is told again in the answer.</param>
/// <param name="isStored">Whether it is kept.</param>
/// <param name="memories">What the user typed earlier and was put before the conversation; null where none of it is told.</param>
internal sealed class Response(string id, long created, string model, ResponseRequest request, bool isStored, IReadOnlyList<MemoryPart>? memories = null)
{
    /// <summary>Names the answer.</summary>
    public string Id => id;

    /// <summary>What it consists of.</summary>
    public List<ResponseItem> Items { get; } = [];

    /// <summary>in_progress, completed or incomplete.</summary>
    public string Status { get; private set; } = "in_progress";

    /// <summary>How it ended; null while it has not, or where it comes from the journal.</summary>
    public ChatEvent.Finished? End { get; private set; }

    private readonly List<TokenLogProbability> _drawn = [];

    private (long Prompt, long Cached, long Answer, long Reasoning)? _usage;

    /// <summary>The item that a piece of the answer belongs to: the last one, or a new one.</summary>
    /// <returns>The item and whether it is new; null for what belongs to none.</returns>
    public (ResponseItem Item, bool IsNew)? Take(ChatEvent part)
    {
        switch (part)
        {
            case ChatEvent.Drawn drawn:
                _drawn.AddRange(drawn.Tokens);
                return null;
            case ChatEvent.Text text:
                return Append(PartKind.Text, text.Value);
            case ChatEvent.Reasoning reasoning:
                return Append(PartKind.Reasoning, reasoning.Value);
            case ChatEvent.ToolCall call:
                Items.Add(new ResponseItem(PartKind.ToolCall, ResponseItem.IdOf(PartKind.ToolCall, id, Items.Count), call.Id, call.Name));
                return (Items[^1], true);
            case ChatEvent.ToolArguments more:
                Items[^1].Append(more.Json);
                return (Items[^1], false);
            case ChatEvent.Finished finished:
                End = finished;
                Finish(Answer.ReasonOf(finished) == "length", finished.Timings.PromptTokens, finished.Timings.CachedTokens, finished.Timings.AnswerTokens, finished.Usage.ReasoningTokenCount ?? 0);
                return null;
            default:
                return null;
        }
    }

    /// <summary>It has ended.</summary>
    public void Finish(bool isCut, long prompt, long cached, long answer, long reasoning) =>
        (Status, _usage) = (isCut ? "incomplete" : "completed", (prompt, cached, answer, reasoning));

    /// <summary>Writes it as one object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("object", "response");
        json.WriteNumber("created_at", created);
        json.WriteString("status", Status);
        json.WriteBoolean("background", false);
        json.WriteNull("error");
        if (Status == "incomplete")
        {
            json.WriteStartObject("incomplete_details");
            json.WriteString("reason", "max_output_tokens");
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("incomplete_details");
        }

        json.WriteString("instructions", request.Instructions);
        WriteNumber(json, "max_output_tokens", request.MaxOutputTokens);
        json.WriteString("model", model);
        json.WriteStartArray("output");
        foreach (ResponseItem item in Items) item.Write(json, Status == "in_progress" ? "completed" : Status == "incomplete" && item == Items[^1] ? "incomplete" : "completed");
        json.WriteEndArray();
        json.WriteBoolean("parallel_tool_calls", request.ParallelToolCalls ?? true);
        json.WriteString("previous_response_id", request.PreviousResponseId);
        json.WriteStartObject("reasoning");
        json.WriteString("effort", request.Reasoning?.Effort);
        json.WriteNull("summary");
        json.WriteEndObject();
        json.WriteBoolean("store", isStored);
        WriteNumber(json, "temperature", request.Temperature);
        json.WritePropertyName("text");
        JsonSerializer.Serialize(json, request.Text ?? new ResponseText { Format = new ResponseTextFormat { Type = "text" } }, ApiJson.Compact.ResponseText);
        json.WritePropertyName("tool_choice");
        if (request.ToolChoice is { ValueKind: not JsonValueKind.Null } choice) choice.WriteTo(json);
        else json.WriteStringValue("auto");
        json.WritePropertyName("tools");
        JsonSerializer.Serialize(json, request.Tools ?? [], ApiJson.Compact.IReadOnlyListResponseTool);
        if (request.TopLogprobs is { } top) json.WriteNumber("top_logprobs", top);
        WriteNumber(json, "top_p", request.TopP);
        json.WriteString("truncation", "disabled");
        json.WritePropertyName("metadata");
        JsonSerializer.Serialize(json, request.Metadata ?? new Dictionary<string, string>(), ApiJson.Compact.IReadOnlyDictionaryStringString);
        if (memories is not null)
        {
            json.WritePropertyName("memories");
            JsonSerializer.Serialize(json, memories, ApiJson.Relaxed.IReadOnlyListMemoryPart);
        }

        if (_usage is { } usage) WriteUsage(json, usage.Prompt, usage.Cached, usage.Answer, usage.Reasoning);
        else json.WriteNull("usage");
        json.WriteEndObject();
    }

    private (ResponseItem, bool) Append(PartKind kind, string text)
    {
        bool isNew = Items.Count == 0 || Items[^1].Kind != kind;
        if (isNew) Items.Add(new ResponseItem(kind, ResponseItem.IdOf(kind, id, Items.Count)));
        // Only those of the text are told.
        Items[^1].Append(text, kind is PartKind.Text ? _drawn : null);
        _drawn.Clear();
        return (Items[^1], isNew);
    }

    private static void WriteUsage(Utf8JsonWriter json, long prompt, long cached, long answer, long reasoning)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("input_tokens", prompt);
        json.WriteStartObject("input_tokens_details");
        json.WriteNumber("cached_tokens", cached);
        json.WriteEndObject();
        json.WriteNumber("output_tokens", answer);
        json.WriteStartObject("output_tokens_details");
        json.WriteNumber("reasoning_tokens", reasoning);
        json.WriteEndObject();
        json.WriteNumber("total_tokens", prompt + answer);
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number) json.WriteNumber(name, (decimal)number);
        else json.WriteNull(name);
    }
}
