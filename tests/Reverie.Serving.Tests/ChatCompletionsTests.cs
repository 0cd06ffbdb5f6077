using System.Text.Json;

namespace Reverie.Serving.Tests;

public sealed class ChatCompletionsTests : IAsyncLifetime
{
    private const string Path = "/v1/chat/completions";
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_stream_says_what_the_whole_answer_says()
    {
        const string request = """ "messages":[{"role":"user","content":"the fox"}],"max_tokens":24,"seed":7,"n":3,"logprobs":true,"top_logprobs":2""";
        (int status, JsonElement whole) = await _server.PostAsync(Path, "{" + request + "}");
        Assert.Equal(200, status);
        string[] events = await _server.StreamAsync(Path, "{" + request + ""","stream":true,"stream_options":{"include_usage":true}}""");
        Assert.Equal("[DONE]", events[^1]);
        JsonElement[] chunks = [.. events[..^1].Select(e => JsonDocument.Parse(e).RootElement)];
        Assert.All(chunks, c => Assert.Equal(chunks[0].GetProperty("id").GetString(), c.GetProperty("id").GetString()));
        JsonElement usage = chunks[^1].GetProperty("usage");
        Assert.Empty(chunks[^1].GetProperty("choices").EnumerateArray());
        Assert.Equal(whole.GetProperty("usage").GetProperty("completion_tokens").GetInt32(), usage.GetProperty("completion_tokens").GetInt32());
        foreach (JsonElement choice in whole.GetProperty("choices").EnumerateArray())
        {
            int index = choice.GetProperty("index").GetInt32();
            JsonElement[] parts = [.. chunks.SelectMany(c => c.GetProperty("choices").EnumerateArray()).Where(c => c.GetProperty("index").GetInt32() == index)];
            string text = string.Concat(parts.Select(p => p.GetProperty("delta").TryGetProperty("content", out JsonElement content) ? content.GetString() : ""));
            Assert.Equal(choice.GetProperty("message").GetProperty("content").GetString(), text);
            Assert.Equal(choice.GetProperty("finish_reason").GetString(), parts[^1].GetProperty("finish_reason").GetString());
            string[] logprobs = [.. parts.Select(p => p.GetProperty("logprobs")).Where(l => l.ValueKind == JsonValueKind.Object).SelectMany(l => l.GetProperty("content").EnumerateArray()).Select(t => t.GetRawText())];
            Assert.Equal(choice.GetProperty("logprobs").GetProperty("content").EnumerateArray().Select(t => t.GetRawText()), logprobs);
        }
    }

