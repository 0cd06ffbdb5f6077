using Microsoft.Extensions.AI;

namespace Reverie.Chat.Tests;

public sealed class ModelCatalogTests : IAsyncDisposable
{
    private readonly SmallWorkspace _small = new(options: new ModelCatalogOptions { MaxLoaded = 2 });

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _small.DisposeAsync();

    [Fact]
    public void Models_versions_and_the_adapters_that_fit_are_listed()
    {
        _small.SaveAdapter("small", "alice");
        _small.SaveAdapter("small", Path.Combine("bob", "2"));
        _small.Save("small", seed: 5);
        _small.Save("other", seed: 2);
        Assert.Equal(["other", "small@1", "small@1+alice", "small"], _small.Catalog.Models().Select(m => m.Id).OrderBy(i => i == "small" ? 1 : 0));
        Assert.Equal("small@1", _small.Catalog.Models().Single(m => m.Id == "small@1+alice").Base);
        Assert.All(_small.Catalog.Models(), m => Assert.False(m.IsLoaded));
    }

    [Fact]
    public async Task A_model_that_nobody_uses_makes_room_and_one_in_use_stays()
    {
        _small.Save("b", seed: 2);
        _small.Save("c", seed: 3);
        _small.Save("d", seed: 4);
        using ModelLease kept = await _small.Catalog.OpenAsync("small", cancel: Cancel);
        foreach (string other in new[] { "b", "c", "d", "b" })
        {
            using ModelLease lease = await _small.Catalog.OpenAsync(other, cancel: Cancel);
            Assert.Equal($"{other}@1", lease.Model.Id);
        }

        Assert.Equal(["b", "small"], _small.Catalog.Models().Where(m => m.IsLoaded).Select(m => m.Id));
        Assert.NotEmpty(await kept.Model.ReplyAsync([new ChatMessage(ChatRole.User, "the fox")], new ChatOptions { MaxOutputTokens = 2 }, cancel: Cancel).ToListAsync(Cancel));
    }

    [Fact]
    public async Task Two_models_reply_at_once()
    {
        _small.Save("other", seed: 2);
        ReverieChatClient client = _small.Catalog.ChatClient("small");
        string[] names = [.. Enumerable.Range(0, 8).Select(i => i % 2 == 0 ? "small" : "other")];
        ChatResponse[] replies = await Task.WhenAll(names.Select(n => client.GetResponseAsync("the fox", new ChatOptions { ModelId = n, MaxOutputTokens = 20, Temperature = 0 }, Cancel)));
        Assert.Equal(names.Select(n => n + "@1"), replies.Select(r => r.ModelId));
        Assert.Equal(2, replies.Select(r => r.Text).Distinct().Count());
    }

    [Fact]
    public async Task Each_reply_is_written_with_the_adapter_it_names_also_where_they_are_read_again()
    {
        await using var small = new SmallWorkspace(options: new ModelCatalogOptions { MaxAdapters = 1 });
        string[] adapters = ["one", "two", "three"];
        for (int i = 0; i < adapters.Length; i++) small.SaveAdapter("small", adapters[i], seed: (ulong)i + 1);
        ReverieChatClient client = small.Catalog.ChatClient();
        string[] ids = ["small", .. adapters.Select(a => $"small+{a}")];
        async Task<string> Say(string id) => (await client.GetResponseAsync("the fox", new ChatOptions { ModelId = id, MaxOutputTokens = 20, Temperature = 0 }, Cancel)).Text;
        List<string> alone = [];
        foreach (string id in ids) alone.Add(await Say(id));
        Assert.Equal(ids.Length, alone.Distinct().Count());
        Assert.Equal(Enumerable.Range(0, 24).Select(i => alone[i % ids.Length]), await Task.WhenAll(Enumerable.Range(0, 24).Select(i => Say(ids[i % ids.Length]))));
        ChatResponse reply = await client.GetResponseAsync("the fox", new ChatOptions { ModelId = "small+two", MaxOutputTokens = 2 }, Cancel);
        Assert.Equal("two", reply.Messages[0].AdditionalProperties![ReverieChatClient.AdapterKey]);
    }

    [Fact]
    public async Task Everything_can_be_closed_in_the_middle_of_a_reply()
    {
        await using var small = new SmallWorkspace(context: 4096);
        IAsyncEnumerator<ChatResponseUpdate> reply = small.Catalog.ChatClient().GetStreamingResponseAsync("the fox", new ChatOptions { Seed = 1 }, Cancel).GetAsyncEnumerator(Cancel);
        await using (reply)
        {
            Assert.True(await reply.MoveNextAsync());
            await small.Catalog.DisposeAsync();
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                while (await reply.MoveNextAsync()) Assert.NotNull(reply.Current);
            });
        }
    }
}
