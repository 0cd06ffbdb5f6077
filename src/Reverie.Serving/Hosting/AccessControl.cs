using System.Net;
using Microsoft.AspNetCore.Http;

namespace Reverie.Serving;

/// <summary>
/// Refuses requests that a web page of somebody else has a browser send: by a name that was made to point here (DNS rebinding), or from
/// another origin, web sockets included. Then asks for a key where the endpoint needs one.
/// </summary>
internal sealed class AccessControl(RequestDelegate next, ServerOptions options, IUserDirectory users)
{
    private static readonly object _userKey = new();

    private readonly HashSet<string> _hosts = new(
        ["localhost", "127.0.0.1", "[::1]", options.Host, $"[{options.Host}]", .. options.IsLoopback ? [] : new[] { Dns.GetHostName() }, .. options.AllowedHosts], StringComparer.OrdinalIgnoreCase);

    private readonly HashSet<string> _origins = new(options.AllowedOrigins.Select(o => o.TrimEnd('/')), StringComparer.OrdinalIgnoreCase);

    /// <summary>The user that <see cref="AccessControl"/> found.</summary>
    public static User UserOf(HttpContext context) => (User)context.Items[_userKey]!;

    /// <summary>Lets the request through or refuses it.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (!IsAllowedHost(request.Host.Host))
            throw new ApiException(StatusCodes.Status421MisdirectedRequest, "This server does not answer by that host name. Call it by its address, or start it with --allow-host NAME.", code: "host_not_allowed");
        if (request.Headers.Origin is [{ } origin] ? !IsAllowedOrigin(origin, request) : IsEmbeddedElsewhere(request))
            throw new ApiException(StatusCodes.Status403Forbidden, "Web pages of other origins may not call this server. Start it with --allow-origin URL if they should.", code: "origin_not_allowed");
        if (context.GetEndpoint()?.Metadata.GetMetadata<NeedsUser>() is not null) context.Items[_userKey] = Authenticate(request);
        return next(context);
    }

    private User Authenticate(HttpRequest request)
    {
        if (!users.RequiresKey) return User.Local;
        string? key = request.Headers.Authorization.ToString() is { Length: > 7 } authorization && authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            ? authorization[7..].Trim()
            : request.Headers["x-api-key"].ToString() is { Length: > 0 } given ? given : null;
        if (key is null) throw new ApiException(StatusCodes.Status401Unauthorized, "A key is needed. Send Authorization: Bearer rv-..., or x-api-key; \"reverie keys add USER\" makes one.", code: "missing_api_key");
        return users.FindByKey(key) ?? throw new ApiException(StatusCodes.Status401Unauthorized, "The key is unknown, revoked or expired.", code: "invalid_api_key");
    }

    /// <summary>An address cannot be made to point elsewhere; where the server listens to more than this machine, any may be its own.</summary>
    private bool IsAllowedHost(string host) => _hosts.Contains(host) || (!options.IsLoopback && IPAddress.TryParse(host.Trim('[', ']'), out _));

    private bool IsAllowedOrigin(string origin, HttpRequest request) =>
        _origins.Contains(origin) || (Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && uri.Scheme == request.Scheme && string.Equals(new HostString(uri.Host, uri.Port).Value, Full(request).Value, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a page of another site fetches this as a part of itself; a browser tells no origin then. To follow a link is another matter.</summary>
    private static bool IsEmbeddedElsewhere(HttpRequest request) => request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site" && request.Headers["Sec-Fetch-Mode"].ToString() != "navigate";

    private static HostString Full(HttpRequest request) => new(request.Host.Host, request.Host.Port ?? (request.IsHttps ? 443 : 80));
}
