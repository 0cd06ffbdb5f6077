using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Reverie.Chat;
using Reverie.Models;
using Reverie.Sleep;
using Reverie.Web.Components;

namespace Reverie.Web.Tests;

/// <summary>The page answers each user with her own adapter and shows her no other's.</summary>
public sealed class PersonalAdapterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reverie-page-").FullName;
    private readonly Workspace _workspace;
    private readonly string _base;

    public PersonalAdapterTests()
    {
        _workspace = new Workspace(_folder);
        using Transformer transformer = SmallModels.Transformer(SmallModels.Config(context: 512));
        (string version, string folder) = _workspace.NextVersion("small");
        _base = Checkpoint.Save(folder, transformer, SmallModels.Tokenizer, SmallModels.Lineage("small", version)).Id;
        foreach ((string owner, int number) in new[] { ("local", 1), ("local", 2), ("ada", 1) })
        {
            using Adapter adapter = SmallModels.Adapter(transformer, seed: (ulong)(owner.Length + number));
            adapter.Save(_workspace.AdaptersOf(owner).FolderOf(number), SmallModels.Lineage(owner) with { Parent = _base });
            _workspace.AdaptersOf(owner).SetCurrent(_base, new AdapterPointer(number));
        }
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_reply_is_written_with_the_users_own_adapter_and_the_journal_says_so()
    {
        await using PageServer server = await PageServer.StartAsync(folder: _folder, models: (catalog, workspace) => new CatalogModels(catalog, workspace));
        Assert.Equal(("local/2", null), await ReplyAsync(server, "local", null));
        Assert.Equal(("ada/1", null), await ReplyAsync(server, "ada", null));
        Assert.Equal((null, null), await ReplyAsync(server, "bob", null));
        Assert.Equal((null, null), await ReplyAsync(server, "local", ModelCatalog.NoAdapter));
        Assert.Equal(("local/1", null), await ReplyAsync(server, "local", "local/1"));
        (string? adapter, string? error) = await ReplyAsync(server, "local", "ada/1");
        Assert.Null(adapter);
        Assert.Equal((await ReplyAsync(server, "local", "eve/1")).Error, error!.Replace("ada/1", "eve/1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_reply_that_is_stopped_keeps_the_tokens_that_were_drawn()
    {
        await using PageServer server = await PageServer.StartAsync(folder: _folder, models: (catalog, workspace) => new CatalogModels(catalog, workspace));
        Conversation conversation = await server.Journal.CreateConversationAsync("bob", new ConversationDetails { Settings = new ChatSettings { Model = "small", Seed = 1 }.ToJson() });
        await server.Journal.AppendAsync("bob", conversation.Id, new NewMessage { Role = Role.User, Parts = [MessagePart.Typed("the fox")] });
        ConversationTree tree = (await server.Journal.ReadTreeAsync("bob", conversation.Id))!;
        LiveReply live = server.Services.GetRequiredService<Replies>().Start("bob", tree, tree.Conversation.ActiveLeaf);
        await live.WaitAsync(0, Xunit.TestContext.Current.CancellationToken);
        live.Stop();
        for (long seen = -1; !live.IsDone; seen = live.Read().Version) await live.WaitAsync(seen, Xunit.TestContext.Current.CancellationToken);
        JournalMessage reply = (await server.Journal.ReadTreeAsync("bob", conversation.Id))!.ActivePath[^1];
        Assert.Equal("Cancelled", reply.Reply!.StopReason);
        ReplyTrace trace = (await server.Journal.ReadTraceAsync("bob", reply.Id))!;
        Assert.Equal((reply.Reply.AnswerTokens, reply.Reply.AnswerTokens), (trace.Tokens.Count, trace.LogProbabilities.Count));
        Assert.StartsWith(reply.Text.Trim().TrimEnd('\uFFFD'), SmallModels.Tokenizer.Decode([.. trace.Tokens], skipSpecialTokens: true).Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_picker_says_plainly_which_morning_speaks()
    {
        await using var catalog = new ModelCatalog(_workspace, new ModelCatalogOptions { Threads = 1 });
        var models = new CatalogModels(catalog, _workspace);
        Assert.Equal(["local/2", "local/1", "none"], models.List("local")[0].Adapters);
        Assert.Equal(("local/2", "ada/1", null), (models.List("local")[0].Current, models.List("ada")[0].Current, models.List("bob")[0].Current));
        Assert.Empty(models.List()[0].Adapters);
        await using SqliteJournal journal = SqliteJournal.Open(Path.Combine(_folder, "journal.db"));
        await using var page = new BunitContext();
        page.Services.AddSingleton<IPageModels>(models).AddSingleton<IJournal>(journal).AddSingleton(new PageOptions()).AddScoped<PageUser>().AddScoped<PageState>();
        string[] Shown(string? adapter) => [.. page.Render<ModelPicker>(p => p.Add(v => v.Settings, new ChatSettings { Model = "small", Adapter = adapter })).FindAll("option").Select(o => o.TextContent.Trim())];
        Assert.Equal(["small, my morning 2", "small, my morning 1", "small, without memories"], Shown(null));
        Assert.Equal(["small, my morning 2", "small, always my morning 2", "small, my morning 1", "small, without memories"], Shown("local/2"));
        Assert.Equal(["small, my morning 2", "small, my morning 1", "small, without memories", "small, my morning 7 (no longer there)"], Shown("local/7"));
        Assert.Equal(("my morning 12", "without memories", "terse"), (Words.Adapter("ada@example.com/12"), Words.Adapter("none"), Words.Adapter("terse")));
    }

    private static async Task<(string? Adapter, string? Error)> ReplyAsync(PageServer server, string owner, string? adapter)
    {
        var settings = new ChatSettings { Model = "small", Adapter = adapter, MaxTokens = 4, Temperature = 0 };
        Conversation conversation = await server.Journal.CreateConversationAsync(owner, new ConversationDetails { Settings = settings.ToJson() });
        await server.Journal.AppendAsync(owner, conversation.Id, new NewMessage { Role = Role.User, Parts = [MessagePart.Typed("the fox")] });
        ConversationTree tree = (await server.Journal.ReadTreeAsync(owner, conversation.Id))!;
        LiveReply live = server.Services.GetRequiredService<Replies>().Start(owner, tree, tree.Conversation.ActiveLeaf);
        for (long seen = 0; !live.IsDone; seen = live.Read().Version) await live.WaitAsync(seen, Xunit.TestContext.Current.CancellationToken);
        tree = (await server.Journal.ReadTreeAsync(owner, conversation.Id))!;
        return (tree.ActivePath[^1].Reply?.Adapter, live.Error);
    }
}
