using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Http;
using Reverie.Tensors;

namespace Reverie.Web;

/// <summary>Who sits at a page. A key that was withdrawn ends what its pages may do at once, also on connections that are open.</summary>
internal sealed class PageUser(PageOptions options, AuthenticationStateProvider authentication)
{
    /// <summary>The claim that holds the API key; it is in the encrypted cookie and nowhere else.</summary>
    public const string KeyClaim = "reverie:key";

    /// <summary>Whether users sign in.</summary>
    public bool SignsIn => options.SignsIn;

    /// <summary>The user of this circuit.</summary>
    /// <exception cref="ReverieException">The key is not valid any more.</exception>
    public async Task<string> GetAsync()
    {
        if (!options.SignsIn) return PageOptions.LocalUser;
        return Find(options, (await authentication.GetAuthenticationStateAsync()).User) ?? throw new ReverieException("Your key is not valid any more. Sign in again.");
    }

    /// <summary>The user of a request; null where there is none.</summary>
    public static string? Of(PageOptions options, HttpContext context) => !options.SignsIn ? PageOptions.LocalUser : Find(options, context.User);

    /// <summary>The user whose key a principal holds; null where it is not valid.</summary>
    public static string? Find(PageOptions options, ClaimsPrincipal principal) => principal.FindFirstValue(KeyClaim) is { } key ? options.FindUser!(key) : null;
}
