using Microsoft.AspNetCore.Http;

namespace Reverie.Web;

/// <summary>What a browser is told about the page: it runs only the page's own scripts, shows it in no frame, and tells nobody where it came from.</summary>
internal static class PageHeaders
{
    /// <summary>Adds the headers to a response.</summary>
    public static void Add(HttpContext context)
    {
        IHeaderDictionary headers = context.Response.Headers;
        string host = context.Request.Host.Value ?? "";
        // Older browsers do not count their own WebSocket as 'self'. Plots size themselves by style attributes, which can fetch nothing here.
        headers.ContentSecurityPolicy = $"default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws://{host} wss://{host}; "
            + "object-src 'none'; base-uri 'self'; form-action 'self'; frame-src 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()";
    }
}
