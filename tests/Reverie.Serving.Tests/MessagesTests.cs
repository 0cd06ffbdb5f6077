using System.Text.Json;

namespace Reverie.Serving.Tests;

public sealed class MessagesTests : IAsyncLifetime
{
    private const string Path = "/v1/messages";

    private const string Call = """
        "tools":[{"name":"paint","input_schema":{"type":"object","properties":{"color":{"enum":["red"]}},"required":["color"],"additionalProperties":false}}],
        "tool_choice":{"type":"tool","name":"paint","disable_parallel_tool_use":true}
        """;

    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(context: 2048);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_call_comes_as_a_block_whole_and_in_a_stream()
    {
        string request = $$"""{"max_tokens":100,"messages":[{"role":"user","content":"the fox"}],{{Call}}""";
        (int status, JsonElement whole) = await _server.PostAsync(Path, request + "}");
        Assert.Equal((200, "tool_use"), (status, whole.GetProperty("stop_reason").GetString()));
        JsonElement block = whole.GetProperty("content")[0];
        Assert.Equal(("tool_use", "paint", "red"), (block.GetProperty("type").GetString(), block.GetProperty("name").GetString(), block.GetProperty("input").GetProperty("color").GetString()));
        JsonElement[] events = [.. (await _server.StreamAsync(Path, request + ",\"stream\":true}")).Select(e => JsonDocument.Parse(e).RootElement)];
        string[] types = [.. events.Select(e => e.GetProperty("type").GetString()!)];
        Assert.Equal(["message_start", "content_block_start"], types[..2]);
        Assert.Equal(["content_block_stop", "message_delta", "message_stop"], types[^3..]);
        string arguments = string.Concat(events.Where(e => e.GetProperty("type").GetString() == "content_block_delta").Select(e => e.GetProperty("delta").GetProperty("partial_json").GetString()));
        Assert.Equal("red", JsonDocument.Parse(arguments).RootElement.GetProperty("color").GetString());
    }

    [Fact]
    public async Task Results_of_tools_thoughts_and_instructions_are_read_and_counted()
    {
        const string conversation = """
            "system":[{"type":"text","text":"be brief"}],"messages":[{"role":"user","content":"the fox"},
            {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":""},{"type":"tool_use","id":"t1","name":"paint","input":{"color":"red"}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"done"}]},{"type":"text","text":"thanks"}]}]
            """;
        (int status, JsonElement answer) = await _server.PostAsync(Path, """{"max_tokens":4,""" + conversation + "}");
        Assert.Equal(200, status);
        (_, JsonElement count) = await _server.PostAsync(Path + "/count_tokens", "{" + conversation + "}");
        JsonElement usage = answer.GetProperty("usage");
        Assert.Equal(count.GetProperty("input_tokens").GetInt64(), usage.GetProperty("input_tokens").GetInt64() + usage.GetProperty("cache_read_input_tokens").GetInt64());
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"a"}]}""", "invalid_request_error", 400)]
    [InlineData("""{"max_tokens":5,"messages":[{"role":"user","content":"a"}],"model":"nobody"}""", "not_found_error", 404)]
    [InlineData("""{"max_tokens":5,"messages":[{"role":"user","content":[{"type":"image","source":{}}]}]}""", "invalid_request_error", 400)]
    public async Task Errors_have_Anthropics_shape(string body, string type, int status)
    {
        (int got, JsonElement answer) = await _server.PostAsync(Path, body);
        Assert.Equal((status, "error", type), (got, answer.GetProperty("type").GetString(), answer.GetProperty("error").GetProperty("type").GetString()));
    }
}
