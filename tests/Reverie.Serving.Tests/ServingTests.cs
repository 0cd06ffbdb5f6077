using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Reverie.Chat;
using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Serving.Tests;

public sealed class ServingTests
{
    /// <summary>A reply that cannot end: the tokens that would end it are forbidden.</summary>
    private static readonly string _endless = $$"""{"messages":[{"role":"user","content":"the fox"}],"stream":true,"logit_bias":{{{string.Join(',', SmallModels.Tokenizer.StopTokens.Select(t => $"\"{t}\":-100"))}} },"max_tokens":30000}""";

    [Fact]
    public async Task A_stored_response_is_continued_read_and_erased()
    {
        await using TestServer server = await TestServer.StartAsync();
        (_, JsonElement first) = await server.PostAsync("/v1/responses", """{"input":"the fox","max_output_tokens":5,"metadata":{"a":"b"}}""");
        string id = first.GetProperty("id").GetString()!;
        string[] events = await server.StreamAsync("/v1/responses", $$"""{"input":"and the dog?","max_output_tokens":5,"previous_response_id":"{{id}}","stream":true}""");
        JsonElement last = JsonDocument.Parse(events[^1]).RootElement;
        Assert.Equal(Enumerable.Range(0, events.Length), events.Select(e => JsonDocument.Parse(e).RootElement.GetProperty("sequence_number").GetInt32()));
        JsonElement second = last.GetProperty("response");
        Assert.True(second.GetProperty("usage").GetProperty("input_tokens").GetInt32() > first.GetProperty("usage").GetProperty("input_tokens").GetInt32());
        JsonElement again = JsonDocument.Parse(await server.Client.GetStringAsync($"/v1/responses/{id}")).RootElement;
        Assert.Equal(first.GetProperty("output").GetRawText(), again.GetProperty("output").GetRawText());
        Assert.Equal("b", again.GetProperty("metadata").GetProperty("a").GetString());
        Conversation kept = Assert.Single(await server.Journal.ListConversationsAsync("local"));
        ConversationTree tree = (await server.Journal.ReadTreeAsync("local", kept.Id))!;
        Assert.Equal([Role.User, Role.Assistant, Role.User, Role.Assistant], tree.Messages.Select(m => m.Role));
        Assert.Equal(5, (await server.Journal.ReadTraceAsync("local", tree.Messages[1].Id))!.Tokens.Count);
        Assert.True((await server.Client.DeleteAsync($"/v1/responses/{id}")).IsSuccessStatusCode);
        Assert.Equal(404, (int)(await server.Client.GetAsync($"/v1/responses/{id}")).StatusCode);
        Assert.Empty(await server.Journal.ListConversationsAsync("local"));
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":"the fox"}],"max_tokens":3}""")]
    [InlineData("/v1/messages", """{"messages":[{"role":"user","content":"the fox"}],"max_tokens":3}""")]
    public async Task Conversations_are_kept_where_they_should_be_and_nowhere_else(string path, string body)
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.PostAsync(path, body);
        Assert.Empty(await server.Journal.ListConversationsAsync("local"));
        await server.PostAsync(path, body[..^1] + ",\"store\":true}");
        await server.StreamAsync(path, body[..^1] + ",\"store\":true,\"stream\":true}");
        Assert.Equal(2, (await server.Journal.ListConversationsAsync("local")).Count);
    }

    [Fact]
    public async Task Tokens_go_there_and_back()
    {
        await using TestServer server = await TestServer.StartAsync();
        (_, JsonElement cut) = await server.PostAsync("/tokenize", """{"content":"the quick fox 🦊"}""");
        (_, JsonElement text) = await server.PostAsync("/detokenize", $$"""{"tokens":{{cut.GetProperty("tokens").GetRawText()}}}""");
        Assert.Equal("the quick fox 🦊", text.GetProperty("content").GetString());
        Assert.Equal(400, (await server.PostAsync("/detokenize", """{"tokens":[99999999]}""")).Status);
    }

    [Fact]
    public async Task Texts_are_continued_whole_and_in_a_stream()
    {
        await using TestServer server = await TestServer.StartAsync();
        const string request = """ "prompt":["the fox","the dog"],"n":2,"max_tokens":6,"seed":3,"logprobs":1""";
        (int status, JsonElement whole) = await server.PostAsync("/v1/completions", "{" + request + "}");
        Assert.Equal(200, status);
        string[] events = await server.StreamAsync("/v1/completions", "{" + request + ",\"stream\":true}");
        JsonElement[] parts = [.. events[..^1].SelectMany(e => JsonDocument.Parse(e).RootElement.GetProperty("choices").EnumerateArray())];
        foreach (JsonElement choice in whole.GetProperty("choices").EnumerateArray())
            Assert.Equal(choice.GetProperty("text").GetString(), string.Concat(parts.Where(p => p.GetProperty("index").GetInt32() == choice.GetProperty("index").GetInt32()).Select(p => p.GetProperty("text").GetString())));
    }

    [Fact]
    public async Task Requests_beyond_the_limit_are_told_when_to_come_again()
    {
        await using TestServer server = await TestServer.StartAsync(models: new ModelCatalogOptions { Model = new ChatModelOptions { MaxPending = 1 } }, context: 32768);
        using var cancel = new CancellationTokenSource();
        using HttpResponseMessage running = await server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = TestServer.Json(_endless) }, HttpCompletionOption.ResponseHeadersRead, cancel.Token);
        using HttpResponseMessage refused = await server.Client.PostAsync("/v1/chat/completions", TestServer.Json(_endless));
        Assert.Equal(429, (int)refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_vanishes_frees_its_slot(bool readsNothing)
    {
        await using TestServer server = await TestServer.StartAsync(new ServerOptions { WriteTimeout = TimeSpan.FromSeconds(1) }, context: 32768);

        // Who reads nothing is noticed when the buffers on the way are full, so there must be much to send.
        string body = readsNothing ? _endless[..^1] + ",\"logprobs\":true,\"top_logprobs\":20}" : _endless;
        using (ModelLease lease = await server.Catalog.OpenAsync(null))
        {
            using (var client = new TcpClient { ReceiveBufferSize = 1024 })
            {
                await client.ConnectAsync("127.0.0.1", server.Url.Port);
                await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
                await WaitAsync(() => lease.Model.PendingCount == 1);
                if (readsNothing) await WaitAsync(() => lease.Model.PendingCount == 0);
            }

            await WaitAsync(() => lease.Model.PendingCount == 0);
        }

        (int status, _) = await server.PostAsync("/v1/completions", """{"prompt":"the fox","max_tokens":2}""");
        Assert.Equal(200, status);
    }

    [Fact]
    public async Task A_response_tells_the_probabilities_of_its_text_where_they_are_asked_for()
    {
        await using TestServer server = await TestServer.StartAsync();
        const string Asked = """{"input":"the fox","max_output_tokens":5,"temperature":0,"store":false,"include":["message.output_text.logprobs"],"top_logprobs":2""";
        (int status, JsonElement whole) = await server.PostAsync("/v1/responses", Asked + "}");
        Assert.Equal(200, status);
        JsonElement part = whole.GetProperty("output").EnumerateArray().Last().GetProperty("content")[0];
        JsonElement[] tokens = [.. part.GetProperty("logprobs").EnumerateArray()];
        Assert.NotEmpty(tokens);
        Assert.All(tokens, t => Assert.Equal(2, t.GetProperty("top_logprobs").GetArrayLength()));
        Assert.All(tokens, t => Assert.True(t.GetProperty("logprob").GetSingle() <= 0));

        string[] events = await server.StreamAsync("/v1/responses", Asked + ",\"stream\":true}");
        JsonElement[] told = [.. events.Select(e => JsonDocument.Parse(e).RootElement)];
        string[] deltas = [.. told.Where(e => e.GetProperty("type").GetString() == "response.output_text.delta").SelectMany(e => e.GetProperty("logprobs").EnumerateArray()).Select(t => t.GetRawText())];
        Assert.Equal(tokens.Select(t => t.GetRawText()), deltas);
        Assert.Equal(deltas, told.Single(e => e.GetProperty("type").GetString() == "response.output_text.done").GetProperty("logprobs").EnumerateArray().Select(t => t.GetRawText()));

        Assert.Equal(400, (await server.PostAsync("/v1/responses", """{"input":"the fox","top_logprobs":2}""")).Status);
        (_, JsonElement plain) = await server.PostAsync("/v1/responses", """{"input":"the fox","max_output_tokens":5,"temperature":0,"store":false}""");
        Assert.Equal(0, plain.GetProperty("output").EnumerateArray().Last().GetProperty("content")[0].GetProperty("logprobs").GetArrayLength());
    }

    [Fact]
    public async Task The_API_describes_itself_and_counts()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.PostAsync("/v1/completions", """{"prompt":"the fox","max_tokens":4}""");
        JsonElement document = JsonDocument.Parse(await server.Client.GetStringAsync("/openapi/v1.json")).RootElement;
        JsonElement paths = document.GetProperty("paths");
        Assert.True(paths.GetProperty("/v1/chat/completions").GetProperty("post").TryGetProperty("requestBody", out _));
        Assert.Contains("max_completion_tokens", document.GetRawText(), StringComparison.Ordinal);
        string page = await server.Client.GetStringAsync("/docs/");
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
        string metrics = await server.Client.GetStringAsync("/metrics");
        Assert.Contains("gen_ai_server_time_to_first_token_seconds_count", metrics, StringComparison.Ordinal);
        Assert.Contains("gen_ai_client_token_usage", metrics, StringComparison.Ordinal);
        Assert.Matches("(?m)^reverie_sequences_running\\S* 0 ?", metrics);
        Assert.Matches("(?m)^reverie_cache_pages_limit\\S* [1-9]", metrics);
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        for (int i = 0; i < 600 && !condition(); i++) await Task.Delay(50);
        Assert.True(condition());
    }
}
