namespace Reverie.Sleep;

public abstract partial class SqlJournal
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<SearchHit>> SearchAsync(string owner, string query, int limit = 20, long before = long.MaxValue, CancellationToken cancellation = default)
    {
        JournalInput.Limit(limit, 1000);
        IReadOnlyList<string> words = SearchWords.Query(query);
        return await ReadAsync(owner, async session =>
        {
            var hits = new List<SearchHit>();
            if (words.Count == 0) return hits;
            var conversations = new Dictionary<string, Conversation?>();
            foreach ((string id, string messageId, long seq) in await FindAsync(session, words, limit, before).ConfigureAwait(false))
            {
                if (!conversations.TryGetValue(id, out Conversation? conversation)) conversations[id] = conversation = await ConversationAsync(session, id).ConfigureAwait(false);
                JournalMessage? message = messageId.Length == 0 ? null : await session.FirstAsync($"{SelectMessage} AND id = @message", Message, ("@message", messageId)).ConfigureAwait(false);
                if (conversation is null) continue;
                (string snippet, IReadOnlyList<(int Start, int Length)> matches) = SearchWords.Snippet(message is null ? conversation.Details.Title : SearchableText(message.Parts), words);
                hits.Add(new SearchHit
                {
                    Conversation = id,
                    Title = conversation.Details.Title,
                    Message = message?.Id,
                    Sequence = seq,
                    Written = message?.Created ?? conversation.Updated,
                    Snippet = snippet,
                    Matches = matches,
                });
            }

            return hits;
        }, cancellation).ConfigureAwait(false);
    }

    /// <summary>What people said and what they brought along; neither thoughts nor the talk with tools.</summary>
    private static string SearchableText(IReadOnlyList<MessagePart> parts) =>
        string.Join('\n', parts.Where(p => p.Kind is PartKind.Text or PartKind.Document).Select(p => p.Kind is PartKind.Document ? $"{p.Name}\n{p.Text}" : p.Text));
}
