namespace Reverie.Sleep;

public abstract partial class SqlJournal
{
    private const string OfConversation = "owner = @owner AND conversation = @conversation";

    /// <inheritdoc/>
    public async Task DeleteConversationAsync(string owner, string conversation, CancellationToken cancellation = default)
    {
        conversation = JournalInput.Id(conversation);
        await WriteAsync(owner, async session =>
        {
            if (await session.ExecuteAsync($"DELETE FROM conversation_head WHERE {OfConversation}", ("@conversation", conversation)).ConfigureAwait(false) == 0) throw Missing("conversation", conversation);
            await session.ExecuteAsync("DELETE FROM conversation WHERE owner = @owner AND id = @conversation", ("@conversation", conversation)).ConfigureAwait(false);
            foreach (string table in new[] { "conversation_version", "message", "trace", "feedback" })
                await session.ExecuteAsync($"DELETE FROM {table} WHERE {OfConversation}", ("@conversation", conversation)).ConfigureAwait(false);
            await UnindexAsync(session, "conversation = @conversation", ("@conversation", conversation)).ConfigureAwait(false);
            return await session.ChangeAsync(JournalChangeKind.ConversationDeleted, conversation, conversation).ConfigureAwait(false);
        }, cancellation).ConfigureAwait(false);
        await EraseAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task EraseDetailsAsync(string owner, string conversation, CancellationToken cancellation = default)
    {
        await ChangeConversationAsync(owner, conversation, new ConversationDetails(), cancellation).ConfigureAwait(false);
        await WriteAsync(owner, async session =>
        {
            await UnindexAsync(session, "conversation = @conversation AND message = ''", ("@conversation", conversation)).ConfigureAwait(false);
            return await session.ExecuteAsync(
                $"DELETE FROM conversation_version WHERE {OfConversation} AND seq < (SELECT version FROM conversation_head WHERE {OfConversation})", ("@conversation", conversation)).ConfigureAwait(false);
        }, cancellation).ConfigureAwait(false);
        await EraseAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task DeleteMessageAsync(string owner, string message, CancellationToken cancellation = default)
    {
        message = JournalInput.Id(message);
        await WriteAsync(owner, async session =>
        {
            JournalMessage root = await session.FirstAsync($"{SelectMessage} AND id = @message", Message, ("@message", message)).ConfigureAwait(false) ?? throw Missing("message", message);
            (string, object) conversation = ("@conversation", root.Conversation);
            var gone = new List<string> { message };
            for (int i = 0; i < gone.Count; i++)
            {
                gone.AddRange(await session.QueryAsync($"SELECT id FROM message WHERE {OfConversation} AND parent = @parent ORDER BY seq",
                    r => r.GetString(0), conversation, ("@parent", gone[i])).ConfigureAwait(false));
            }

            foreach (string id in gone)
            {
                await session.ExecuteAsync($"DELETE FROM message WHERE owner = @owner AND id = @id", ("@id", id)).ConfigureAwait(false);
                await session.ExecuteAsync($"DELETE FROM trace WHERE owner = @owner AND message = @id", ("@id", id)).ConfigureAwait(false);
                await session.ExecuteAsync($"DELETE FROM feedback WHERE owner = @owner AND message = @id", ("@id", id)).ConfigureAwait(false);
                await UnindexAsync(session, "conversation = @conversation AND message = @id", conversation, ("@id", id)).ConfigureAwait(false);
                await session.ChangeAsync(JournalChangeKind.MessageDeleted, id, root.Conversation).ConfigureAwait(false);
            }

            Conversation head = (await ConversationAsync(session, root.Conversation).ConfigureAwait(false))!;
            string leaf = head.ActiveLeaf is null || !gone.Contains(head.ActiveLeaf) ? head.ActiveLeaf ?? "" : await NeighbourAsync(session, root).ConfigureAwait(false);
            return await session.ExecuteAsync($"UPDATE conversation_head SET leaf = @leaf, messages = messages - @gone WHERE {OfConversation}",
                ("@leaf", leaf), ("@gone", (long)gone.Count), conversation).ConfigureAwait(false);
        }, cancellation).ConfigureAwait(false);
        await EraseAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task DeleteEverythingAsync(string owner, CancellationToken cancellation = default)
    {
        await WriteAsync(owner, async session =>
        {
            foreach (string table in new[] { "conversation_head", "conversation", "conversation_version", "message", "trace", "feedback" })
                await session.ExecuteAsync($"DELETE FROM {table} WHERE owner = @owner").ConfigureAwait(false);
            await UnindexAsync(session, "1 = 1").ConfigureAwait(false);
            foreach (string purpose in new[] { ForSleep, ForCompany })
                if (await ConsentAsync(session, purpose).ConfigureAwait(false) is [{ IsGiven: true }, ..]) await SayAsync(session, purpose, false, "Everything was deleted.").ConfigureAwait(false);
            return await session.ChangeAsync(JournalChangeKind.EverythingDeleted).ConfigureAwait(false);
        }, cancellation).ConfigureAwait(false);
        await EraseAsync().ConfigureAwait(false);
    }

    /// <summary>The end of the newest branch beside a message that is gone; its parent where there is none.</summary>
    private static async Task<string> NeighbourAsync(JournalSession session, JournalMessage gone)
    {
        string here = gone.Parent ?? "";
        while (await session.FirstAsync($"SELECT id FROM message WHERE {OfConversation} AND parent = @parent ORDER BY seq DESC LIMIT 1",
            r => r.GetString(0), ("@conversation", gone.Conversation), ("@parent", here)).ConfigureAwait(false) is { } newest) here = newest;
        return here;
    }
}
