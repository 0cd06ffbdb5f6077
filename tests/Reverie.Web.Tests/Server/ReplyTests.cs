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
}
