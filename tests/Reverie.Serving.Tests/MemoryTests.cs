using System.Text.Json;
using Microsoft.Extensions.AI;
using Reverie.Chat;
using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Serving.Tests;

public sealed class MemoryTests : IAsyncLifetime
{
    private const string Chat = "/v1/chat/completions", Responses = "/v1/responses";
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(context: 1024);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task What_was_typed_on_the_page_is_in_the_prompt_and_told()
    {
        JournalMessage source = await TypeAsync("local", "My dog is called Rufus.");
        const string request = """ "messages":[{"role":"user","content":"What is my dog called?"}],"max_tokens":4,"seed":7""";
        (_, JsonElement without) = await _server.PostAsync(Chat, "{" + request + ""","memory":true}""");
        Assert.Empty(without.GetProperty("memories").EnumerateArray());

        await _server.Journal.SetConsentAsync("local", true, "yes");
        (int status, JsonElement whole) = await _server.PostAsync(Chat, "{" + request + ""","memory":true,"store":true}""");
        Assert.Equal(200, status);
        JsonElement told = Assert.Single(whole.GetProperty("memories").EnumerateArray());
        Assert.Equal((source.Id, source.Conversation, "My dog is called Rufus."), (told.GetProperty("id").GetString(), told.GetProperty("conversation").GetString(), told.GetProperty("text").GetString()));
        Assert.Equal(source.Created.ToUnixTimeSeconds(), told.GetProperty("created_at").GetInt64());
        using (ModelLease lease = await _server.Catalog.OpenAsync("small", cancel: TestContext.Current.CancellationToken))
        {
            ChatMessage[] read = [new(ChatRole.User, "My dog is called Rufus."), new(ChatRole.Assistant, "Your dog is called Rufus."), new(ChatRole.User, "What is my dog called?")];
            Assert.Equal(lease.Model.Render(read).Length, whole.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        }

        JsonElement first = JsonDocument.Parse((await _server.StreamAsync(Chat, "{" + request + ""","memory":true,"stream":true}"""))[0]).RootElement;
        Assert.Equal(told.GetRawText(), Assert.Single(first.GetProperty("memories").EnumerateArray()).GetRawText());
        (_, JsonElement unasked) = await _server.PostAsync(Chat, "{" + request + "}");
        Assert.False(unasked.TryGetProperty("memories", out _));
        Assert.DoesNotContain("memories", string.Concat(await _server.StreamAsync(Chat, "{" + request + ""","stream":true}""")), StringComparison.Ordinal);

        // What was recalled is named with the reply, and stands nowhere among what was said.
        ConversationTree kept = (await _server.Journal.ReadTreeAsync("local", (await _server.Journal.ListConversationsAsync("local"))[0].Id))!;
        Assert.Equal(["What is my dog called?"], kept.Messages.Where(m => m.Role is Role.User).Select(m => m.Text));
        Assert.Equal([source.Id], kept.Messages[^1].Reply!.Memories!);
    }

    [Fact]
    public async Task Responses_remember_too_and_tell_it_in_every_form()
    {
        await _server.Journal.SetConsentAsync("local", true, "yes");
        JournalMessage source = await TypeAsync("local", "My dog is called Rufus.");
        const string request = """ "input":"What is my dog called?","instructions":"Be brief.","max_output_tokens":4,"memory":true""";
        (_, JsonElement whole) = await _server.PostAsync(Responses, "{" + request + "}");
        Assert.Equal(source.Id, Assert.Single(whole.GetProperty("memories").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal("Be brief.", whole.GetProperty("instructions").GetString());
        string[] events = await _server.StreamAsync(Responses, "{" + request + ""","stream":true}""");
        foreach (string end in new[] { events[0], events[^1] })
            Assert.Equal(source.Id, Assert.Single(JsonDocument.Parse(end).RootElement.GetProperty("response").GetProperty("memories").EnumerateArray()).GetProperty("id").GetString());

        // It is in the conversation by now, so it is not recalled into it again.
        (_, JsonElement next) = await _server.PostAsync(Responses, $$"""{"input":"My dog is called Rufus. What is my dog called?","max_output_tokens":4,"memory":true,"previous_response_id":"{{whole.GetProperty("id").GetString()}}"}""");
        Assert.Empty(next.GetProperty("memories").EnumerateArray());
        (_, JsonElement unasked) = await _server.PostAsync(Responses, """{"input":"What is my dog called?","max_output_tokens":4}""");
        Assert.False(unasked.TryGetProperty("memories", out _));
    }

    [Fact]
    public async Task A_conversation_that_fills_the_context_has_no_room_for_memories()
    {
        await _server.Journal.SetConsentAsync("local", true, "yes");
        await TypeAsync("local", "My dog is called Rufus.");
        using ModelLease lease = await _server.Catalog.OpenAsync("small", cancel: TestContext.Current.CancellationToken);
        string filler = "";
        while (lease.Model.Render([new ChatMessage(ChatRole.User, filler + "What is my dog called?")]).Length < 1020) filler += "z ";
        filler = filler[..^2];
        (int status, JsonElement body) = await _server.PostAsync(Chat, $$"""{"messages":[{"role":"user","content":"{{filler}}What is my dog called?"}],"max_tokens":2,"memory":true}""");
        Assert.True(status == 200, body.GetRawText());
        Assert.Empty(body.GetProperty("memories").EnumerateArray());
    }

    [Fact]
    public async Task Users_are_reminded_of_what_they_said_themselves()
    {
        string ada = "", bob = "";
        await using TestServer server = await TestServer.StartAsync(users: users => (ada, bob) = (users.Add("ada").Key, users.Add("bob").Key));
        foreach (string user in new[] { "ada", "bob" })
        {
            await server.Journal.SetConsentAsync(user, true, "yes");
            Conversation conversation = await server.Journal.CreateConversationAsync(user, new ConversationDetails());
            await server.Journal.AppendAsync(user, conversation.Id, new NewMessage { Role = Role.User, Parts = [MessagePart.Typed($"The secret of {user} is here.")] });
        }

        foreach ((string key, string user) in new[] { (ada, "ada"), (bob, "bob") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Chat) { Content = TestServer.Json("""{"messages":[{"role":"user","content":"What is the secret of ada or bob?"}],"max_tokens":2,"memory":true}""") };
            request.Headers.Add("x-api-key", key);
            using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
            JsonElement told = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("memories");
            Assert.Equal($"The secret of {user} is here.", Assert.Single(told.EnumerateArray()).GetProperty("text").GetString());
        }
    }

    private async Task<JournalMessage> TypeAsync(string owner, string text) => await _server.Journal.AppendAsync(
        owner, (await _server.Journal.CreateConversationAsync(owner, new ConversationDetails())).Id, new NewMessage { Role = Role.User, Parts = [MessagePart.Typed(text)] });
}
