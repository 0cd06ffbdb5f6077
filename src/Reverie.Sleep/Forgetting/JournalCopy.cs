namespace Reverie.Sleep;

/// <summary>Writes what a journal holds into a new one, as if it had been said there: same words, sources, times and order, other ids, and no trace of what was deleted.</summary>
internal static class JournalCopy
{
    /// <summary>Makes the copy; the caller disposes of it.</summary>
    public static async Task<IJournal> MakeAsync(IJournal journal, IReadOnlyList<string> owners, string path, CancellationToken cancellation)
    {
        var clock = new Clock();
        SqliteJournal copy = SqliteJournal.Open(path, time: clock);
        try
        {
            foreach (string owner in owners) await CopyAsync(journal, owner, copy, clock, cancellation).ConfigureAwait(false);
            return copy;
        }
        catch
        {
            await copy.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task CopyAsync(IJournal journal, string owner, SqliteJournal copy, Clock clock, CancellationToken cancellation)
    {
        foreach (Consent said in (await journal.ReadConsentAsync(owner, cancellation).ConfigureAwait(false)).Reverse())
        {
            clock.Now = said.Said;
            await copy.SetConsentAsync(owner, said.IsGiven, said.Wording, cancellation).ConfigureAwait(false);
        }

        foreach (Consent said in (await journal.ReadSharingAsync(owner, cancellation).ConfigureAwait(false)).Reverse())
        {
            clock.Now = said.Said;
            await copy.SetSharingAsync(owner, said.IsGiven, said.Wording, cancellation).ConfigureAwait(false);
        }

        IReadOnlyList<ConversationTree> trees = await journal.ReadTreesAsync(owner, cancellation).ConfigureAwait(false);
        var conversations = new Dictionary<string, string>();
        var messages = new Dictionary<string, string>();
        var steps = trees.Where(t => !t.Conversation.IsImported).SelectMany(t => t.Messages).Where(m => !m.IsImported)
            .SelectMany(m => m.Feedback is { } feedback ? new[] { (m.Sequence, Message: m, Feedback: (Feedback?)null), (feedback.Sequence, Message: m, Feedback: feedback) } : [(m.Sequence, Message: m, Feedback: null)])
            .OrderBy(s => s.Sequence);
        foreach ((_, JournalMessage message, Feedback? feedback) in steps)
        {
            clock.Now = feedback?.Given ?? message.Created;
            if (feedback is not null)
            {
                await copy.GiveFeedbackAsync(owner, messages[message.Id], feedback.IsGood, feedback.BetterAnswer, cancellation).ConfigureAwait(false);
                continue;
            }

            if (!conversations.TryGetValue(message.Conversation, out string? conversation))
                conversations[message.Conversation] = conversation = (await copy.CreateConversationAsync(owner, new ConversationDetails(), cancellation).ConfigureAwait(false)).Id;
            messages[message.Id] = (await copy.AppendAsync(owner, conversation, new NewMessage { Parent = message.Parent is { } parent ? messages[parent] : null, Role = message.Role, Parts = message.Parts }, cancellation).ConfigureAwait(false)).Id;
        }

        foreach (ConversationTree tree in trees)
            if (tree.Conversation.ActiveLeaf is { } leaf && messages.TryGetValue(leaf, out string? own)) await copy.SetActiveLeafAsync(owner, conversations[tree.Conversation.Id], own, cancellation).ConfigureAwait(false);
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
