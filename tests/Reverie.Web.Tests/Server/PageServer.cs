using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Reverie.Chat;
using Reverie.Models;
using Reverie.Serving;
using Reverie.Sleep;

namespace Reverie.Web.Tests;

/// <summary>The page on a port of its own, with a journal of its own and a scripted model.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;

    private readonly ModelCatalog _catalog;

    private PageServer(WebApplication app, ModelCatalog catalog, string folder, IJournal journal, ScriptedChatClient client, OpenCircuits circuits) => (_app, _catalog, _folder, Journal, Client, Circuits, Url) = (app, catalog, folder, journal, client, circuits, app.Urls.First());

    public string Url { get; }

    public string Workspace => _folder;

    public IJournal Journal { get; }

    public ScriptedChatClient Client { get; }

    public OpenCircuits Circuits { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<PageServer> StartAsync(Func<IReadOnlyList<ChatMessage>, ChatOptions?, IEnumerable<AIContent>>? script = null, Func<PageOptions, PageOptions>? configure = null, TimeSpan pace = default, string? folder = null, Func<Workspace, IJournal, ISleepingModel>? sleeping = null, Func<ModelCatalog, Workspace, IPageModels>? models = null, string? otherSite = null, int port = 0)
    {
        folder ??= Directory.CreateTempSubdirectory("reverie-page-").FullName;
        SqliteJournal journal = SqliteJournal.Open(Path.Combine(folder, "journal.db"));
        var client = new ScriptedChatClient(script ?? Scripts.Conversation, pace);
        var workspace = new Workspace(folder);
        var catalog = new ModelCatalog(workspace, new ModelCatalogOptions { Threads = 1 });
        var users = new UserStore(workspace);
        var circuits = new OpenCircuits();
        WebApplication app = ReverieServer.Build(new ServerOptions { Port = port, AllowedOrigins = otherSite is null ? [] : [otherSite] }, catalog, users, journal, builder =>
        {
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton(models?.Invoke(catalog, workspace) ?? new Models(client));
            if (sleeping is not null) builder.Services.AddSingleton(sleeping(workspace, journal)).AddNights(workspace, users);
            var options = new PageOptions { Workspace = folder };
            builder.Services.AddSingleton<CircuitHandler>(circuits);
            builder.Services.AddPages(configure?.Invoke(options) ?? options);
        }, page => page.MapPages());
        await app.StartAsync();
        return new PageServer(app, catalog, folder, journal, client, circuits);
    }

    /// <summary>Ends the server as it ends when it is asked to, and leaves its folder.</summary>
    public async Task StopAsync()
    {
        await _app.StopAsync();
        await Journal.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _catalog.DisposeAsync();
        await Journal.DisposeAsync();
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Another server of the same test had the same folder.
        }
    }

    /// <summary>How many circuits there are, connected or not.</summary>
    public sealed class OpenCircuits : CircuitHandler
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public override Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken) => Task.FromResult(Interlocked.Increment(ref _count));

        public override Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken) => Task.FromResult(Interlocked.Decrement(ref _count));

        /// <summary>Waits until there are so many.</summary>
        public async Task BecomeAsync(int count)
        {
            long start = Stopwatch.GetTimestamp();
            while (Count != count)
            {
                Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), $"There are {Count} circuits, not {count}.");
                await Task.Delay(20);
            }
        }
    }

    private sealed class Models(ScriptedChatClient client) : IPageModels
    {
        public IReadOnlyList<PageModel> List(string? owner = null) => [new PageModel("reverie", ["ada", "terse"], 2048), new PageModel("larger", [])];

        public IChatClient Open(string model, string? adapter) => client;
    }
}
