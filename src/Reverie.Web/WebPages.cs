using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Reverie.Sleep;
using Reverie.Web.Components;

namespace Reverie.Web;

/// <summary>Makes the page part of a server. The server gives an <see cref="IJournal"/> and an <see cref="IPageModels"/>.</summary>
public static class WebPages
{
    // A paste of 200,000 bytes, whose quotation marks a script escapes, still fits.
    private const int LongestMessage = 512 * 1024;
    private static readonly TimeSpan _keptCircuits = TimeSpan.FromMinutes(1), _cookieLife = TimeSpan.FromDays(30);

    /// <summary>Adds what the page needs.</summary>
    /// <param name="services">The server's services.</param>
    /// <param name="options">What the page has to know.</param>
    public static IServiceCollection AddPages(this IServiceCollection services, PageOptions options)
    {
        services.AddSingleton(options);
        services.TryAddSingleton(provider => new Retriever(provider.GetRequiredService<IJournal>()));
        services.AddSingleton<Replies>();
        services.AddHostedService(provider => provider.GetRequiredService<Replies>());
        services.AddScoped<PageUser>();
        services.AddScoped<PageState>();
        services.AddRazorComponents().AddInteractiveServerComponents(circuits =>
        {
            circuits.DisconnectedCircuitMaxRetained = options.DisconnectedCircuits;
            circuits.DisconnectedCircuitRetentionPeriod = _keptCircuits;
            circuits.PersistedCircuitInMemoryRetentionPeriod = PageOptions.KeptPauses;
            circuits.MaxBufferedUnacknowledgedRenderBatches = 4;
        }).AddHubOptions(hub => hub.MaximumReceiveMessageSize = LongestMessage);
        services.AddCascadingAuthenticationState();
        services.AddAntiforgery(antiforgery => (antiforgery.Cookie.Name, antiforgery.Cookie.SameSite, antiforgery.SuppressXFrameOptionsHeader) = ("reverie.form", SameSiteMode.Strict, true));
        services.AddAuthorization();
        services.AddAuthentication().AddCookie(LoginPage.Scheme, cookie =>
        {
            (cookie.Cookie.Name, cookie.Cookie.HttpOnly, cookie.Cookie.SameSite, cookie.Cookie.SecurePolicy) = ("reverie.key", true, SameSiteMode.Strict, CookieSecurePolicy.SameAsRequest);
            (cookie.LoginPath, cookie.ExpireTimeSpan, cookie.SlidingExpiration) = ("/login", _cookieLife, true);
            cookie.Events.OnValidatePrincipal = context =>
            {
                if (options.FindUser is not null && PageUser.Find(options, context.Principal!) is null) context.RejectPrincipal();
                return Task.CompletedTask;
            };
        });
        IDataProtectionBuilder protection = services.AddDataProtection().SetApplicationName("Reverie");
        if (options.Workspace is not null) protection.PersistKeysToFileSystem(KeyFolder(options.Workspace));
        return services;
    }

    /// <summary>Maps the page to <c>/</c>, <c>/c</c>, <c>/training</c>, <c>/memory</c> and <c>/login</c>.</summary>
    /// <param name="app">The server, whose other routes may be there already.</param>
    public static WebApplication MapPages(this WebApplication app)
    {
        PageOptions options = app.Services.GetRequiredService<PageOptions>();
        app.Use((context, next) =>
        {
            if (IsOfPage(context)) PageHeaders.Add(context);
            return next(context);
        });
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        PageAssets.Map(app).WithMetadata(PageEndpoint.Instance).AllowAnonymous();
        RouteGroupBuilder pages = app.MapGroup("").WithMetadata(PageEndpoint.Instance);
        pages.MapRazorComponents<App>().AddInteractiveServerRenderMode(server => (server.ContentSecurityFrameAncestorsPolicy, server.DisableWebSocketCompression) = (null, true));
        JournalFiles.Map(pages);
        // Keys may be made while the server runs; from then on they are asked for.
        pages.RequireAuthorization(new AuthorizationPolicyBuilder(LoginPage.Scheme).RequireAssertion(context => !options.SignsIn || PageUser.Find(options, context.User) is not null).Build());
        if (options.FindUser is not null) LoginPage.Map(app, options);

        return app;
    }

    private static bool IsOfPage(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<PageEndpoint>() is not null || context.Request.Path.StartsWithSegments("/_blazor") || context.Request.Path.StartsWithSegments("/_framework");

    /// <summary>Where the keys of cookies are kept, so that who signed in stays so when the server starts again.</summary>
    private static DirectoryInfo KeyFolder(string workspace)
    {
        string path = Path.Combine(workspace, "page-keys");
        return OperatingSystem.IsWindows() ? Directory.CreateDirectory(path) : Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
