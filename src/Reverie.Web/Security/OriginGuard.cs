using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Reverie.Web;

/// <summary>
/// Keeps pages of others away from this server. A browser sends along from where it asks: a circuit, a form or a stream is only for the page's
/// own origin. And a server without keys answers only to names of this machine, for any name can be made to lead here.
/// </summary>
internal sealed class OriginGuard(PageOptions options)
{
    /// <summary>Answers what must not pass.</summary>
    /// <returns>Whether the request may go on.</returns>
    public async Task<bool> PassAsync(HttpContext context, bool ofPage)
    {
        HttpRequest request = context.Request;
        if (!IsAllowedHost(request.Host.Host)) return await RefuseAsync(context, StatusCodes.Status421MisdirectedRequest, $"This server does not answer to the name '{request.Host.Host}'. Allow it with --allow-host.");
        if (ofPage && !IsOwnOrigin(request)) return await RefuseAsync(context, StatusCodes.Status403Forbidden, "Only the page of this server may do that.");
        return true;
    }

    /// <summary>Whether the server may be called so.</summary>
    public bool IsAllowedHost(string host) => options.SignsIn || IsLoopback(host) || options.AllowedHosts.Contains(host, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a request that changes something, or opens a connection that can, comes from the page itself.</summary>
    public static bool IsOwnOrigin(HttpRequest request)
    {
        bool connects = request.HttpContext.WebSockets.IsWebSocketRequest || request.HttpContext.Features.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect == true;
        if (!connects && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && !request.Path.StartsWithSegments("/_blazor")) return true;
        string? site = request.Headers["Sec-Fetch-Site"];
        if (site is not (null or "same-origin" or "none")) return false;
        string? origin = request.Headers.Origin;
        // Programs that are no browsers send none, and need no page of others to reach a server.
        if (origin is null) return true;
        return Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && string.Equals(uri.Authority, WithoutDefaultPort(request.Host, uri), StringComparison.OrdinalIgnoreCase);
    }

    private static string WithoutDefaultPort(HostString host, Uri origin) => host.Port is { } port && port == (origin.Scheme == "https" ? 443 : 80) ? host.Host : host.Value ?? "";

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

    private static async Task<bool> RefuseAsync(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(why);
        return false;
    }
}
