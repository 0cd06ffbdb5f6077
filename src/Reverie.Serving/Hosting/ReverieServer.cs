using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Reverie.Chat;
using Reverie.Tensors;

namespace Reverie.Serving;

/// <summary>The models of a catalog behind HTTP, by the interfaces of OpenAI and Anthropic.</summary>
public static class ReverieServer
{
    /// <summary>Builds the server; nothing listens until it is started.</summary>
    /// <param name="options">Where it listens and what it lets through.</param>
    /// <param name="catalog">The models; the server does not own them.</param>
    /// <param name="users">Who may call.</param>
    /// <param name="configure">Adds services, such as those of the page; they find the catalog, the users and the options among the services.</param>
    /// <param name="extend">Maps more endpoints, such as the page.</param>
    /// <exception cref="ReverieException">It would listen to other machines without a key, or the certificate cannot be read.</exception>
    public static WebApplication Build(ServerOptions options, ModelCatalog catalog, IUserDirectory users, Action<WebApplicationBuilder>? configure = null, Action<WebApplication>? extend = null)
    {
        if (!options.IsLoopback && !users.RequiresKey)
            throw new ReverieException($"Other machines could use this server at {options.Host} without a key. Make one first with \"reverie keys add USER\", or listen at 127.0.0.1.");
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
        X509Certificate2? certificate = options.Certificate is { } file ? Certificate(file, options.CertificatePassword) : null;
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Listen(kestrel, options, certificate));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainTime + TimeSpan.FromSeconds(2));
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
        builder.Services.AddSingleton(options).AddSingleton(users).AddSingleton(catalog);
        builder.Services.AddSingleton<Measures>().AddSingleton<Draining>().AddSingleton(new KeyMeters(TimeProvider.System)).AddSingleton<Backend>();
        if (options.AllowedOrigins.Count > 0)
            builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy.WithOrigins([.. options.AllowedOrigins]).AllowAnyHeader().AllowAnyMethod()));
        configure?.Invoke(builder);

        WebApplication app = builder.Build();
        app.UseMiddleware<ErrorHandling>();
        app.UseRouting();
        if (options.AllowedOrigins.Count > 0) app.UseCors();
        app.UseMiddleware<AccessControl>();
        Map(app, app.Services.GetRequiredService<Backend>());
        extend?.Invoke(app);
        return app;
    }

    private static void Map(IEndpointRouteBuilder app, Backend backend)
    {
        RouteGroupBuilder api = app.MapGroup("").WithMetadata(new NeedsUser());
        var models = new ModelsEndpoint(backend);
        api.MapGet("/v1/models", models.ListAsync);
        api.MapGet("/v1/models/{**id}", models.FindAsync);
        api.MapPost("/v1/chat/completions", new ChatCompletionsEndpoint(backend).HandleAsync);
        app.MapGet("/health", context => HealthAsync(context, backend));
    }

    private static Task HealthAsync(HttpContext context, Backend backend)
    {
        bool isWell = !backend.Draining.IsDraining;
        context.Response.StatusCode = isWell ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(isWell ? """{"status":"ok"}""" : """{"status":"shutting down"}""", context.RequestAborted);
    }

    private static void Listen(KestrelServerOptions kestrel, ServerOptions options, X509Certificate2? certificate)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxRequestBytes;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        if (options.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) && options.Port > 0) kestrel.ListenLocalhost(options.Port, Secure);
        else kestrel.Listen(AddressOf(options.Host), options.Port, Secure);

        void Secure(ListenOptions listen)
        {
            if (certificate is not null) listen.UseHttps(certificate);
        }
    }

    private static IPAddress AddressOf(string host)
    {
        if (IPAddress.TryParse(host, out IPAddress? address)) return address;
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase)) return IPAddress.Loopback;
        try
        {
            return Dns.GetHostAddresses(host)[0];
        }
        catch (Exception exception) when (exception is System.Net.Sockets.SocketException or ArgumentException or IndexOutOfRangeException)
        {
            throw new ReverieException($"The host \"{host}\" is no address of this machine. Use localhost, an IP address, or 0.0.0.0 for all.", exception);
        }
    }

    private static X509Certificate2 Certificate(string file, string? password)
    {
        try
        {
            return X509CertificateLoader.LoadPkcs12FromFile(file, password);
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ReverieException($"Cannot read the certificate {file}: {exception.Message.TrimEnd('.')}. Give a PFX file, and its password in REVERIE_CERTIFICATE_PASSWORD.", exception);
        }
    }
}
