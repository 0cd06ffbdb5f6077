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
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Reverie.Chat;
using Reverie.Sleep;
using Reverie.Tensors;
using Scalar.AspNetCore;

namespace Reverie.Serving;

/// <summary>The models of a catalog behind HTTP, by the interfaces of OpenAI and Anthropic.</summary>
public static class ReverieServer
{
    private const string JsonType = "application/json";

    /// <summary>Builds the server; nothing listens until it is started.</summary>
    /// <param name="options">Where it listens and what it lets through.</param>
    /// <param name="catalog">The models; the server does not own them.</param>
    /// <param name="users">Who may call.</param>
    /// <param name="journal">Keeps what is to be stored; the server does not own it. Null where nothing is kept.</param>
    /// <param name="configure">Adds services, such as those of the page; they find the catalog, the users and the options among the services.</param>
    /// <param name="extend">Maps more endpoints, such as the page.</param>
    /// <exception cref="ReverieException">It would listen to other machines without a key, or the certificate cannot be read.</exception>
    public static WebApplication Build(ServerOptions options, ModelCatalog catalog, IUserDirectory users, IJournal? journal = null, Action<WebApplicationBuilder>? configure = null, Action<WebApplication>? extend = null)
    {
        if (!options.IsLoopback && !users.RequiresKey)
            throw new ReverieException($"Other machines could use this server at {options.Host} without a key. Make one first with \"reverie keys add USER\", or listen at 127.0.0.1.");
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error)

            // What fails in a request is answered and told here; Kestrel also tells of clients that go in the middle of their own request.
            .AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Critical);
        X509Certificate2? certificate = options.Certificate is { } file ? Certificate(file, options.CertificatePassword) : null;
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Listen(kestrel, options, certificate));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainTime + TimeSpan.FromSeconds(2));
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
        builder.Services.AddSingleton(options).AddSingleton(users).AddSingleton(catalog);
        if (journal is not null) builder.Services.AddSingleton(journal).AddSingleton(new Retriever(journal));
        builder.Services.AddSingleton<Measures>().AddSingleton<Draining>().AddSingleton(new KeyMeters(TimeProvider.System)).AddSingleton<Backend>();
        if (options.AllowedOrigins.Count > 0)
            builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy.WithOrigins([.. options.AllowedOrigins]).AllowAnyHeader().AllowAnyMethod().WithExposedHeaders("*")));
        builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService("reverie")).WithMetrics(metrics => metrics.AddMeter(Measures.MeterName).AddPrometheusExporter());
        // Meters are known by their name: another server of this process would be counted too, or instead.
        builder.Services.ConfigureOpenTelemetryMeterProvider((services, metrics) =>
        {
            Measures own = services.GetRequiredService<Measures>();
            metrics.AddView(instrument => instrument.Meter.Name == Measures.MeterName && !own.Has(instrument) ? MetricStreamConfiguration.Drop : null);
        });
        builder.Services.AddOpenApi(ApiDescription.Apply);
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
        });
        configure?.Invoke(builder);

        WebApplication app = builder.Build();
        app.UseMiddleware<ErrorHandling>();
        if (options.AllowedOrigins.Count > 0) app.UseCors();
        app.UseMiddleware<AccessControl>();
        Map(app, app.Services.GetRequiredService<Backend>());
        extend?.Invoke(app);
        return app;
    }

    private static void Map(WebApplication app, Backend backend)
    {
        RouteGroupBuilder api = app.MapGroup("").WithMetadata(new NeedsUser());
        var models = new ModelsEndpoint(backend);
        var messages = new MessagesEndpoint(backend);
        var responses = new ResponsesEndpoint(backend);
        var tokens = new TokensEndpoint(backend);
        Describe(api.MapGet("/v1/models", (Delegate)models.ListAsync), "Models", "The models, versions and adapters that can be asked for").Produces<ModelList>();
        Describe(api.MapGet("/v1/models/{**id}", (Delegate)models.FindAsync), "Models", "One of them").Produces<ModelPart>();
        Describe(api.MapPost("/v1/chat/completions", (Delegate)new ChatCompletionsEndpoint(backend).HandleAsync), "OpenAI", "Answer a conversation").Accepts<ChatCompletionRequest>(JsonType).Produces<ChatCompletion>();
        Describe(api.MapPost("/v1/completions", (Delegate)new CompletionsEndpoint(backend).HandleAsync), "OpenAI", "Continue texts").Accepts<CompletionRequest>(JsonType).Produces<Completion>();
        Describe(api.MapPost("/v1/embeddings", (Delegate)new EmbeddingsEndpoint(backend).HandleAsync), "OpenAI", "Vectors of texts").Accepts<EmbeddingsRequest>(JsonType).Produces<EmbeddingsAnswer>();
        Describe(api.MapPost("/v1/responses", (Delegate)responses.CreateAsync), "OpenAI", "Answer, and keep the answer").Accepts<ResponseRequest>(JsonType);
        Describe(api.MapGet("/v1/responses/{id}", (Delegate)responses.GetAsync), "OpenAI", "A stored answer");
        Describe(api.MapDelete("/v1/responses/{id}", (Delegate)responses.DeleteAsync), "OpenAI", "Erase a stored answer and what follows it").Produces<ResponseDeleted>();
        Describe(api.MapPost("/v1/messages", (Delegate)messages.HandleAsync), "Anthropic", "Answer a conversation").Accepts<MessageRequest>(JsonType).Produces<MessageAnswer>();
        Describe(api.MapPost("/v1/messages/count_tokens", (Delegate)messages.CountAsync), "Anthropic", "Count the tokens of a conversation").Accepts<MessageRequest>(JsonType).Produces<MessageTokens>();
        Describe(api.MapPost("/tokenize", (Delegate)tokens.TokenizeAsync), "Tokens", "Cut a text into tokens").Accepts<TokenizeRequest>(JsonType).Produces<TokenizeAnswer>();
        Describe(api.MapPost("/detokenize", (Delegate)tokens.DetokenizeAsync), "Tokens", "Join tokens to a text").Accepts<DetokenizeRequest>(JsonType).Produces<DetokenizeAnswer>();
        Describe(app.MapGet("/health", (Delegate)((HttpContext context) => HealthAsync(context, backend))), "Server", "Whether the server is well");
        app.MapPrometheusScrapingEndpoint("/metrics").WithMetadata(new NeedsUser());
        app.MapOpenApi();

        // The page to try the API comes from the server itself: it fetches no script and no letters from elsewhere.
        app.MapScalarApiReference("/docs", page => page.WithTitle("Reverie's API").DisableDefaultFonts().DisableTelemetry().DisableAgent().HideDeveloperTools());
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder endpoint, string tag, string summary) => endpoint.WithTags(tag).WithSummary(summary);

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