    [Theory]
    [InlineData("""{"messages":""", 400, null, "invalid_json")]
    [InlineData("null", 400, null, "invalid_json")]
    [InlineData("[]", 400, null, "invalid_type")]
    [InlineData("{}", 400, "messages", "missing_required_parameter")]
    [InlineData("""{"messages":5}""", 400, "messages", "invalid_type")]
    [InlineData("""{"messages":[{"role":"user","content":"\ud800"}]}""", 400, "messages[0].content", "invalid_unicode")]
    [InlineData("""{"messages":[{"role":"\udc00","content":"a"}]}""", 400, "messages[0].role", "invalid_unicode")]
    [InlineData("""{"messages":[{"role":"user","content":{"a":1}}]}""", 400, "messages[0].content", "invalid_type")]
    [InlineData("""{"messages":[{"role":"pirate","content":"a"}]}""", 400, "messages[0].role", null)]
    [InlineData("""{"messages":[null]}""", 400, "messages[0]", null)]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}""", 400, "messages[0].content[0]", "unsupported_parameter")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"model":"nobody"}""", 404, "model", "model_not_found")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"model":"../../etc"}""", 404, "model", "model_not_found")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"temperature":"hot"}""", 400, "temperature", "invalid_type")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"temperature":3}""", 400, "temperature", "invalid_value")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"temperature":1e999}""", 400, "temperature", null)]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"max_tokens":1e30}""", 400, "max_tokens", "invalid_type")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"max_tokens":0}""", 400, "max_tokens", "invalid_value")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"max_tokens":5,"max_completion_tokens":6}""", 400, "max_tokens", null)]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"stream":1}""", 400, "stream", "invalid_type")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"top_logprobs":2}""", 400, "top_logprobs", null)]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"n":1000000}""", 400, "n", "invalid_value")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"logit_bias":{"99999999":1}}""", 400, "logit_bias", null)]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"stop":["a",""]}""", 400, "stop", null)]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"tool_choice":"required"}""", 400, "tool_choice", null)]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"response_format":{"type":"json_schema"}}""", 400, "response_format", "invalid_schema")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"response_format":{"type":"json_object"},"grammar":"root ::= \"a\""}""", 400, "grammar", null)]
    [InlineData("""{"messages":[{"role":"tool","content":"a"}]}""", 400, "messages[0].tool_call_id", null)]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"stream_options":{}}""", 400, "stream_options", null)]
    public async Task What_makes_no_sense_is_refused_by_the_name_of_its_field(string body, int status, string? param, string? code)
    {
        (int got, JsonElement answer) = await _server.PostAsync(Path, body);
        JsonElement error = answer.GetProperty("error");
        Assert.Equal((status, param), (got, error.GetProperty("param").GetString()));
        if (code is not null) Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        await AnswersAsync();
    }

    [Fact]
    public async Task A_conversation_that_does_not_fit_is_told_by_its_code()
    {
        string text = string.Concat(Enumerable.Repeat("the fox ", 2000));
        foreach (string stream in new[] { "false", "true" })
        {
            (int status, JsonElement answer) = await _server.PostAsync(Path, $$"""{"messages":[{"role":"user","content":"{{text}}"}],"stream":{{stream}}}""");
            Assert.Equal((400, "context_length_exceeded"), (status, answer.GetProperty("error").GetProperty("code").GetString()));
        }

        await AnswersAsync();
    }

    [Fact]
    public async Task A_huge_body_is_refused_without_being_read()
    {
        using var content = new ByteArrayContent(new byte[100_000_000]);
        content.Headers.ContentType = new("application/json");
        try
        {
            using HttpResponseMessage response = await _server.Client.PostAsync(Path, content);
            Assert.Equal(413, (int)response.StatusCode);
        }
        catch (HttpRequestException)
        {
            // The server may close before the client has sent all.
        }

        await AnswersAsync();
    }

    [Theory]
    [InlineData("GET", "/v1/nothing", 404)]
    [InlineData("PUT", Path, 405)]
    [InlineData("GET", "/v1/models/nobody", 404)]
    public async Task Routes_and_methods_that_are_not_there_are_told_in_the_same_shape(string method, string path, int status)
    {
        using HttpResponseMessage response = await _server.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal(status, (int)response.StatusCode);
        Assert.NotEmpty(JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetProperty("message").GetString()!);
    }

    [Theory]
    [InlineData("Host", "evil.example", 421)]
    [InlineData("Origin", "https://evil.example", 403)]
    [InlineData("Origin", "null", 403)]
    public async Task Other_peoples_web_pages_cannot_use_the_server(string header, string value, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.TryAddWithoutValidation(header, value);
        using HttpResponseMessage response = await _server.Client.SendAsync(request);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_form_of_a_web_page_is_no_request()
    {
        using HttpResponseMessage response = await _server.Client.PostAsync(Path, new StringContent("""{"messages":[{"role":"user","content":"a"}]}"""));
        Assert.Equal(415, (int)response.StatusCode);
    }

    private async Task AnswersAsync()
    {
        (int status, JsonElement answer) = await _server.PostAsync(Path, """{"messages":[{"role":"user","content":"the fox"}],"max_tokens":1}""");
        Assert.Equal((200, "length"), (status, answer.GetProperty("choices")[0].GetProperty("finish_reason").GetString()));
    }
}
