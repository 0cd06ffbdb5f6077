using Microsoft.AspNetCore.Http;

namespace Reverie.Serving;

/// <summary>Marks endpoints that only users may call.</summary>
internal sealed class NeedsUser;

/// <summary>Who asks.</summary>
internal static class UserOfRequest
{
    /// <summary>The user whose key the request showed.</summary>
    public static User User(this HttpContext context) => AccessControl.UserOf(context);
}
