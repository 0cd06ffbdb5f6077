using System.Text.Json;

namespace Reverie.Sleep;

public abstract partial class SqlJournal
{
    /// <inheritdoc/>
    public async Task ExportAsync(string owner, Stream output, IReadOnlyList<string>? conversations = null, CancellationToken cancellation = default)
    {
        IReadOnlyList<string> ids = conversations ?? await ReadAsync(owner, session => session.QueryAsync(
            "SELECT conversation FROM conversation_head WHERE owner = @owner ORDER BY seq", r => r.GetString(0)), cancellation).ConfigureAwait(false);
        await using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = JournalJson.Options.Encoder, Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        json.WriteString("format", ConversationFile.FormatName);
        json.WriteNumber("version", ConversationFile.CurrentVersion);
        json.WriteString("exported", _time.GetUtcNow());
        json.WriteStartArray("conversations");
        foreach (string id in ids)
        {
            // One at a time: memory is bounded by the largest, and no transaction lasts as long as a slow reader.
            ConversationFile.Entry? entry = await ReadAsync(owner, session => EntryAsync(session, JournalInput.Id(id)), cancellation).ConfigureAwait(false);
            if (entry is null && conversations is not null) throw Missing("conversation", id);
            if (entry is not null) JsonSerializer.Serialize(json, entry, JournalJson.Options);
            await json.FlushAsync(cancellation).ConfigureAwait(false);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Conversation>> ImportAsync(string owner, Stream input, CancellationToken cancellation = default)
    {
        JournalInput.Owner(owner);
        ConversationFile file = await ConversationFile.ReadAsync(input, cancellation).ConfigureAwait(false);
        return await WriteAsync(owner, async session =>
        {
            var imported = new List<Conversation>();
            var ids = new Dictionary<string, string>();
            foreach (ConversationFile.Entry entry in file.Conversations)
            {
                cancellation.ThrowIfCancellationRequested();
                imported.Add(await ImportAsync(session, entry, ids).ConfigureAwait(false));
            }

            return imported;
        }, cancellation).ConfigureAwait(false);
    }

    private static async Task<ConversationFile.Entry?> EntryAsync(JournalSession session, string conversation)
    {
        if (await TreeAsync(session, conversation).ConfigureAwait(false) is not { } tree) return null;
        ILookup<string, Feedback> feedback = (await FeedbackAsync(session, "conversation = @conversation", ("@conversation", conversation)).ConfigureAwait(false)).ToLookup(f => f.Message);
        Dictionary<string, byte[]> traces = (await session.QueryAsync(
            "SELECT message, data FROM trace WHERE owner = @owner AND conversation = @conversation", r => (Message: r.GetString(0), Data: r.GetFieldValue<byte[]>(1)),
            ("@conversation", conversation)).ConfigureAwait(false)).ToDictionary(t => t.Message, t => t.Data);
        return new ConversationFile.Entry(tree.Conversation.Details, tree.Conversation.Created, [.. tree.Messages.Select(Node)], tree.Conversation.ActiveLeaf);

        ConversationFile.Node Node(JournalMessage m) => new(m.Id, m.Role, m.Created, m.Parts, m.Parent, m.Reply, traces.GetValueOrDefault(m.Id),
            feedback.Contains(m.Id) ? [.. feedback[m.Id].Reverse().Select(f => new ConversationFile.Opinion(f.IsGood, f.Given, f.BetterAnswer))] : null);
    }

    /// <param name="session">The transaction.</param>
    /// <param name="entry">The conversation.</param>
    /// <param name="written">The new ids of all that was written of the file; those of this conversation are added.</param>
    private async Task<Conversation> ImportAsync(JournalSession session, ConversationFile.Entry entry, Dictionary<string, string> written)
    {
        Conversation conversation = await CreateAsync(session, JournalInput.Details(entry.Details), Past(entry.Created), isImported: true).ConfigureAwait(false);
        var ids = new Dictionary<string, string>();
        long last = conversation.Sequence;
        foreach (ConversationFile.Node node in entry.Messages)
        {
            NewMessage read = JournalInput.Message(new NewMessage
            {
                Parent = node.Parent is null ? null : ids[node.Parent],
                Role = node.Role,
                Parts = node.Parts,
                // Ids of another journal name nothing here.
                Reply = node.Reply is { Memories: { } memories } ? node.Reply with { Memories = [.. memories.Where(m => m is not null && written.ContainsKey(m)).Select(m => written[m])] } : node.Reply,
                Trace = node.Trace is null ? null : ReplyTrace.FromBytes(node.Trace),
            });
            JournalMessage message = await InsertAsync(session, conversation.Id, read, Past(node.Created), isImported: true).ConfigureAwait(false);
            ids.Add(node.Id, message.Id);
            written[node.Id] = message.Id;
            last = message.Sequence;
            foreach (ConversationFile.Opinion opinion in node.Feedback ?? [])
            {
                string? better = opinion.BetterAnswer is null ? null : JournalInput.Text(opinion.BetterAnswer, "better answer");
                await JudgeAsync(session, conversation.Id, message.Id, opinion.IsGood, better, Past(opinion.Given)).ConfigureAwait(false);
            }
        }

        string? leaf = entry.ActiveLeaf is null ? null : ids[entry.ActiveLeaf];
        await session.ExecuteAsync($"UPDATE conversation_head SET leaf = @leaf, messages = @messages, seq = @seq WHERE {OfConversation}",
            ("@leaf", leaf ?? ""), ("@messages", (long)ids.Count), ("@seq", last), ("@conversation", conversation.Id)).ConfigureAwait(false);
        return conversation with { ActiveLeaf = leaf, Sequence = last };

        // What claims to be of tomorrow would win over everything that is said until then.
        DateTimeOffset Past(DateTimeOffset time) => time > session.Now ? session.Now : JournalSession.FromStored(time.ToUnixTimeMilliseconds());
    }
}
