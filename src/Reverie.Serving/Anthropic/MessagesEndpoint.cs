using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Reverie.Chat;
using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Serving;

/// <summary><c>POST /v1/messages</c> and <c>POST /v1/messages/count_tokens</c>, as Anthropic has them.</summary>
internal sealed class MessagesEndpoint(Backend backend)
{
    /// <summary>Answers a conversation.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        MessageRequest request = await JsonBody.ReadAsync(context, ApiJson.Default.MessageRequest).ConfigureAwait(false);
        List<ChatMessage> messages = MessageReader.Messages(request);
        using ModelCall call = await ModelCall.OpenAsync(backend, context, request.Model, "chat").ConfigureAwait(false);
        ReverieChatOptions options = MessageReader.Options(request, call.User.Id);
        string id = $"msg_{Guid.NewGuid():N}";
        IAsyncEnumerable<ChatEvent>[] replies = [call.Model.ReplyAsync(messages, options, call.Lease.Adapter, call.Cancel)];
        string[] stops = [.. request.StopSequences ?? []];
        IJournal? journal = request.Store ?? backend.Options.StoresByDefault ? backend.Journal : null;
        if (request.Stream == true)
        {
            var start = new MessageAnswer(id, call.ModelId, [], null, null, new MessageUsage(call.Model.Render(messages, options).Length, 0, 0, 0));
            IReplyWriter writer = new MessageWriter(start, stops, call);
            Answer[] kept = [new()];
            if (journal is not null) writer = new StoringWriter(writer, kept, () => Exchange.KeepAsync(journal, call, messages, kept, Exchange.Sampling(options)));
            await ReplyStream.RunAsync(context, call, backend.Options, Choices.Merge(replies), writer).ConfigureAwait(false);
            return;
        }

        Answer answer = (await Answer.CollectAsync(call, replies).ConfigureAwait(false))[0];
        (string reason, string? stop) = ReasonOf(answer.End!, stops, call.Model);
        if (journal is not null) await Exchange.KeepAsync(journal, call, messages, [answer], Exchange.Sampling(options)).ConfigureAwait(false);
        call.Succeeded();
        await context.Response.WriteAsJsonAsync(new MessageAnswer(id, call.ModelId, [.. Blocks(answer)], reason, stop, UsageOf(answer.End!)), ApiJson.Relaxed.MessageAnswer, cancellationToken: call.Cancel).ConfigureAwait(false);
    }

    /// <summary>Counts the tokens of a conversation without answering it.</summary>
    public async Task CountAsync(HttpContext context)
    {
        MessageRequest request = await JsonBody.ReadAsync(context, ApiJson.Default.MessageRequest).ConfigureAwait(false);
        List<ChatMessage> messages = MessageReader.Messages(request);
        using ModelCall call = await ModelCall.OpenAsync(backend, context, request.Model, "count_tokens", speaks: false).ConfigureAwait(false);
        int count = call.Model.Render(messages, MessageReader.Options(request with { MaxTokens = 1 }, call.User.Id)).Length;
        call.Succeeded();
        await context.Response.WriteAsJsonAsync(new MessageTokens(count), ApiJson.Relaxed.MessageTokens, cancellationToken: call.Cancel).ConfigureAwait(false);
    }

    /// <summary>Why an answer ended, as Anthropic names it, and the stop text that ended it.</summary>
    public static (string Reason, string? Stop) ReasonOf(ChatEvent.Finished end, IReadOnlyList<string> stops, ChatModel model)
    {
        if (end.Reason == ChatFinishReason.Length) return ("max_tokens", null);
        if (end.Reason == ChatFinishReason.ToolCalls) return ("tool_use", null);
        if (end.Generation.StopReason != StopReason.StopString) return ("end_turn", null);

        // The one that came first in what was drawn; the text itself is cut before it.
        string drawn = model.Tokenizer.Decode(end.Generation.Tokens, skipSpecialTokens: true, isStart: false);
        return ("stop_sequence", stops.Select(s => (Text: s, At: drawn.IndexOf(s, StringComparison.Ordinal))).Where(s => s.At >= 0).OrderBy(s => s.At).Select(s => s.Text).FirstOrDefault());
    }

    /// <summary>The tokens of an answer.</summary>
    public static MessageUsage UsageOf(ChatEvent.Finished end) =>
        new(end.Timings.PromptTokens - end.Timings.CachedTokens, 0, end.Timings.CachedTokens, end.Timings.AnswerTokens);

    private static IEnumerable<MessageBlock> Blocks(Answer answer)
    {
        if (answer.Reasoning is { Length: > 0 } reasoning) yield return new MessageBlock { Type = "thinking", Thinking = reasoning, Signature = "" };
        if (answer.Text is { Length: > 0 } text) yield return new MessageBlock { Type = "text", Text = text };
        foreach ((string id, string name, string arguments) in answer.Calls) yield return new MessageBlock { Type = "tool_use", Id = id, Name = name, Input = Parse(arguments) };
    }

    /// <summary>Arguments that were cut off by the limit of tokens are no object; the call stays without them.</summary>
    private static JsonElement Parse(string arguments)
    {
        try
        {
            return JsonSerializer.Deserialize(arguments, ApiJson.Default.JsonElement);
        }
        catch (JsonException)
        {
            return JsonSerializer.Deserialize("{}", ApiJson.Default.JsonElement);
        }
    }
}
