using System.ClientModel;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;

namespace Reverie.Serving.Tests;

/// <summary>The clients that people have. A model of random weights says what a grammar makes it say.</summary>
public sealed class ClientsTests : IAsyncLifetime
{
    private TestServer _server = null!;
    private OpenAIClient _client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(context: 2048);
        _client = new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(_server.Url, "/v1") });
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task OpenAIs_package_lists_answers_streams_and_embeds()
    {
        Assert.Equal(["small"], (await _client.GetOpenAIModelClient().GetModelsAsync(Cancel)).Value.Select(m => m.Id));
        ChatClient chat = _client.GetChatClient("small");
        var options = new ChatCompletionOptions
        {
            ResponseFormat = OpenAI.Chat.ChatResponseFormat.CreateJsonSchemaFormat("answer", BinaryData.FromString("""{"type":"object","properties":{"color":{"enum":["red"]}},"required":["color"],"additionalProperties":false}"""), jsonSchemaIsStrict: true),
            IncludeLogProbabilities = true,
            TopLogProbabilityCount = 2,
        };
        OpenAI.Chat.ChatCompletion whole = await chat.CompleteChatAsync([new UserChatMessage("the fox")], options, Cancel);
        Assert.Equal("red", JsonDocument.Parse(whole.Content[0].Text).RootElement.GetProperty("color").GetString());
        Assert.All(whole.ContentTokenLogProbabilities, t => Assert.Equal(2, t.TopLogProbabilities.Count));
        string text = "";
        int tokens = 0;
        await foreach (StreamingChatCompletionUpdate update in chat.CompleteChatStreamingAsync([new UserChatMessage("the fox")], options, Cancel))
        {
            text += string.Concat(update.ContentUpdate.Select(c => c.Text));
            tokens += update.Usage?.OutputTokenCount ?? 0;
        }

        Assert.Equal("red", JsonDocument.Parse(text).RootElement.GetProperty("color").GetString());
        Assert.True(tokens > 0);
        OpenAIEmbeddingCollection vectors = await _client.GetEmbeddingClient("small").GenerateEmbeddingsAsync(["the fox", "the dog"], cancellationToken: Cancel);
        Assert.All(vectors, v => Assert.InRange(v.ToFloats().ToArray().Sum(x => x * x), 0.999f, 1.001f));
    }

    [Fact]
    public async Task OpenAIs_package_reads_errors()
    {
        ClientResultException error = await Assert.ThrowsAsync<ClientResultException>(() => _client.GetChatClient("nobody").CompleteChatAsync([new UserChatMessage("a")], cancellationToken: Cancel));
        Assert.Equal(404, error.Status);
        Assert.Contains("nobody", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Functions_are_invoked_through_Microsofts_interface()
    {
        int calls = 0;
        AIFunction function = AIFunctionFactory.Create((Color color) => $"{color}: {++calls}", "paint");
        using IChatClient chat = _client.GetChatClient("small").AsIChatClient().AsBuilder().UseFunctionInvocation(configure: c => c.MaximumIterationsPerRequest = 1).Build();
        var options = new ChatOptions { Tools = [function], ToolMode = ChatToolMode.RequireSpecific("paint"), AllowMultipleToolCalls = false, MaxOutputTokens = 100 };
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in chat.GetStreamingResponseAsync("the fox", options, Cancel)) updates.Add(update);
        Assert.Equal(1, calls);
        Assert.Contains(updates.SelectMany(u => u.Contents).OfType<FunctionResultContent>(), r => r.Result?.ToString() == "Red: 1");
    }

    /// <summary>One choice alone, so that a model of random weights makes it.</summary>
    [System.Text.Json.Serialization.JsonConverter(typeof(System.Text.Json.Serialization.JsonStringEnumConverter<Color>))]
    private enum Color
    {
        Red,
    }
}
