using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Reverie.Chat;
using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Serving.Tests;

/// <summary>A server on a free port with a model of random weights: it writes nonsense, but always the same.</summary>
public sealed class TestServer : IAsyncDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"reverie-serving-{Guid.NewGuid():N}");

    private TestServer(ServerOptions? options, ModelCatalogOptions? models, int context, Action<UserStore>? users)
    {
        Workspace = new Workspace(_folder);
        Save(Workspace, "small", context);
        Catalog = new ModelCatalog(Workspace, (models ?? new ModelCatalogOptions()) with { Threads = 2 });
        Users = new UserStore(Workspace);
        users?.Invoke(Users);
        Journal = SqliteJournal.Open(Workspace.JournalFile);
        App = ReverieServer.Build((options ?? new ServerOptions()) with { Port = 0 }, Catalog, Users, Journal);
    }

    public Workspace Workspace { get; }

    public ModelCatalog Catalog { get; }

    public UserStore Users { get; }

    public IJournal Journal { get; }

    public WebApplication App { get; }

    public Uri Url { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    public static async Task<TestServer> StartAsync(ServerOptions? options = null, ModelCatalogOptions? models = null, int context = 512, Action<UserStore>? users = null)
    {
        var server = new TestServer(options, models, context, users);
        await server.App.StartAsync();
        server.Url = new Uri(server.App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        server.Client = new HttpClient { BaseAddress = server.Url, Timeout = TimeSpan.FromSeconds(30) };
        return server;
    }

    public static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    /// <summary>Posts JSON and reads the answer as JSON.</summary>
    public async Task<(int Status, JsonElement Body)> PostAsync(string path, string body)
    {
        using HttpResponseMessage response = await Client.PostAsync(path, Json(body));
        return ((int)response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    /// <summary>Posts JSON and reads the data of all events of the answer.</summary>
    public async Task<string[]> StreamAsync(string path, string body)
    {
        using HttpResponseMessage response = await Client.PostAsync(path, Json(body));
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.EndsWith("\n\n", text, StringComparison.Ordinal);
        return [.. text.Split('\n').Where(l => l.StartsWith("data: ", StringComparison.Ordinal)).Select(l => l[6..])];
    }

    public static void Save(Workspace workspace, string name, int context = 512, ulong seed = 1)
    {
        using Transformer transformer = SmallModels.Transformer(SmallModels.Config(context: context), seed);
        (string version, string folder) = workspace.NextVersion(name);
        Checkpoint.Save(folder, transformer, SmallModels.Tokenizer, SmallModels.Lineage(name, version));
        workspace.SetCurrent(name, version);
    }

    /// <summary>Makes an adapter of somebody for the model, which it wears for her from now on.</summary>
    public void Wear(string owner, int number, ulong seed)
    {
        using var checkpoint = Checkpoint.Load(Workspace.Resolve("small"));
        using Adapter adapter = SmallModels.Adapter(checkpoint.Transformer, seed: seed);
        PersonalAdapters hers = Workspace.AdaptersOf(owner);
        adapter.Save(hers.FolderOf(number), SmallModels.Lineage(owner) with { Parent = checkpoint.Lineage!.Id });
        hers.SetCurrent(checkpoint.Lineage.Id, new AdapterPointer(number));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.DisposeAsync();
        await Catalog.DisposeAsync();
        await Journal.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
