using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Reverie.Chat;
using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Serving;

/// <summary><c>/v1/responses</c>. A stored response is a reply in the journal; its id names the message that it answers.</summary>
internal sealed class ResponsesEndpoint(Backend backend)
{
    private const string Prefix = "resp_";

    /// <summary>Answers.</summary>
    public async Task CreateAsync(HttpContext context)
    {
        ResponseRequest request = await JsonBody.ReadAsync(context, ApiJson.Default.ResponseRequest).ConfigureAwait(false);
        List<ChatMessage> input = ResponseReader.Input(request.Input);
        using ModelCall call = await ModelCall.OpenAsync(backend, context, request.Model, "chat").ConfigureAwait(false);
        ReverieChatOptions options = ResponseReader.Options(request, call.User.Id);
        JournalMessage? previous = request.PreviousResponseId is { } earlier
            ? (await FindAsync(call.User.Id, earlier).ConfigureAwait(false))?.Reply ?? throw ApiException.Invalid("previous_response_id", "There is no stored response with this id.", "previous_response_not_found")
            : null;
        IReadOnlyList<JournalMessage> path = previous is null ? [] : await PathAsync(call.User.Id, previous).ConfigureAwait(false);
        bool remembers = request.Memory == true;
        Recollection recalled = await call.RecallAsync(remembers, [.. Exchange.Read(path), .. input], options, path.Select(m => m.Id).ToHashSet()).ConfigureAwait(false);
        int tokens = call.Model.Render(recalled.Messages, options).Length;
        if (tokens >= call.Model.ContextLength) throw new ContextTooLongException(tokens, call.Model.ContextLength);

        IJournal? journal = request.Store == false ? null : backend.Journal;
        string? conversation = null, asked = null;
        if (journal is not null)
        {
            conversation = previous?.Conversation ?? await Exchange.BeginAsync(journal, call.User.Id, input).ConfigureAwait(false);
            asked = await Exchange.AppendAsync(journal, call.User.Id, conversation, previous?.Id, input).ConfigureAwait(false);
        }

        var response = new Response($"{Prefix}{asked ?? Guid.NewGuid().ToString("N")}", call.Created, call.ModelId, request with { Input = null }, journal is not null, MemoryPart.Of(remembers, recalled));
        IAsyncEnumerable<ChatEvent> reply = call.Model.ReplyAsync(recalled.Messages, options, call.Lease.Adapter, call.Cancel);
        Func<Task>? keep = journal is null ? null : () => Exchange.KeepReplyAsync(journal, call, conversation!, asked, [.. response.Items.Select(i => i.ToPart())], response.End!,
            JsonSerializer.Serialize(request with { Input = null }, ApiJson.Compact.ResponseRequest), recalled.Sources);
        if (request.Stream == true)
        {
            await ReplyStream.RunAsync(context, call, backend.Options, Choices.Merge([reply]), new ResponseWriter(response, keep)).ConfigureAwait(false);
            return;
        }

        await foreach (ChatEvent part in reply.ConfigureAwait(false))
        {
            response.Take(part);
            if (part is ChatEvent.Finished finished) call.Count(finished);
        }

        if (keep is not null) await keep().ConfigureAwait(false);
        call.Succeeded();
        await WriteAsync(context, response).ConfigureAwait(false);
    }

    /// <summary>Gives a stored response again.</summary>
    public async Task GetAsync(HttpContext context)
    {
        string id = (string)context.Request.RouteValues["id"]!;
        if (await FindAsync(context.User().Id, id).ConfigureAwait(false) is not { Reply: { Reply: { } details } reply }) throw NotFound();
        ResponseRequest request = JsonSerializer.Deserialize(details.Sampling ?? "{}", ApiJson.Default.ResponseRequest)!;
        var response = new Response(id, reply.Created.ToUnixTimeSeconds(), ModelCatalog.NameOf(details.Model, details.Adapter), request, isStored: true);
        for (int i = 0; i < reply.Parts.Count; i++) response.Items.Add(ResponseItem.Of(reply.Parts[i], id, i));
        response.Finish(details.StopReason is nameof(StopReason.MaxTokens) or nameof(StopReason.ContextFull), details.PromptTokens, details.CachedTokens, details.AnswerTokens, 0);
        await WriteAsync(context, response).ConfigureAwait(false);
    }

    /// <summary>Erases a stored response, what it answers and what follows it.</summary>
    public async Task DeleteAsync(HttpContext context)
    {
        string id = (string)context.Request.RouteValues["id"]!, owner = context.User().Id;
        if (await FindAsync(owner, id).ConfigureAwait(false) is not var (asked, _, tree)) throw NotFound();
        JournalMessage first = asked;
        while (tree.Find(first.Parent) is { Role: not Role.Assistant } parent && tree.Children(parent.Id).Count == 1) first = parent;
        if (first.Parent is null && tree.Children(null).Count == 1) await backend.Journal!.DeleteConversationAsync(owner, first.Conversation).ConfigureAwait(false);
        else await backend.Journal!.DeleteMessageAsync(owner, first.Id).ConfigureAwait(false);
        await context.Response.WriteAsJsonAsync(new ResponseDeleted(id), ApiJson.Default.ResponseDeleted, cancellationToken: context.RequestAborted).ConfigureAwait(false);
    }

    private static async Task WriteAsync(HttpContext context, Response response)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) response.Write(json);
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), context.RequestAborted).ConfigureAwait(false);
    }

    private static ApiException NotFound() => new(StatusCodes.Status404NotFound, "There is no stored response with this id.", "id", "not_found");

    /// <summary>The message that a response answers, and the response; null where this owner has none such.</summary>
    private async Task<(JournalMessage Asked, JournalMessage Reply, ConversationTree Tree)?> FindAsync(string owner, string id)
    {
        if (backend.Journal is not { } journal || !id.StartsWith(Prefix, StringComparison.Ordinal) || !Guid.TryParseExact(id[Prefix.Length..], "N", out _)) return null;
        if (await journal.FindMessageAsync(owner, id[Prefix.Length..]).ConfigureAwait(false) is not { } asked) return null;
        ConversationTree? tree = await journal.ReadTreeAsync(owner, asked.Conversation).ConfigureAwait(false);
        return tree?.Children(asked.Id).FirstOrDefault(m => m.Role == Role.Assistant && m.Reply is not null) is { } reply ? (asked, reply, tree) : null;
    }

    private async Task<IReadOnlyList<JournalMessage>> PathAsync(string owner, JournalMessage last) =>
        (await backend.Journal!.ReadTreeAsync(owner, last.Conversation).ConfigureAwait(false))?.Path(last.Id) ?? [];
}
