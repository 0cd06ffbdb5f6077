using System.Threading.Channels;
using Reverie.Chat;

namespace Reverie.Serving;

/// <summary>Joins the answers to a request into one stream, as they come.</summary>
internal static class Choices
{
    /// <summary>Joins them; all begin at once. The others do not end where one fails: their cancellation is the caller's.</summary>
    public static IAsyncEnumerable<ChoiceEvent> Merge(IReadOnlyList<IAsyncEnumerable<ChatEvent>> replies) => replies.Count == 1 ? Only(replies[0]) : All(replies);

    private static async IAsyncEnumerable<ChoiceEvent> Only(IAsyncEnumerable<ChatEvent> reply)
    {
        await foreach (ChatEvent part in reply.ConfigureAwait(false)) yield return new ChoiceEvent(0, part);
    }

    private static async IAsyncEnumerable<ChoiceEvent> All(IReadOnlyList<IAsyncEnumerable<ChatEvent>> replies)
    {
        var events = Channel.CreateUnbounded<ChoiceEvent>(new UnboundedChannelOptions { SingleReader = true });
        int left = replies.Count;
        for (int i = 0; i < replies.Count; i++) _ = CopyAsync(i);
        await foreach (ChoiceEvent part in events.Reader.ReadAllAsync().ConfigureAwait(false)) yield return part;

        async Task CopyAsync(int index)
        {
            try
            {
                await foreach (ChatEvent part in replies[index].ConfigureAwait(false)) events.Writer.TryWrite(new ChoiceEvent(index, part));
                if (Interlocked.Decrement(ref left) == 0) events.Writer.TryComplete();
            }
            catch (Exception exception)
            {
                events.Writer.TryComplete(exception);
            }
        }
    }
}
