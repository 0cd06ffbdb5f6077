using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Reverie.Web;

/// <summary>Signing in with an API key, which becomes an encrypted cookie that scripts cannot read and other sites cannot send.</summary>
internal static class LoginPage
{
    /// <summary>The scheme of the page's cookie.</summary>
    public const string Scheme = "reverie.page";

    private const int LongestKey = 512;

    /// <summary>Maps <c>/login</c> and <c>/logout</c>.</summary>
    public static void Map(IEndpointRouteBuilder routes, PageOptions options)
    {
        routes.MapGet("/login", (HttpContext context, IAntiforgery antiforgery) => Page(context, antiforgery, null)).WithMetadata(PageEndpoint.Instance);
        routes.MapPost("/login", async (HttpContext context, IAntiforgery antiforgery) =>
        {
            if (!await antiforgery.IsRequestValidAsync(context)) return Page(context, antiforgery, "The form was too old. Try again.");
            string key = (await context.Request.ReadFormAsync()).TryGetValue("key", out var value) ? value.ToString().Trim() : "";
            if (key.Length is 0 or > LongestKey || options.FindUser?.Invoke(key) is not { } user) return Page(context, antiforgery, "That key is not known here.");
            var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, user), new Claim(PageUser.KeyClaim, key)], Scheme);
            await context.SignInAsync(Scheme, new ClaimsPrincipal(identity), new AuthenticationProperties { IsPersistent = true });
            return Results.LocalRedirect("/");
        }).DisableAntiforgery().WithMetadata(PageEndpoint.Instance);
        routes.MapPost("/logout", async (HttpContext context, IAntiforgery antiforgery) =>
        {
            if (!await antiforgery.IsRequestValidAsync(context)) return Results.BadRequest();
            await context.SignOutAsync(Scheme);
            return Results.LocalRedirect("/login");
        }).DisableAntiforgery().WithMetadata(PageEndpoint.Instance);
        routes.MapGet("/logout", (HttpContext context, IAntiforgery antiforgery) => Results.Content(Frame("Sign out", $"""
            <form method="post" action="logout">{Token(context, antiforgery)}<p>Your conversations stay on the server.</p><button class="primary">Sign out</button> <a class="button" href="./">Stay</a></form>
            """), "text/html; charset=utf-8")).WithMetadata(PageEndpoint.Instance);
    }

    private static IResult Page(HttpContext context, IAntiforgery antiforgery, string? error)
    {
        string shown = error is null ? "" : $"<p class=\"error\" role=\"alert\">{WebUtility.HtmlEncode(error)}</p>";
        return Results.Content(Frame("Sign in", $"""
            <form method="post" action="login">{Token(context, antiforgery)}{shown}
            <label for="key">API key</label>
            <input id="key" name="key" type="password" autocomplete="current-password" required maxlength="{LongestKey}" autofocus spellcheck="false">
            <p class="soft">Who runs this server can make one with <code>reverie keys add</code>.</p>
            <button class="primary">Sign in</button></form>
            """), "text/html; charset=utf-8", statusCode: error is null ? StatusCodes.Status200OK : StatusCodes.Status401Unauthorized);
    }

    private static string Token(HttpContext context, IAntiforgery antiforgery)
    {
        AntiforgeryTokenSet tokens = antiforgery.GetAndStoreTokens(context);
        return $"<input type=\"hidden\" name=\"{tokens.FormFieldName}\" value=\"{WebUtility.HtmlEncode(tokens.RequestToken)}\">";
    }

    private static string Frame(string title, string content) => $"""
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
        <title>{title} · Reverie</title><link rel="icon" href="{PageAssets.Path("icon.svg")}"><link rel="stylesheet" href="{PageAssets.Path("page.css")}"><script src="{PageAssets.Path("theme.js")}"></script></head>
        <body class="login"><main><img src="{PageAssets.Path("icon.svg")}" alt="" width="48" height="48"><h1>{title}</h1>{content}</main></body>
        </html>
        """;
}

/// <summary>Marks what belongs to the page, and not to the API.</summary>
internal sealed class PageEndpoint
{
    /// <summary>The mark.</summary>
    public static PageEndpoint Instance { get; } = new();
}
