using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Reverie.Sleep;

namespace Reverie.Web;

/// <summary>Conversations as files to keep: all branches, feedback, parameters.</summary>
internal static class JournalFiles
{
    /// <summary>Maps <c>/export</c> and <c>/c/{id}/export</c>.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/export", (HttpContext context, IJournal journal, PageOptions options) => Export(context, journal, options, null));
        routes.MapGet("/c/{id:length(32)}/export", async (string id, HttpContext context, IJournal journal, PageOptions options) =>
            PageUser.Of(options, context) is { } user && await journal.FindConversationAsync(user, id, context.RequestAborted) is not null ? Export(context, journal, options, id) : Results.NotFound());
    }

    private static IResult Export(HttpContext context, IJournal journal, PageOptions options, string? id)
    {
        if (PageUser.Of(options, context) is not { } user) return Results.Unauthorized();
        context.Response.Headers.CacheControl = "no-store";
        // The name holds nothing that a model or a person wrote.
        string name = $"reverie-{(id is null ? "conversations" : "conversation")}-{DateTime.UtcNow:yyyyMMdd-HHmmss}.json";
        // The serializer of the journal flushes synchronously.
        if (context.Features.Get<IHttpBodyControlFeature>() is { } body) body.AllowSynchronousIO = true;
        return Results.Stream(output => journal.ExportAsync(user, output, id is null ? null : [id], context.RequestAborted), "application/json", name);
    }
}
