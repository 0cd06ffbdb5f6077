using Microsoft.Extensions.AI;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Chat.Tests;

/// <summary>Who is answered with which adapter.</summary>
public sealed class PersonalAdapterTests : IAsyncDisposable
{
    private readonly SmallWorkspace _small = new();
    private readonly string _base;

    public PersonalAdapterTests()
    {
        _base = Checkpoint.ReadLineage(_small.Workspace.Resolve("small"))!.Id;
        _small.SaveAdapter("small", "alice/1", seed: 1);
        _small.SaveAdapter("small", "alice/2", seed: 2);
        _small.SaveAdapter("small", "bob/1", seed: 3);
        _small.SaveAdapter("small", "shared", seed: 4);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _small.DisposeAsync();

    private void Wear(string owner, int number) => _small.Workspace.AdaptersOf(owner).SetCurrent(_base, new AdapterPointer(number));

    private async Task<(string Text, string? Adapter)> SayAsync(string? owner, string? model = "small", int tokens = 20)
    {
        ChatResponse reply = await _small.Catalog.ChatClient(model, owner).GetResponseAsync("the fox", new ChatOptions { MaxOutputTokens = tokens, Temperature = 0 }, Cancel);
        return (reply.Text, reply.Messages[0].AdditionalProperties?.GetValueOrDefault(ReverieChatClient.AdapterKey) as string);
    }

    private static async Task<bool> IsFreedAsync(ModelLease lease)
    {
        try
        {
            return (await lease.Model.ReplyAsync([new ChatMessage(ChatRole.User, "the fox")], new ChatOptions { MaxOutputTokens = 2 }, lease.Adapter, Cancel).ToListAsync(Cancel)).Count == 0;
        }
        catch (ReverieException e)
        {
            return e.Message.Contains("no longer loaded", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_model_that_is_named_alone_wears_for_each_person_her_current_adapter()
    {
        (string alone, string? none) = await SayAsync(null);
        Assert.Null(none);
        Assert.Equal((alone, null), await SayAsync("alice"));
        Wear("alice", 2);
        Wear("bob", 1);
        (string Text, string? Adapter)[] together = await Task.WhenAll(SayAsync("alice"), SayAsync("bob"), SayAsync(null), SayAsync("carol"), SayAsync("alice", "small+none"), SayAsync("alice", "small+alice/2"), SayAsync("alice", "small+shared"));
        Assert.Equal(["alice/2", "bob/1", null, null, null, "alice/2", "shared"], together.Select(t => t.Adapter));
        Assert.Equal(4, together.Select(t => t.Text).Distinct().Count());
        Assert.Equal([alone, alone, alone], new[] { 2, 3, 4 }.Select(i => together[i].Text));
        Assert.Equal(together[0].Text, together[5].Text);
        ChatResponse named = await _small.Catalog.ChatClient("small", "bob").GetResponseAsync("the fox", new ReverieChatOptions { Owner = "alice", MaxOutputTokens = 20, Temperature = 0 }, Cancel);
        Assert.Equal(together[0].Text, named.Text);
    }

    [Fact]
    public async Task Who_has_no_morning_is_answered_by_the_companys_and_hers_speaks_together_with_the_one_that_it_stands_on()
    {
        Workspace workspace = _small.Workspace;
        PersonalAdapters company = workspace.CompanyAdapters, alice = workspace.AdaptersOf("alice");
        (string alone, _) = await SayAsync(null);
        Wear("alice", 1);
        (string single, _) = await SayAsync("alice");
        using var checkpoint = Checkpoint.Load(workspace.Resolve("small"));
        using Adapter first = SmallModels.Adapter(checkpoint.Transformer, seed: 11), second = SmallModels.Adapter(checkpoint.Transformer, seed: 12), hers = SmallModels.Adapter(checkpoint.Transformer, seed: 1);
        Lineage ground = first.Save(company.FolderOf(1), SmallModels.Lineage("the company") with { Parent = _base });
        second.Save(company.FolderOf(2), SmallModels.Lineage("the company") with { Parent = _base });
        hers.Save(alice.FolderOf(3), SmallModels.Lineage("alice") with { Parent = _base, Beneath = ground.Id });
        company.SetCurrent(_base, new AdapterPointer(1));
        (string shared, string? name) = await SayAsync("carol");
        Assert.Equal("the company/1", name);
        Assert.NotEqual(alone, shared);
        Assert.Equal((alone, null), await SayAsync(null));
        Assert.Equal((alone, null), await SayAsync("carol", "small+none"));
        // Hers was made on the model alone and stays what it was.
        Assert.Equal((single, "alice/1"), await SayAsync("alice"));
        Wear("alice", 3);
        (string together, name) = await SayAsync("alice");
        Assert.Equal("alice/3", name);
        Assert.Equal(3, new[] { single, shared, together }.Distinct().Count());
        using (ModelLease lease = await _small.Catalog.OpenAsync("small", "alice", Cancel))
        {
            using Adapter both = Adapter.Compose(checkpoint.Transformer, first, hers);
            Assert.Equal(both.Parameters.Values.Span.ToArray(), lease.Adapter!.Parameters.Values.Span.ToArray());
        }

        // A later one of the company is everybody's who has none of her own; hers keeps what it was examined with.
        company.SetCurrent(_base, new AdapterPointer(2));
        Assert.Equal("the company/2", (await SayAsync("carol")).Adapter);
        Assert.Equal((together, "alice/3"), await SayAsync("alice"));
        Assert.Equal(["small+the company/2"], _small.Catalog.Models("carol").Where(m => m.IsCurrent).Select(m => m.Id));
        Assert.DoesNotContain(_small.Catalog.Models("carol"), m => m.Id.Contains("alice", StringComparison.Ordinal));

        // What it stands on is gone: nobody is answered with the half of it, loaded or not.
        Directory.Delete(company.FolderOf(1), recursive: true);
        Assert.Equal("the company/2", (await SayAsync("alice")).Adapter);
        await Assert.ThrowsAsync<ModelNotFoundException>(() => SayAsync("alice", "small+alice/3"));
        ModelLease used = await _small.Catalog.OpenAsync("small", "carol", Cancel);
        used.Dispose();
        _small.Catalog.Sweep();
        Assert.False(await IsFreedAsync(used));
        company.SetCurrent(_base, default);
        _small.Catalog.Sweep();
        Assert.True(await IsFreedAsync(used));
        Assert.Equal((alone, null), await SayAsync("alice"));
        await Assert.ThrowsAsync<ModelNotFoundException>(() => SayAsync(null, "small+the company/2"));
    }

    [Fact]
    public async Task The_pointer_is_read_at_each_request_and_a_rewind_gives_the_same_bits()
    {
        Wear("alice", 1);
        (string first, _) = await SayAsync("alice");
        using ModelLease kept = await _small.Catalog.OpenAsync("small", "alice", Cancel);
        byte[] weights = [.. System.Runtime.InteropServices.MemoryMarshal.AsBytes(kept.Adapter!.Parameters.Values.Span)];
        Wear("alice", 2);
        (string second, string? adapter) = await SayAsync("alice");
        Assert.Equal("alice/2", adapter);
        Assert.NotEqual(first, second);

        // A reply that has begun ends as it began.
        Assert.Equal("alice/1", kept.AdapterName);
        List<ChatEvent> going = await kept.Model.ReplyAsync([new ChatMessage(ChatRole.User, "the fox")], new ChatOptions { MaxOutputTokens = 20, Temperature = 0 }, kept.Adapter, Cancel).ToListAsync(Cancel);
        Assert.Equal(first, string.Concat(going.OfType<ChatEvent.Text>().Select(t => t.Value)));
        kept.Dispose();
        _small.Catalog.Sweep();
        Wear("alice", 1);
        using ModelLease again = await _small.Catalog.OpenAsync("small", "alice", Cancel);
        Assert.NotSame(kept.Adapter, again.Adapter);
        Assert.Equal(weights, System.Runtime.InteropServices.MemoryMarshal.AsBytes(again.Adapter!.Parameters.Values.Span).ToArray());
        Assert.Equal((first, "alice/1"), await SayAsync("alice"));
        Wear("alice", 0);
        Assert.Equal(await SayAsync(null), await SayAsync("alice"));
    }

    [Fact]
    public async Task An_adapter_that_is_no_longer_current_is_freed_once_nobody_uses_it()
    {
        Wear("alice", 1);
        ModelLease used = await _small.Catalog.OpenAsync("small", "alice", Cancel), shared = await _small.Catalog.OpenAsync("small+shared", null, Cancel);
        shared.Dispose();
        Wear("alice", 2);
        _small.Catalog.Sweep();
        Assert.False(await IsFreedAsync(used));
        used.Dispose();
        _small.Catalog.Sweep();
        Assert.True(await IsFreedAsync(used));
        Assert.False(await IsFreedAsync(shared));
        ModelLease current = await _small.Catalog.OpenAsync("small", "alice", Cancel);
        current.Dispose();
        _small.Catalog.Sweep();
        Assert.False(await IsFreedAsync(current));
        Directory.Delete(_small.Workspace.AdaptersOf("alice").FolderOf(2), recursive: true);
        _small.Catalog.Sweep();
        Assert.True(await IsFreedAsync(current));
    }

    [Theory]
    [InlineData("alice/1")]
    [InlineData("alice/2")]
    [InlineData("../alice/1")]
    [InlineData("bob/../alice/1")]
    [InlineData("bob/1/../../alice/1")]
    [InlineData("./alice/1")]
    [InlineData("alice")]
    [InlineData("ALICE/1")]
    [InlineData("alice/01")]
    [InlineData("bob/2")]
    [InlineData("bob/0")]
    [InlineData("bob/")]
    [InlineData("bob/current")]
    [InlineData("/1")]
    [InlineData("/etc")]
    public async Task What_is_anothers_is_what_nobody_has(string adapter)
    {
        Wear("alice", 1);
        async Task<string> RefusedAsync(string? owner, string named) => (await Assert.ThrowsAsync<ModelNotFoundException>(() => SayAsync(owner, $"small+{named}"))).Message.Replace($"\"{named}\"", "*", StringComparison.Ordinal);
        string unknown = await RefusedAsync("bob", "nobody/1");
        Assert.Equal(unknown, await RefusedAsync("bob", adapter));
        Assert.Equal(unknown, await RefusedAsync(null, adapter));
        Assert.Equal(unknown, await RefusedAsync("", adapter));
        Assert.Equal(unknown, await RefusedAsync("..", adapter));
        Assert.Equal(unknown, await RefusedAsync("a/b", adapter));
    }

    [Fact]
    public void Each_person_sees_her_own_and_everybodys()
    {
        string[] Seen(string? owner) => [.. _small.Catalog.Models(owner).Select(m => m.IsCurrent ? m.Id + "*" : m.Id)];
        Wear("alice", 1);
        Assert.Equal(["small", "small+shared"], Seen(null));
        Assert.Equal(["small", "small+shared"], Seen("carol"));
        Assert.Equal(["small", "small+shared"], Seen("../alice"));
        Assert.Equal(["small", "small+shared", "small+alice/2", "small+alice/1*", "small+none"], Seen("alice"));
        Assert.Equal(["small", "small+shared", "small+bob/1", "small+none*"], Seen("bob"));
    }

    [Fact]
    public async Task An_adapter_of_another_model_is_not_worn()
    {
        _small.Save("other", seed: 7);
        Wear("alice", 1);
        Assert.Null((await SayAsync("alice", "other")).Adapter);
        await Assert.ThrowsAsync<ModelNotFoundException>(() => SayAsync("alice", "other+alice/1"));
    }

    [Fact]
    public async Task A_damaged_one_is_told_and_the_model_alone_still_answers()
    {
        Wear("alice", 1);
        string file = Path.Combine(_small.Workspace.AdaptersOf("alice").FolderOf(1), Adapter.ConfigFileName);
        File.AppendAllText(file, " ");
        Assert.Contains("damaged", (await Assert.ThrowsAsync<ReverieException>(() => SayAsync("alice"))).Message, StringComparison.Ordinal);
        Assert.Null((await SayAsync("alice", "small+none")).Adapter);
        Wear("alice", 2);
        Assert.Equal("alice/2", (await SayAsync("alice")).Adapter);
        Assert.Throws<ReverieException>(() => new ModelCatalog(_small.Workspace, new ModelCatalogOptions { Adapters = new Dictionary<string, string> { ["alice/9"] = file } }));
    }

    [Fact]
    public async Task Adapters_come_and_go_while_their_owner_asks()
    {
        PersonalAdapters hers = _small.Workspace.AdaptersOf("alice");
        (string one, _) = await SayAsync("alice", "small+alice/1", tokens: 4);
        (string alone, _) = await SayAsync(null, tokens: 4);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task moving = Task.Run(async () =>
        {
            for (int i = 0; i < 40; i++)
            {
                Wear("alice", i % 2);
                _small.Catalog.Sweep();
                await Task.Delay(2, Cancel);
            }

            Wear("alice", 0);
            Directory.Delete(hers.FolderOf(1), recursive: true);
            await done.CancelAsync();
        }, Cancel);
        while (!done.IsCancellationRequested)
        {
            (string text, string? adapter) = await SayAsync("alice", tokens: 4);
            Assert.Equal(adapter is null ? alone : one, text);
        }

        await moving;
        Assert.Null((await SayAsync("alice")).Adapter);
    }

    [Fact]
    public async Task Vectors_are_the_models_own_unless_an_adapter_is_named()
    {
        Wear("alice", 1);
        Assert.Equal(("small+none", "small+alice/1", "small+none"), (_small.Catalog.WithoutCurrent("small"), _small.Catalog.WithoutCurrent("small+alice/1"), _small.Catalog.WithoutCurrent(null)));
        using ModelLease lease = await _small.Catalog.OpenAsync(_small.Catalog.WithoutCurrent(null), "alice", Cancel);
        Assert.Null(lease.Adapter);
    }
}
