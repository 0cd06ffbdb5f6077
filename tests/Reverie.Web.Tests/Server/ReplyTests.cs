using Microsoft.Extensions.DependencyInjection;
using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Web.Tests;

public sealed class ReplyTests
{
    [Fact]
    public async Task A_reply_can_be_read_while_it_is_written_and_is_in_the_journal_when_it_is_done()
    {
        await using PageServer server = await PageServer.StartAsync(pace: TimeSpan.FromMilliseconds(2));
        Replies replies = server.Services.GetRequiredService<Replies>();
        Conversation conversation = await server.Journal.CreateConversationAsync("local", new ConversationDetails());
        await server.Journal.AppendAsync("local", conversation.Id, new NewMessage { Role = Role.User, Parts = [MessagePart.Typed("something long")] });
        ConversationTree tree = (await server.Journal.ReadTreeAsync("local", conversation.Id))!;
        LiveReply live = replies.Start("local", tree, tree.Conversation.ActiveLeaf);
        long seen = 0;
        for (int i = 0; i < 5; i++)
        {
            await live.WaitAsync(seen, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
            (IReadOnlyList<TurnPart> parts, long version) = live.Read();
            Assert.True(version > seen);
            Assert.StartsWith("word1", parts[0].Text, StringComparison.Ordinal);
            seen = version;
        }

        live.Stop();
        while (!live.IsDone) await live.WaitAsync(seen++, TestContext.Current.CancellationToken);
        tree = (await server.Journal.ReadTreeAsync("local", conversation.Id))!;
        Assert.Equal("Cancelled", tree.ActivePath[1].Reply!.StopReason);
        Assert.Equal(live.Read().Parts[0].Text, tree.ActivePath[1].Text);
        Assert.Null(replies.Find("local", conversation.Id));
    }

    [Fact]
    public async Task What_was_said_elsewhere_stands_before_the_conversation_but_never_in_the_journal_again()
    {
        await using PageServer server = await PageServer.StartAsync();
        await SayAsync(server, null, "My dog is called Rufus.");
        Conversation conversation = await server.Journal.CreateConversationAsync("local", new ConversationDetails { SystemPrompt = "Be brief." });
        JournalMessage first = await SayAsync(server, conversation, "What is my dog called?");
        await ReplyAsync(server, conversation.Id);
        Assert.Equal(["Be brief.", "What is my dog called?"], server.Client.Asked[^1].Messages.Select(m => m.Text));

        await server.Journal.SetConsentAsync("local", true, "yes");
        JournalMessage source = await SayAsync(server, null, "My dog is now called Max.");
        await ReplyAsync(server, conversation.Id, first.Id);
        Assert.Equal(["Be brief.", "My dog is called Rufus. My dog is now called Max.", "Your dog is called Max.", "What is my dog called?"], server.Client.Asked[^1].Messages.Select(m => m.Text));
        ConversationTree tree = (await server.Journal.ReadTreeAsync("local", conversation.Id))!;
        JournalMessage reply = tree.Messages[^1];
        Assert.Equal(2, reply.Reply!.Memories!.Count);
        Assert.Equal(source.Id, reply.Reply.Memories[^1]);
        Assert.DoesNotContain(tree.Messages, m => m.Text.Contains("Rufus", StringComparison.Ordinal) && m.Role is Role.User);

        await server.Journal.DeleteMessageAsync("local", source.Id);
        await ReplyAsync(server, conversation.Id, first.Id);
        Assert.Equal("My dog is called Rufus.", server.Client.Asked[^1].Messages[1].Text);
        await server.Journal.ChangeConversationAsync("local", conversation.Id, conversation.Details with { Settings = new ChatSettings { Memory = false }.ToJson() });
        await ReplyAsync(server, conversation.Id, first.Id);
        Assert.Equal(2, server.Client.Asked[^1].Messages.Count);
    }

    private static async Task<JournalMessage> SayAsync(PageServer server, Conversation? conversation, string text) =>
        await server.Journal.AppendAsync("local", (conversation ?? await server.Journal.CreateConversationAsync("local", new ConversationDetails())).Id, new NewMessage { Role = Role.User, Parts = [MessagePart.Typed(text)] });

    private static async Task ReplyAsync(PageServer server, string conversation, string? parent = null)
    {
        ConversationTree tree = (await server.Journal.ReadTreeAsync("local", conversation))!;
        LiveReply live = server.Services.GetRequiredService<Replies>().Start("local", tree, parent ?? tree.Conversation.ActiveLeaf);
        for (long seen = -1; !live.IsDone; seen = live.Read().Version) await live.WaitAsync(seen, TestContext.Current.CancellationToken);
        Assert.Null(live.Error);
    }
}
