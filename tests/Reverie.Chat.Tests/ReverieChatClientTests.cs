using Microsoft.Extensions.AI;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Chat.Tests;

public sealed class ReverieChatClientTests : IAsyncDisposable
{
    private readonly SmallWorkspace _small = new();

    private ReverieChatClient Client => _small.Catalog.ChatClient();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _small.DisposeAsync();

    [Fact]
    public async Task A_reply_has_its_text_model_usage_finish_reason_and_timings()
    {
        ChatResponse reply = await Client.GetResponseAsync("the fox", new ChatOptions { MaxOutputTokens = 12, Temperature = 0 }, Cancel);
        Assert.NotEmpty(reply.Text);
        Assert.Equal("small@1", reply.ModelId);
        Assert.Equal(ChatFinishReason.Length, reply.FinishReason);
        Assert.Equal(12, reply.Usage!.OutputTokenCount);
        Assert.Equal(reply.Usage.InputTokenCount + 12, reply.Usage.TotalTokenCount);
        ReplyTimings timings = Assert.IsType<ReplyTimings>(reply.Messages[0].AdditionalProperties![ReverieChatClient.TimingsKey]);
        Assert.True(timings.PromptSeconds > 0 && timings.TokensPerSecond > 0);
        Assert.Equal(12, Assert.IsType<Generation>(reply.Messages[0].AdditionalProperties![ReverieChatClient.GenerationKey]).Tokens.Length);
    }

    [Fact]
    public async Task The_parts_of_a_streamed_reply_are_one_message_and_its_text()
    {
        var options = new ChatOptions { MaxOutputTokens = 300, Seed = 3 };
        List<ChatResponseUpdate> updates = await Client.GetStreamingResponseAsync("the fox", options, Cancel).ToListAsync(Cancel);
        Assert.True(updates.Count > 2);
        Assert.Single(updates.Select(u => (u.ResponseId, u.MessageId, u.ModelId, u.Role)).Distinct());
        Assert.All(updates.SkipLast(1), u => Assert.Null(u.FinishReason));
        Assert.Equal((await Client.GetResponseAsync("the fox", options, Cancel)).Text, updates.ToChatResponse().Text);
    }

    [Fact]
    public async Task Replies_beside_one_another_are_what_they_are_alone()
    {
        ChatOptions Options(int i) => new() { MaxOutputTokens = 5 + (i % 17), Seed = i };
        string[] alone = new string[24];
        for (int i = 0; i < alone.Length; i++) alone[i] = (await Client.GetResponseAsync($"fox {i % 7}", Options(i), Cancel)).Text;
        string[] together = await Task.WhenAll(Enumerable.Range(0, alone.Length).Select(async i => (await Client.GetResponseAsync($"fox {i % 7}", Options(i), Cancel)).Text));
        Assert.Equal(alone, together);
    }

