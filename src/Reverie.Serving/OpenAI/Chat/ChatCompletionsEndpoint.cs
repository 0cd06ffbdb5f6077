using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Reverie.Chat;
using Reverie.Sleep;

namespace Reverie.Serving;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
internal sealed class ChatCompletionsEndpoint(Backend backend)
{
    /// <summary>Answers a conversation.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        ChatCompletionRequest request = await JsonBody.ReadAsync(context, ApiJson.Default.ChatCompletionRequest).ConfigureAwait(false);
        List<ChatMessage> messages = ChatCompletionReader.Messages(request);
        int choices = SamplingReader.Choices(request.N, backend.Options.MaxChoices);
        using ModelCall call = await ModelCall.OpenAsync(backend, context, request.Model, "chat").ConfigureAwait(false);
        ReverieChatOptions options = ChatCompletionReader.Options(request, call.Model, call.User.Id);
        string id = $"chatcmpl-{Guid.NewGuid():N}";
        Recollection recalled = await call.RecallAsync(request.Memory == true, messages, options).ConfigureAwait(false);
        IReadOnlyList<MemoryPart>? memories = MemoryPart.Of(request.Memory == true, recalled);
        IAsyncEnumerable<ChatEvent>[] replies = [.. Enumerable.Range(0, choices).Select(i => call.Model.ReplyAsync(recalled.Messages, Seeded(options, i), call.Lease.Adapter, call.Cancel))];
        IJournal? journal = request.Store ?? backend.Options.StoresByDefault ? backend.Journal : null;
        if (request.Stream == true)
        {
            IReplyWriter writer = new ChatCompletionWriter(id, call, choices, request.Logprobs == true, request.StreamOptions?.IncludeUsage == true, memories);
            Answer[] kept = [.. replies.Select(_ => new Answer())];
            if (journal is not null) writer = new StoringWriter(writer, kept, () => Exchange.KeepAsync(journal, call, messages, kept, Exchange.Sampling(options), recalled.Sources));
            await ReplyStream.RunAsync(context, call, backend.Options, Choices.Merge(replies), writer).ConfigureAwait(false);
            return;
        }

        Answer[] answers = await Answer.CollectAsync(call, replies).ConfigureAwait(false);
        if (journal is not null) await Exchange.KeepAsync(journal, call, messages, answers, Exchange.Sampling(options), recalled.Sources).ConfigureAwait(false);
        var completion = new ChatCompletion(id, call.Created, call.ModelId, call.Fingerprint,
            [.. answers.Select((a, i) => new ChatCompletionChoice(i, MessageOf(a), Answer.LogprobsOf(a.Tokens, request.Logprobs == true), a.FinishReason))],
            Answer.UsageOf([.. answers.Select(a => a.End!)]), Answer.TimingsOf(answers[0].End!.Timings), memories);
        call.Succeeded();
        await context.Response.WriteAsJsonAsync(completion, ApiJson.Relaxed.ChatCompletion, cancellationToken: call.Cancel).ConfigureAwait(false);
    }

    /// <summary>The options of one of several answers: each has a seed of its own.</summary>
    public static ReverieChatOptions Seeded(ReverieChatOptions options, int index)
    {
        if (index == 0 || options.Seed is not { } seed) return options;
        var others = (ReverieChatOptions)options.Clone();
        others.Seed = unchecked(seed + index);
        return others;
    }

    private static ChatCompletionAnswer MessageOf(Answer answer) => new(
        answer.HasCalls && answer.Text.Length == 0 ? null : answer.Text,
        answer.Reasoning is { Length: > 0 } reasoning ? reasoning : null,
        answer.HasCalls ? [.. answer.Calls.Select(c => new ToolCallPart { Id = c.Id, Type = "function", Function = new FunctionCallPart { Name = c.Name, Arguments = c.Arguments } })] : null);
}
