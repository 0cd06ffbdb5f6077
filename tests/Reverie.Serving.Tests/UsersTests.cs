using System.Net.Http.Headers;
using System.Text.Json;
using Reverie.Chat;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Serving.Tests;

public sealed class UsersTests
{
    private const string Ask = """{"input":"my secret is the fox","max_output_tokens":4}""";

    [Fact]
    public async Task Once_there_is_a_key_everybody_needs_one()
    {
        string ada = "", old = "";
        await using TestServer server = await TestServer.StartAsync(users: u => (ada, old) = (u.Add("ada").Key, u.Add("ada", lifetime: TimeSpan.FromMilliseconds(1)).Key));
        Assert.Equal(401, (await server.PostAsync("/v1/responses", Ask)).Status);
        Assert.Equal(200, (int)(await SendAsync(server, HttpMethod.Get, "/v1/models", ada)).Status);
        Assert.Equal(401, (int)(await SendAsync(server, HttpMethod.Get, "/v1/models", old)).Status);
        Assert.Equal(401, (int)(await SendAsync(server, HttpMethod.Get, "/v1/models", ada[..^1])).Status);
        Assert.Equal(401, (int)(await SendAsync(server, HttpMethod.Get, "/metrics", null)).Status);
        server.Users.Revoke(server.Users.Keys[0].Id);
        Assert.Equal(401, (int)(await SendAsync(server, HttpMethod.Get, "/v1/models", ada)).Status);
    }

    [Fact]
    public async Task Nobody_reads_or_erases_what_another_user_has_stored()
    {
        string ada = "", bob = "";
        await using TestServer server = await TestServer.StartAsync(users: u => (ada, bob) = (u.Add("ada").Key, u.Add("bob").Key));
        (_, JsonElement stored) = await SendAsync(server, HttpMethod.Post, "/v1/responses", ada, Ask);
        string id = stored.GetProperty("id").GetString()!;
        Assert.Equal(404, (await SendAsync(server, HttpMethod.Get, $"/v1/responses/{id}", bob)).Status);
        Assert.Equal(404, (await SendAsync(server, HttpMethod.Delete, $"/v1/responses/{id}", bob)).Status);
        (int status, JsonElement error) = await SendAsync(server, HttpMethod.Post, "/v1/responses", bob, $$"""{"input":"and?","previous_response_id":"{{id}}"}""");
        Assert.Equal((400, "previous_response_not_found"), (status, error.GetProperty("error").GetProperty("code").GetString()));
        Assert.Empty(await server.Journal.ListConversationsAsync("bob"));
        Assert.Equal(200, (await SendAsync(server, HttpMethod.Get, $"/v1/responses/{id}", ada)).Status);
    }

    [Fact]
    public async Task A_key_is_told_when_its_minute_is_over()
    {
        string key = "";
        await using TestServer server = await TestServer.StartAsync(users: u => key = u.Add("ada", new KeyLimits { RequestsPerMinute = 2, TokensPerMinute = 100000 }).Key);
        for (int i = 0; i < 2; i++) Assert.Equal(200, (await SendAsync(server, HttpMethod.Post, "/v1/responses", key, Ask)).Status);
        using HttpRequestMessage request = Request(HttpMethod.Post, "/v1/responses", key, Ask);
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        Assert.Equal(429, (int)response.StatusCode);
        Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Equal("2", response.Headers.GetValues("x-ratelimit-limit-requests").Single());
        Assert.Equal("0", response.Headers.GetValues("x-ratelimit-remaining-requests").Single());
    }

    [Fact]
    public async Task Who_leaves_a_reply_pays_for_what_was_made_of_it()
    {
        const int limit = 600;
        string key = "";
        await using TestServer server = await TestServer.StartAsync(context: 32768, users: u => key = u.Add("ada", new KeyLimits { TokensPerMinute = limit }).Key);
        string prompt = string.Concat(Enumerable.Repeat("go on ", 60));
        using ModelLease lease = await server.Catalog.OpenAsync(null);
        using (HttpRequestMessage endless = Request(HttpMethod.Post, "/v1/completions", key, $$"""{"prompt":"{{prompt}}","max_tokens":30000,"stream":true,"seed":1}"""))
        using (HttpResponseMessage left = await server.Client.SendAsync(endless, HttpCompletionOption.ResponseHeadersRead))
            Assert.Equal(200, (int)left.StatusCode);
        for (int i = 0; i < 500 && lease.Model.PendingCount > 0; i++) await Task.Delay(10);
        await Task.Delay(100);

        using HttpRequestMessage request = Request(HttpMethod.Post, "/v1/completions", key, """{"prompt":"the fox","max_tokens":1}""");
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        int rest = int.Parse(response.Headers.GetValues("x-ratelimit-remaining-tokens").Single(), System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(rest, 0, limit - lease.Model.Tokenizer.Encode(prompt).Length + 10);
    }

    [Fact]
    public void Keys_are_kept_as_hashes_that_their_owner_alone_may_read()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"reverie-keys-{Guid.NewGuid():N}");
        var store = new UserStore(new Workspace(folder));
        (string key, ApiKey kept) = store.Add("ada");
        string file = Path.Combine(folder, "keys.json");
        Assert.DoesNotContain(key, File.ReadAllText(file), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(("ada", kept.Id), (new UserStore(new Workspace(folder)).FindByKey(key)!.Id, new UserStore(new Workspace(folder)).FindByKey(key)!.KeyId));
        Assert.Null(store.FindByKey("rv-" + new string('A', 43)));
        Assert.Throws<ReverieException>(() => store.Add("a b"));
        Assert.Throws<ReverieException>(() => store.Revoke("nothing"));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Other_machines_are_not_listened_to_without_a_key()
    {
        ReverieException error = await Assert.ThrowsAsync<ReverieException>(() => TestServer.StartAsync(new ServerOptions { Host = "0.0.0.0" }));
        Assert.Contains("reverie keys add", error.Message, StringComparison.Ordinal);
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, string? key, string? body)
    {
        var request = new HttpRequestMessage(method, path);
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (body is not null) request.Content = TestServer.Json(body);
        return request;
    }

    private static async Task<(int Status, JsonElement Body)> SendAsync(TestServer server, HttpMethod method, string path, string? key, string? body = null)
    {
        using HttpRequestMessage request = Request(method, path, key, body);
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType == "application/json" ? JsonDocument.Parse(text).RootElement : default);
    }
}
