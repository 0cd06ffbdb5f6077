using Microsoft.AspNetCore.Http;
using Reverie.Chat;

namespace Reverie.Serving;

/// <summary><c>GET /v1/models</c> and <c>GET /v1/models/{id}</c>.</summary>
internal sealed class ModelsEndpoint(Backend backend)
{
    /// <summary>Lists what can be asked for.</summary>
    public Task ListAsync(HttpContext context) =>
        context.Response.WriteAsJsonAsync(new ModelList([.. backend.Catalog.Models(context.User().Id).Select(PartOf)]), ApiJson.Relaxed.ModelList, cancellationToken: context.RequestAborted);

    /// <summary>Describes one.</summary>
    public Task FindAsync(HttpContext context)
    {
        // Routing leaves only this one as it was sent.
        string id = ((string)context.Request.RouteValues["id"]!).Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        ServedModel found = backend.Catalog.Models(context.User().Id).FirstOrDefault(m => m.Id == id) ?? throw new ApiException(StatusCodes.Status404NotFound, "There is no such model. See them at /v1/models.", "model", "model_not_found");
        return context.Response.WriteAsJsonAsync(PartOf(found), ApiJson.Relaxed.ModelPart, cancellationToken: context.RequestAborted);
    }

    private static ModelPart PartOf(ServedModel model) => new(model.Id, new DateTimeOffset(DateTime.SpecifyKind(model.Created, DateTimeKind.Utc)).ToUnixTimeSeconds(), model.Base, model.IsLoaded);
}
