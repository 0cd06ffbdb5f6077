namespace Reverie.Sleep;

/// <summary>What follows from the calls of a journal.</summary>
public static class JournalExtensions
{
    private const int Page = 1000;

    /// <summary>All conversations of an owner with all their branches, the oldest first.</summary>
    public static async Task<IReadOnlyList<ConversationTree>> ReadTreesAsync(this IJournal journal, string owner, CancellationToken cancellation = default)
    {
        var trees = new List<ConversationTree>();
        for (long before = long.MaxValue; ;)
        {
            IReadOnlyList<Conversation> page = await journal.ListConversationsAsync(owner, Page, before, cancellation).ConfigureAwait(false);
            foreach (Conversation conversation in page)
                if (await journal.ReadTreeAsync(owner, conversation.Id, cancellation).ConfigureAwait(false) is { } tree) trees.Add(tree);
            if (page.Count < Page) break;
            before = page[^1].Sequence;
        }

        trees.Reverse();
        return trees;
    }
}
