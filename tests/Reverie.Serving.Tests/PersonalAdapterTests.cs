using System.Net.Http.Headers;
using System.Text.Json;
using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Serving.Tests;

/// <summary>The same model's name means for each user her own adapter, and nothing of another's.</summary>
public sealed class PersonalAdapterTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Users_are_answered_in_one_batch_each_with_her_own_adapter()
    {
        Dictionary<string, string> keys = [];
        await using TestServer server = await TestServer.StartAsync(users: u => keys = new[] { "alice", "bob", "carol" }.ToDictionary(n => n, n => u.Add(n).Key));
        server.Wear("alice", 1, seed: 1);
        server.Wear("bob", 1, seed: 2);
        async Task<(string Model, string Text)> AskAsync(string user, string model = "small")
        {
            (int status, JsonElement body) = await SendAsync(server, "/v1/chat/completions", keys[user], $$"""{"model":"{{model}}","messages":[{"role":"user","content":"the fox"}],"max_tokens":20,"temperature":0}""");
            Assert.Equal(200, status);
            return (body.GetProperty("model").GetString()!, body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!);
        }

        (string Model, string Text) alice = await AskAsync("alice"), bob = await AskAsync("bob"), carol = await AskAsync("carol");
        Assert.Equal(("small@1+alice/1", "small@1+bob/1", "small@1"), (alice.Model, bob.Model, carol.Model));
        Assert.Equal(3, new[] { alice.Text, bob.Text, carol.Text }.Distinct().Count());
        Assert.Equal(carol, await AskAsync("alice", "small+none"));
        Assert.Equal(alice, await AskAsync("alice", "small+alice/1"));
        string[] users = [.. Enumerable.Range(0, 12).Select(i => keys.Keys.ElementAt(i % 3))];
        Assert.Equal(Enumerable.Range(0, 12).Select(i => new[] { alice, bob, carol }[i % 3]), await Task.WhenAll(users.Select(u => AskAsync(u))));

        // A new one speaks from the next request on.
        server.Wear("alice", 2, seed: 3);
        Assert.Equal("small@1+alice/2", (await AskAsync("alice")).Model);
        server.Workspace.AdaptersOf("alice").SetCurrent(Checkpoint.ReadLineage(server.Workspace.Resolve("small"))!.Id, new AdapterPointer(1));
        Assert.Equal(alice, await AskAsync("alice"));
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"MODEL","messages":[{"role":"user","content":"the fox"}]}""")]
    [InlineData("/v1/completions", """{"model":"MODEL","prompt":"the fox"}""")]
    [InlineData("/v1/responses", """{"model":"MODEL","input":"the fox"}""")]
    [InlineData("/v1/messages", """{"model":"MODEL","max_tokens":5,"messages":[{"role":"user","content":"the fox"}]}""")]
    [InlineData("/v1/messages/count_tokens", """{"model":"MODEL","messages":[{"role":"user","content":"the fox"}]}""")]
    [InlineData("/v1/embeddings", """{"model":"MODEL","input":"the fox"}""")]
    [InlineData("/tokenize", """{"model":"MODEL","content":"the fox"}""")]
    public async Task Anothers_adapter_is_the_same_as_none_everywhere(string path, string body)
    {
        string alice = "", bob = "";
        await using TestServer server = await TestServer.StartAsync(users: u => (alice, bob) = (u.Add("alice").Key, u.Add("bob").Key));
        server.Wear("alice", 1, seed: 1);
        async Task<(int Status, string Body)> AskAsync(string key, string adapter)
        {
            (int status, JsonElement answer) = await SendAsync(server, path, key, body.Replace("MODEL", $"small+{adapter}", StringComparison.Ordinal));
            return (status, answer.GetRawText().Replace(adapter, "*", StringComparison.Ordinal));
        }

        (int Status, string Body) unknown = await AskAsync(bob, "nobody/1");
        Assert.Equal(404, unknown.Status);
        Assert.DoesNotContain("alice", unknown.Body, StringComparison.Ordinal);
        Assert.Equal(200, (await AskAsync(alice, "alice/1")).Status);
        foreach (string adapter in new[] { "alice/1", "alice/2", "../alice/1", "bob/../alice/1" })
        {
            (int status, string answer) = await AskAsync(bob, adapter);
            Assert.Equal((unknown.Status, WithoutIds(unknown.Body)), (status, WithoutIds(answer)));
        }
    }

    [Fact]
    public async Task No_way_of_writing_anothers_adapter_names_lists_or_wears_it()
    {
        string alice = "", bob = "", capital = "";
        await using TestServer server = await TestServer.StartAsync(users: u => (alice, bob, capital) = (u.Add("alice").Key, u.Add("bob").Key, u.Add("Alice").Key));
        server.Wear("alice", 1, seed: 1);
        server.Wear("alice", 2, seed: 2);
        server.Wear("bob", 1, seed: 3);
        const string Body = """{"messages":[{"role":"user","content":"the fox"}],"max_tokens":20,"temperature":0,"user":"alice","metadata":{"user_id":"alice"},"model":MODEL}""";
        async Task<(int Status, string Body)> AskAsync(string key, string model)
        {
            (int status, JsonElement answer) = await SendAsync(server, "/v1/chat/completions", key, Body.Replace("MODEL", JsonSerializer.Serialize(model), StringComparison.Ordinal));
            return (status, status == 200 ? answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()! : WithoutIds(answer.GetRawText().Replace(JsonSerializer.Serialize(model)[1..^1], "*", StringComparison.Ordinal)));
        }

        string[] hers = [(await AskAsync(alice, "small+alice/1")).Body, (await AskAsync(alice, "small+alice/2")).Body], his = [(await AskAsync(bob, "small")).Body, (await AskAsync(bob, "small+none")).Body];
        Assert.Equal(4, hers.Concat(his).Distinct().Count());
        string[] folders = [server.Workspace.AdaptersOf("alice").FolderOf(1), Path.GetRelativePath(server.Workspace.Root, server.Workspace.AdaptersOf("alice").FolderOf(1))];
        string[] adapters =
        [
            "alice/1", "alice/2", "alice/3", "ALICE/1", "Alice/1", "alice/01", "alice/+1", "alice/1.0", "alice/１", "alice/1/", "alice//1", "/alice/1", "./alice/1", "alice/1 ", " alice/1", "alice\\1", "alice/1\0", "alice", "alice/", "alice/current", "alice/last",
            "alice%2F1", "alice%2f1", "%61lice/1", "alice%252F1", "../alice/1", "..%2Falice%2F1", "bob/../alice/1", "bob/../../alice/1", "bob/1/../../alice/1", "bob/1+alice/1", "alice/1+bob/1", "+alice/1", "alice@1/1", "alice/1@1", "bob\u0000/alice/1", "al\u0131ce/1", "\uff41lice/1", "alice/*", "*/1",
            .. folders,
        ];
        string[] models = [.. adapters.SelectMany(a => new[] { $"small+{a}", $"small@1+{a}", $"SMALL+{a}" }), .. adapters, .. folders.Select(f => "../" + f), "small@1+../adapters/alice/1", "../../adapters/alice/1"];
        foreach ((string key, string who) in new[] { (bob, "bob"), (capital, "Alice") })
            foreach (string model in models.Distinct())
            {
                (int status, string answer) = await AskAsync(key, model);
                Assert.True(status is 404 or 400, $"{who} asked for {model}: {status} {answer}");
                Assert.DoesNotContain(hers, h => answer.Contains(h, StringComparison.Ordinal));
            }

        // What is there and what is not are refused in the same words.
        foreach (string key in new[] { bob, capital })
            Assert.Equal((await AskAsync(key, "small+alice/1")).Body, (await AskAsync(key, "small+carol/1")).Body.Replace("carol", "alice", StringComparison.Ordinal));
        foreach (string path in new[] { "small+alice/1", "small+alice%2F1", "small+alice%252F1", "small+%61lice/1", "small+bob%2F..%2Falice%2F1", "small+bob/%2e%2e/alice/1", "alice/1", "small@1+alice/1", "%2e%2e/adapters/alice/1", Uri.EscapeDataString(folders[0]) })
            Assert.Equal(404, (await SendAsync(server, "/v1/models/" + path, bob)).Status);
        foreach (string key in new[] { bob, capital })
            Assert.DoesNotContain("alice", (await SendAsync(server, "/v1/models?user=alice&owner=alice", key)).Body.GetRawText(), StringComparison.Ordinal);

        // Another's stored answer neither is found nor goes on, and no morning of hers was touched.
        (_, JsonElement stored) = await SendAsync(server, "/v1/responses", alice, """{"input":"the fox","max_output_tokens":4}""");
        string id = stored.GetProperty("id").GetString()!;
        Assert.Equal(404, (await SendAsync(server, $"/v1/responses/{id}", bob)).Status);
        Assert.NotEqual(200, (await SendAsync(server, "/v1/responses", bob, $$"""{"input":"and?","max_output_tokens":4,"previous_response_id":"{{id}}"}""")).Status);
        Assert.Equal([1, 2], server.Workspace.AdaptersOf("alice").Numbers);
        Assert.Equal([hers[1], his[0]], [(await AskAsync(alice, "small")).Body, (await AskAsync(bob, "small")).Body]);
    }

    [Fact]
    public async Task Each_user_sees_her_own_and_the_journal_names_who_spoke()
    {
        string alice = "", bob = "";
        await using TestServer server = await TestServer.StartAsync(users: u => (alice, bob) = (u.Add("alice").Key, u.Add("bob").Key));
        server.Wear("alice", 1, seed: 1);
        async Task<string[]> SeenAsync(string key) => [.. (await SendAsync(server, "/v1/models", key)).Body.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("id").GetString()!)];
        Assert.Equal(["small", "small+alice/1", "small+none"], await SeenAsync(alice));
        Assert.Equal(["small"], await SeenAsync(bob));
        Assert.Equal(200, (await SendAsync(server, "/v1/models/small+alice%2F1", alice)).Status);
        Assert.Equal(200, (await SendAsync(server, "/v1/models/small+alice/1", alice)).Status);
        Assert.Equal(404, (await SendAsync(server, "/v1/models/small+alice/1", bob)).Status);

        (_, JsonElement stored) = await SendAsync(server, "/v1/responses", alice, """{"input":"the fox","max_output_tokens":4}""");
        Assert.Equal("small@1+alice/1", stored.GetProperty("model").GetString());
        Conversation conversation = Assert.Single(await server.Journal.ListConversationsAsync("alice", cancellation: Cancel));
        Assert.Equal("alice/1", (await server.Journal.ReadTreeAsync("alice", conversation.Id, Cancel))!.ActivePath[^1].Reply!.Adapter);
        Assert.Equal("small@1+alice/1", (await SendAsync(server, $"/v1/responses/{stored.GetProperty("id").GetString()}", alice)).Body.GetProperty("model").GetString());

        // Vectors that are kept must not change with the day.
        (_, JsonElement hers) = await SendAsync(server, "/v1/embeddings", alice, """{"input":"the fox"}""");
        (_, JsonElement his) = await SendAsync(server, "/v1/embeddings", bob, """{"input":"the fox"}""");
        Assert.Equal(his.GetProperty("data").GetRawText(), hers.GetProperty("data").GetRawText());
    }

    private static string WithoutIds(string body) => System.Text.RegularExpressions.Regex.Replace(body, "req_[0-9A-Za-z]+", "");

    private static async Task<(int Status, JsonElement Body)> SendAsync(TestServer server, string path, string key, string? body = null)
    {
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, path) { Content = body is null ? null : TestServer.Json(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using HttpResponseMessage response = await server.Client.SendAsync(request, Cancel);
        return ((int)response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement);
    }
}
