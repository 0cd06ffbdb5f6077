using System.Text.Json;
using Microsoft.Extensions.AI;
using Reverie.Chat;
using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Serving;

/// <summary>Keeps what was asked and answered in the journal of who asked, and reads it again.</summary>
internal static class Exchange
{
    private const int TitleLength = 80;

    /// <summary>Keeps a conversation with its answers as a new one; of memories that stood before it only who said them.</summary>
    public static async Task KeepAsync(IJournal journal, ModelCall call, IReadOnlyList<ChatMessage> messages, IReadOnlyList<Answer> answers, string? sampling, IReadOnlyList<string>? memories = null)
    {
        // The client may have gone by now; what was said is kept all the same.
        string conversation = await BeginAsync(journal, call.User.Id, messages).ConfigureAwait(false);
        string? last = await AppendAsync(journal, call.User.Id, conversation, null, messages).ConfigureAwait(false);
        foreach (Answer answer in answers)
        {
            List<MessagePart> parts = [];
            if (answer.Reasoning is { Length: > 0 } reasoning) parts.Add(MessagePart.Thought(reasoning));
            if (answer.Text is { Length: > 0 } text) parts.Add(MessagePart.Said(text));
            parts.AddRange(answer.Calls.Select(c => MessagePart.ToolCall(c.Id, c.Name, c.Arguments)));
            await KeepReplyAsync(journal, call, conversation, last, parts, answer.End!, sampling, memories).ConfigureAwait(false);
        }
    }

    /// <summary>Begins a conversation; it has the title of what the user says first.</summary>
    public static async Task<string> BeginAsync(IJournal journal, string owner, IReadOnlyList<ChatMessage> messages)
    {
        string title = (messages.FirstOrDefault(m => m.Role == ChatRole.User)?.Text ?? "").ReplaceLineEndings(" ").Trim();
        if (title.Length > TitleLength) title = title[..(char.IsHighSurrogate(title[TitleLength - 1]) ? TitleLength - 1 : TitleLength)];
        return (await journal.CreateConversationAsync(owner, new ConversationDetails { Title = title }).ConfigureAwait(false)).Id;
    }

    /// <summary>Appends messages one after another.</summary>
    /// <returns>The id of the last one, or the parent where there are none.</returns>
    public static async Task<string?> AppendAsync(IJournal journal, string owner, string conversation, string? parent, IReadOnlyList<ChatMessage> messages)
    {
        foreach (ChatMessage message in messages)
        {
            var kept = new NewMessage { Parent = parent, Role = RoleOf(message.Role), Parts = [.. message.Contents.Select(c => PartOf(message.Role, c))] };
            parent = (await journal.AppendAsync(owner, conversation, kept).ConfigureAwait(false)).Id;
        }

        return parent;
    }

    /// <summary>Appends an answer with the tokens that were drawn.</summary>
    public static Task<JournalMessage> KeepReplyAsync(IJournal journal, ModelCall call, string conversation, string? parent, IReadOnlyList<MessagePart> parts, ChatEvent.Finished end, string? sampling, IReadOnlyList<string>? memories = null)
    {
        return journal.AppendAsync(call.User.Id, conversation, new NewMessage
        {
            Parent = parent,
            Role = Role.Assistant,
            Parts = parts,
            Reply = new ReplyDetails
            {
                Model = call.Model.Id,
                Adapter = call.Lease.AdapterName,
                Sampling = sampling,
                StopReason = end.Generation.StopReason?.ToString(),
                PromptTokens = end.Timings.PromptTokens,
                CachedTokens = end.Timings.CachedTokens,
                AnswerTokens = end.Timings.AnswerTokens,
                PromptSeconds = end.Timings.PromptSeconds,
                AnswerSeconds = end.Timings.AnswerSeconds,
                Memories = memories,
            },
            Trace = ReplyTrace.Of(end.Generation),
        });
    }

    /// <summary>Messages of the journal as a conversation for a model.</summary>
    public static IEnumerable<ChatMessage> Read(IEnumerable<JournalMessage> messages) => messages.Select(m => new ChatMessage(
        m.Role switch { Role.System => ChatRole.System, Role.User => ChatRole.User, Role.Tool => ChatRole.Tool, _ => ChatRole.Assistant },
        [.. m.Parts.Select(ContentOf)]));

    /// <summary>What of a request's options is kept beside an answer.</summary>
    public static string Sampling(ReverieChatOptions options) => JsonSerializer.Serialize(new Dictionary<string, object?>
    {
        ["temperature"] = options.Temperature,
        ["top_p"] = options.TopP,
        ["top_k"] = options.TopK,
        ["seed"] = options.Seed,
        ["max_tokens"] = options.MaxOutputTokens,
    }, AIJsonUtilities.DefaultOptions);

    private static AIContent ContentOf(MessagePart part) => part.Kind switch
    {
        PartKind.Reasoning => new TextReasoningContent(part.Text),
        PartKind.ToolCall => ToolReader.Call(part.CallId ?? "call", part.Name, part.Text, "previous_response_id"),
        PartKind.ToolResult => new FunctionResultContent(part.CallId ?? "call", part.Text),
        _ => new TextContent(part.Text),
    };

    private static Role RoleOf(ChatRole role) => role == ChatRole.System ? Role.System : role == ChatRole.User ? Role.User : role == ChatRole.Tool ? Role.Tool : Role.Assistant;

    /// <summary>What comes through the API may be anybody's words, whatever role they are given: nobody has seen a person type. It counts as pasted, which sleep does not learn from.</summary>
    private static MessagePart PartOf(ChatRole role, AIContent content) => content switch
    {
        FunctionResultContent result => MessagePart.ToolResult(result.CallId, result.Result?.ToString() ?? ""),
        FunctionCallContent call => MessagePart.Mixed(PartKind.ToolCall, (Provenance.Pasted, JsonSerializer.Serialize(call.Arguments, AIJsonUtilities.DefaultOptions))) with { CallId = call.CallId, Name = call.Name },
        TextReasoningContent reasoning => MessagePart.Mixed(PartKind.Reasoning, (Provenance.Pasted, reasoning.Text)),
        TextContent text when role == ChatRole.System => MessagePart.Instructed(text.Text),
        _ => MessagePart.Mixed(PartKind.Text, (Provenance.Pasted, ((TextContent)content).Text)),
    };
}