    [Fact]
    public async Task A_reply_that_is_left_frees_its_slot()
    {
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in Client.GetStreamingResponseAsync("the fox", new ChatOptions { Seed = 1 }, stop.Token)) stop.Cancel();
        });
        await foreach (ChatResponseUpdate _ in Client.GetStreamingResponseAsync("the dog", new ChatOptions { Seed = 1 }, Cancel)) break;
        using ModelLease lease = await _small.Catalog.OpenAsync(null, cancel: Cancel);
        for (int i = 0; i < 500 && lease.Model.PendingCount > 0; i++) await Task.Delay(10, Cancel);
        Assert.Equal(0, lease.Model.PendingCount);
    }

    [Fact]
    public async Task A_reply_that_is_stopped_says_what_was_drawn_before_it_throws()
    {
        using var stop = new CancellationTokenSource();
        List<ChatResponseUpdate> updates = [];
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate update in Client.GetStreamingResponseAsync("the fox", new ChatOptions { Seed = 1 }, stop.Token))
            {
                updates.Add(update);
                stop.Cancel();
            }
        });
        Assert.Equal(ChatEvent.Finished.Cancelled, updates[^1].FinishReason);
        var generation = Assert.IsType<Generation>(updates[^1].AdditionalProperties![ReverieChatClient.GenerationKey]);
        Assert.NotEqual(0, generation.Tokens.Length);
        Assert.Equal(generation.Tokens.Length, generation.LogProbabilities.Length);
        string said = string.Concat(updates.SelectMany(u => u.Contents.OfType<TextContent>()).Select(t => t.Text));
        Assert.StartsWith(said.TrimEnd('\uFFFD'), SmallModels.Tokenizer.Decode(generation.Tokens.ToArray(), skipSpecialTokens: true), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_with_one_line()
    {
        await Assert.ThrowsAsync<ContextTooLongException>(() => Client.GetResponseAsync(string.Concat(Enumerable.Repeat("xyz! ", 600)), cancellationToken: Cancel));
        await Assert.ThrowsAsync<ModelNotFoundException>(() => Client.GetResponseAsync("hello", new ChatOptions { ModelId = "nobody" }, Cancel));
        await Assert.ThrowsAsync<ModelNotFoundException>(() => Client.GetResponseAsync("hello", new ChatOptions { ModelId = "../small" }, Cancel));
        await Assert.ThrowsAsync<ModelNotFoundException>(() => Client.GetResponseAsync("hello", new ChatOptions { ModelId = "small+nobody" }, Cancel));
        foreach (ChatOptions options in new ChatOptions[] { new() { Temperature = -1 }, new() { TopP = 2 }, new() { MaxOutputTokens = 0 }, new() { TopK = -1 }, new() { StopSequences = [""] } })
            Assert.DoesNotContain('\n', (await Assert.ThrowsAsync<ReverieException>(() => Client.GetResponseAsync("hello", options, Cancel))).Message);
        await Assert.ThrowsAsync<ReverieException>(() => Client.GetResponseAsync([], cancellationToken: Cancel));
        await Assert.ThrowsAsync<ReverieException>(() => Client.GetResponseAsync([new ChatMessage(ChatRole.User, [new DataContent(new byte[3], "image/png")])], cancellationToken: Cancel));
        Assert.NotEmpty((await Client.GetResponseAsync("still here", new ChatOptions { MaxOutputTokens = 3, Temperature = 0 }, Cancel)).Messages);
    }

    [Fact]
    public async Task More_than_may_wait_are_refused_and_told_when_to_come_again()
    {
        await using var small = new SmallWorkspace(options: new ModelCatalogOptions { Model = new ChatModelOptions { MaxPending = 3 } });
        using ReverieChatClient client = small.Catalog.ChatClient();
        Task<ChatResponse>[] replies = [.. Enumerable.Range(0, 12).Select(i => client.GetResponseAsync("the fox", new ChatOptions { MaxOutputTokens = 100, Seed = i }, Cancel))];
        await Task.WhenAll(replies.Select(r => r.ContinueWith(_ => { }, Cancel, TaskContinuationOptions.None, TaskScheduler.Default)));
        Assert.Contains(replies, r => r.IsCompletedSuccessfully);
        EngineBusyException busy = Assert.IsType<EngineBusyException>(replies.First(r => r.IsFaulted).Exception!.InnerException);
        Assert.True(busy.RetryAfter >= TimeSpan.FromSeconds(1));
        Assert.All(replies.Where(r => r.IsFaulted), r => Assert.IsType<EngineBusyException>(r.Exception!.InnerException));
    }

    [Fact]
    public async Task Log_probabilities_come_with_their_alternatives()
    {
        using ModelLease lease = await _small.Catalog.OpenAsync("small", cancel: Cancel);
        List<TokenLogProbability> drawn = [];
        string text = "";
        await foreach (ChatEvent part in lease.Model.ReplyAsync([new ChatMessage(ChatRole.User, "the fox")], new ReverieChatOptions { LogProbabilities = 4, Temperature = 0, MaxOutputTokens = 9 }, cancel: Cancel))
        {
            if (part is ChatEvent.Drawn more) drawn.AddRange(more.Tokens);
            if (part is ChatEvent.Text more2) text += more2.Value;
        }

        Assert.Equal(9, drawn.Count);
        Assert.All(drawn, t => Assert.Equal(4, t.Alternatives.Count));
        Assert.All(drawn, t => Assert.Equal((t.Id, t.LogProbability), (t.Alternatives[0].Id, t.Alternatives[0].LogProbability)));
        Assert.Equal(text, System.Text.Encoding.UTF8.GetString([.. drawn.SelectMany(t => t.Bytes)]).TrimEnd());
    }

    [Fact]
    public async Task A_tools_result_and_the_call_before_it_are_in_the_prompt()
    {
        using ModelLease lease = await _small.Catalog.OpenAsync("small", cancel: Cancel);
        AIFunction add = AIFunctionFactory.Create((int a, int b) => a + b, "add", "adds");
        ChatMessage[] messages =
        [
            new(ChatRole.System, "be kind"),
            new(ChatRole.User, "1+2?"),
            new(ChatRole.Assistant, [new TextReasoningContent("hm"), new FunctionCallContent("c1", "add", new Dictionary<string, object?> { ["a"] = 1, ["b"] = 2 })]),
            new(ChatRole.Tool, [new FunctionResultContent("c1", 3)]),
        ];
        string prompt = lease.Model.Tokenizer.Decode(lease.Model.Render(messages, new ChatOptions { Tools = [add] }));
        Assert.Contains("be kind\n\n# Tools", prompt, StringComparison.Ordinal);
        Assert.Contains("\"name\":\"add\",\"description\":\"adds\"", prompt, StringComparison.Ordinal);
        Assert.Contains("<think>hm</think><tool_call>{\"name\": \"add\", \"arguments\": {\"a\":1,\"b\":2}}</tool_call>", prompt, StringComparison.Ordinal);
        Assert.Contains("<tool_response>\n3\n</tool_response>", prompt, StringComparison.Ordinal);
        Assert.DoesNotContain("# Tools", lease.Model.Tokenizer.Decode(lease.Model.Render(messages, new ChatOptions { Tools = [add], ToolMode = ChatToolMode.None })), StringComparison.Ordinal);
    }
}
