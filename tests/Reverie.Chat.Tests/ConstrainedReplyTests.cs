using System.ComponentModel;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Reverie.Tensors;

namespace Reverie.Chat.Tests;

public sealed class ConstrainedReplyTests : IAsyncDisposable
{
    private readonly SmallWorkspace _small = new(context: 2048);

    private ReverieChatClient Client => _small.Catalog.ChatClient();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _small.DisposeAsync();

    private enum Colour { Red, Green }

    private sealed record Ball(Colour Colour, bool Bounces);

    [Fact]
    public async Task Structured_output_is_of_its_type_whatever_the_model_thinks()
    {
        for (int seed = 0; seed < 5; seed++)
        {
            ChatResponse<Ball> reply = await Client.GetResponseAsync<Ball>("a ball", new ChatOptions { Seed = seed }, cancellationToken: Cancel);
            Assert.True(reply.TryGetResult(out Ball? ball), reply.Text);
            Assert.True(Enum.IsDefined(ball.Colour));
        }
    }

    [Fact]
    public async Task A_grammar_is_followed_to_the_letter()
    {
        ChatResponse reply = await Client.GetResponseAsync("hm", new ReverieChatOptions { Grammar = "root ::= \"the \" (\"fox\" | \"dog\") \" sleeps\"" }, Cancel);
        Assert.Contains(reply.Text, new[] { "the fox sleeps", "the dog sleeps" });
        Assert.Equal(ChatFinishReason.Stop, reply.FinishReason);
    }

    [Fact]
    public async Task A_required_tool_is_called_with_arguments_of_its_schema_and_its_result_is_answered()
    {
        List<(Colour, bool)> called = [];
        AIFunction paint = AIFunctionFactory.Create(([Description("which")] Colour colour, bool twice) => { called.Add((colour, twice)); return "done"; }, "paint");
        using IChatClient client = Client.AsBuilder().UseFunctionInvocation().UseOpenTelemetry().Build();
        ChatResponse reply = await client.GetResponseAsync("paint it", new ChatOptions { Tools = [paint], ToolMode = ChatToolMode.RequireSpecific("paint"), AllowMultipleToolCalls = false, MaxOutputTokens = 60, Seed = 4 }, Cancel);
        Assert.NotEmpty(called);
        Assert.Equal([ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant], reply.Messages.Take(3).Select(m => m.Role));
        FunctionCallContent call = Assert.Single(reply.Messages[0].Contents.OfType<FunctionCallContent>());
        Assert.Equal("paint", call.Name);
        Assert.Equal(call.CallId, Assert.Single(reply.Messages[1].Contents.OfType<FunctionResultContent>()).CallId);
    }

    [Fact]
    public async Task With_tools_and_a_schema_a_reply_is_a_call_or_of_the_schema()
    {
        AIFunctionDeclaration paint = AIFunctionFactory.CreateDeclaration("paint", null, JsonDocument.Parse("""{"type":"object","properties":{"c":{"enum":["r","g"]}},"required":["c"],"additionalProperties":false}""").RootElement);
        var options = new ChatOptions
        {
            Tools = [paint],
            AllowMultipleToolCalls = false,
            ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonDocument.Parse("""{"enum":[true,false]}""").RootElement),
        };
        int calls = 0, answers = 0;
        for (int seed = 0; seed < 12; seed++)
        {
            options.Seed = seed;
            ChatResponse reply = await Client.GetResponseAsync("paint it", options, Cancel);
            if (reply.FinishReason == ChatFinishReason.ToolCalls) calls++;
            else if (reply.Text is "true" or "false") answers++;
        }

        Assert.Equal(12, calls + answers);
    }

    [Fact]
    public async Task Tools_of_schemas_that_cannot_be_enforced_may_be_called_all_the_same()
    {
        AIFunctionDeclaration odd = AIFunctionFactory.CreateDeclaration("odd", null, JsonDocument.Parse("""{"type":"object","not":{"required":["x"]},"unevaluatedProperties":false}""").RootElement);
        ChatResponse reply = await Client.GetResponseAsync("go", new ChatOptions { Tools = [odd], ToolMode = ChatToolMode.RequireAny, MaxOutputTokens = 200, AllowMultipleToolCalls = false, Seed = 1 }, Cancel);
        Assert.Equal("odd", Assert.Single(reply.Messages[0].Contents.OfType<FunctionCallContent>()).Name);
    }

    [Fact]
    public async Task What_contradicts_itself_is_refused()
    {
        AIFunction tool = AIFunctionFactory.Create(() => 1, "one");
        ChatOptions[] refused =
        [
            new() { ToolMode = ChatToolMode.RequireAny },
            new() { Tools = [tool], ToolMode = ChatToolMode.RequireSpecific("two") },
            new ReverieChatOptions { Grammar = "root ::= \"a\"", ResponseFormat = ChatResponseFormat.Json },
            new ReverieChatOptions { Grammar = "root ::= \"a\"", Tools = [tool] },
            new ReverieChatOptions { Grammar = "nonsense" },
            new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonDocument.Parse("""{"type":"unknown"}""").RootElement) },
        ];
        foreach (ChatOptions options in refused) await Assert.ThrowsAsync<ReverieException>(() => Client.GetResponseAsync("go", options, Cancel));
    }
}
