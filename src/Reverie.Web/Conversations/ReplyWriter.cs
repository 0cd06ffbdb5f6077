using System.Diagnostics;
using Microsoft.Extensions.AI;
using Reverie.Chat;
using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Web;

/// <summary>Brings a model's stream to the journal: one message for each generation, one for what tools returned to it.</summary>
internal sealed class ReplyWriter(IJournal journal, LiveReply live, ChatSettings settings)
{
    private readonly List<MessagePart> _parts = [];
    private readonly long _began = Stopwatch.GetTimestamp();
    private string? _parent = live.Parent;
    private string? _model = settings.Model, _adapter = settings.Adapter == ModelCatalog.NoAdapter ? null : settings.Adapter, _reason;
    private UsageDetails? _usage;
    private ReplyTimings? _timings;
    private Generation? _generation;
    private long _first;
    private int _pieces;

    /// <summary>Ids of the messages of which the model was reminded; null for none.</summary>
    public IReadOnlyList<string>? Memories { get; set; }

    /// <summary>Takes what a model sent.</summary>
    public async Task AddAsync(ChatResponseUpdate update)
    {
        if (update.Contents.OfType<FunctionResultContent>().ToArray() is { Length: > 0 } results)
        {
            await FlushAsync(null);
            MessagePart[] parts = [.. results.Select(r => MessagePart.ToolResult(r.CallId, Prompt.Result(r.Exception is null ? r.Result : r.Result ?? r.Exception.Message)))];
            await AppendAsync(new NewMessage { Parent = _parent, Role = Role.Tool, Parts = parts });
            foreach (MessagePart part in parts) live.Return(part.CallId!, part.Text);
            return;
        }

        foreach (AIContent content in update.Contents)
        {
            switch (content)
            {
                case TextReasoningContent { Text.Length: > 0 } thought:
                    Say(PartKind.Reasoning, thought.Text);
                    break;
                case TextContent { Text.Length: > 0 } text:
                    Say(PartKind.Text, text.Text);
                    break;
                case FunctionCallContent call:
                    string arguments = Prompt.Arguments(call);
                    _parts.Add(MessagePart.ToolCall(call.CallId, call.Name, arguments));
                    live.Call(call.CallId, call.Name, arguments);
                    break;
                case UsageContent usage:
                    _usage = usage.Details;
                    break;
                default:
                    break;
            }
        }

        if (update.FinishReason is { } reason) _reason = reason.Value;
        _model = update.ModelId ?? _model;
        if (update.AdditionalProperties is not { } more) return;
        if (more.TryGetValue(ReverieChatClient.TimingsKey, out ReplyTimings? timings)) _timings = timings;
        if (more.TryGetValue(ReverieChatClient.GenerationKey, out Generation? generation)) _generation = generation;
        if (more.TryGetValue(ReverieChatClient.AdapterKey, out string? adapter)) _adapter = adapter;
    }

    /// <summary>Writes what there is; without anything it writes nothing.</summary>
    /// <param name="reason">Why it ended; null for what the model said.</param>
    public async Task FlushAsync(string? reason)
    {
        if (_parts.Count == 0) return;
        var message = new NewMessage
        {
            Parent = _parent,
            Role = Role.Assistant,
            Parts = [.. _parts],
            Reply = new ReplyDetails
            {
                Model = _model ?? "unknown",
                Adapter = _adapter,
                Sampling = settings.SamplingJson(),
                StopReason = reason ?? _reason,
                PromptTokens = _timings?.PromptTokens ?? (int)(_usage?.InputTokenCount ?? 0),
                CachedTokens = _timings?.CachedTokens ?? (int)(_usage?.CachedInputTokenCount ?? 0),
                AnswerTokens = _timings?.AnswerTokens ?? (int)(_usage?.OutputTokenCount ?? _pieces),
                PromptSeconds = _timings?.PromptSeconds ?? (_first == 0 ? 0 : Stopwatch.GetElapsedTime(_began, _first).TotalSeconds),
                AnswerSeconds = _timings?.AnswerSeconds ?? (_first == 0 ? 0 : Stopwatch.GetElapsedTime(_first).TotalSeconds),
                Memories = Memories,
            },
            Trace = _generation is null ? null : ReplyTrace.Of(_generation),
        };
        await AppendAsync(message);
        _parts.Clear();
        (_usage, _timings, _generation, _reason, _first, _pieces) = (null, null, null, null, 0, 0);
    }

    private void Say(PartKind kind, string text)
    {
        live.Say(kind, text);
        if (_pieces++ == 0) _first = Stopwatch.GetTimestamp();
        if (_parts.Count > 0 && _parts[^1].Kind == kind) text = _parts[^1].Text + text;
        MessagePart part = kind is PartKind.Reasoning ? MessagePart.Thought(text) : MessagePart.Said(text);
        if (_parts.Count > 0 && _parts[^1].Kind == kind) _parts[^1] = part;
        else _parts.Add(part);
    }

    private async Task AppendAsync(NewMessage message)
    {
        // Who went to another branch meanwhile stays there.
        Conversation? conversation = await journal.FindConversationAsync(live.Owner, live.Conversation);
        JournalMessage written = await journal.AppendAsync(live.Owner, live.Conversation, message with { BecomesActiveLeaf = conversation?.ActiveLeaf == _parent });
        _parent = written.Id;
    }
}
