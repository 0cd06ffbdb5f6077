using System.Data.Common;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Sleep;

public abstract partial class SqlJournal
{
    /// <summary>Which heads stands in place of the dots: chosen first, so that no planner joins all conversations to show fifty.</summary>
    private const string SelectConversation = """
        SELECT c.id, c.created, c.imported, h.leaf, h.seq, h.updated, v.body
        FROM (SELECT * FROM conversation_head WHERE owner = @owner ...) h
        JOIN conversation c ON c.id = h.conversation AND c.owner = h.owner
        JOIN conversation_version v ON v.owner = h.owner AND v.conversation = h.conversation AND v.seq = h.version
        ORDER BY h.seq DESC
        """;

    private const string SelectMessage = "SELECT id, conversation, parent, seq, created, role, imported, body FROM message WHERE owner = @owner";

    /// <inheritdoc/>
    public Task<Conversation> CreateConversationAsync(string owner, ConversationDetails details, CancellationToken cancellation = default)
    {
        details = JournalInput.Details(details);
        return WriteAsync(owner, session => CreateAsync(session, details, session.Now, isImported: false), cancellation);
    }

    /// <inheritdoc/>
    public Task<Conversation?> FindConversationAsync(string owner, string conversation, CancellationToken cancellation = default) =>
        ReadAsync(owner, session => ConversationAsync(session, JournalInput.Id(conversation)), cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Conversation>> ListConversationsAsync(string owner, int limit = 50, long before = long.MaxValue, CancellationToken cancellation = default)
    {
        JournalInput.Limit(limit, 1000);
        return await ReadAsync(owner, session => session.QueryAsync(
            SelectConversation.Replace("...", "AND seq < @before ORDER BY seq DESC LIMIT @limit", StringComparison.Ordinal), r => Conversation(r, owner), ("@before", before), ("@limit", (long)limit)), cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<Conversation> ChangeConversationAsync(string owner, string conversation, ConversationDetails details, CancellationToken cancellation = default)
    {
        details = JournalInput.Details(details);
        conversation = JournalInput.Id(conversation);
        return WriteAsync(owner, async session =>
        {
            Conversation before = await ConversationAsync(session, conversation).ConfigureAwait(false) ?? throw Missing("conversation", conversation);
            if (before.Details == details) return before;
            long seq = await session.ChangeAsync(JournalChangeKind.ConversationChanged, conversation, conversation).ConfigureAwait(false);
            await VersionAsync(session, conversation, seq, details).ConfigureAwait(false);
            await session.ExecuteAsync(
                "UPDATE conversation_head SET version = @seq, seq = @seq, updated = @now WHERE owner = @owner AND conversation = @conversation",
                ("@seq", seq), ("@now", session.Now.ToUnixTimeMilliseconds()), ("@conversation", conversation)).ConfigureAwait(false);
            return before with { Details = details, Updated = session.Now, Sequence = seq };
        }, cancellation);
    }

    /// <inheritdoc/>
    public Task SetActiveLeafAsync(string owner, string conversation, string? message, CancellationToken cancellation = default) => WriteAsync(owner, async session =>
    {
        conversation = JournalInput.Id(conversation);
        Conversation before = await ConversationAsync(session, conversation).ConfigureAwait(false) ?? throw Missing("conversation", conversation);
        if (message is not null) await RequireAsync(session, conversation, message).ConfigureAwait(false);
        if (before.ActiveLeaf == message) return 0;
        long seq = await session.ChangeAsync(JournalChangeKind.BranchChosen, message ?? "", conversation).ConfigureAwait(false);
        // Looking at a branch is no news: the conversation keeps its place in the list.
        return await session.ExecuteAsync("UPDATE conversation_head SET leaf = @leaf WHERE owner = @owner AND conversation = @conversation",
            ("@leaf", message ?? ""), ("@conversation", conversation)).ConfigureAwait(false);
    }, cancellation);

    /// <inheritdoc/>
    public Task<JournalMessage> AppendAsync(string owner, string conversation, NewMessage message, CancellationToken cancellation = default)
    {
        message = JournalInput.Message(message);
        conversation = JournalInput.Id(conversation);
        return WriteAsync(owner, async session =>
        {
            List<long> count = await session.QueryAsync("SELECT messages FROM conversation_head WHERE owner = @owner AND conversation = @conversation",
                r => r.GetInt64(0), ("@conversation", conversation)).ConfigureAwait(false);
            if (count.Count == 0) throw Missing("conversation", conversation);
            if (count[0] >= JournalLimits.Messages) throw new ReverieException($"The conversation has {count[0]} messages, which is as many as one can have. Begin another.");
            if (message.Parent is not null) await RequireAsync(session, conversation, message.Parent).ConfigureAwait(false);
            JournalMessage written = await InsertAsync(session, conversation, message, session.Now, isImported: false).ConfigureAwait(false);
            await session.ExecuteAsync(
                $"UPDATE conversation_head SET {(message.BecomesActiveLeaf ? "leaf = @leaf, " : "")}messages = messages + 1, seq = @seq, updated = @now WHERE owner = @owner AND conversation = @conversation",
                ("@leaf", written.Id), ("@seq", written.Sequence), ("@now", session.Now.ToUnixTimeMilliseconds()), ("@conversation", conversation)).ConfigureAwait(false);
            return written;
        }, cancellation);
    }

    /// <inheritdoc/>
    public Task<ConversationTree?> ReadTreeAsync(string owner, string conversation, CancellationToken cancellation = default) =>
        ReadAsync(owner, session => TreeAsync(session, JournalInput.Id(conversation)), cancellation);

    /// <inheritdoc/>
    public Task<JournalMessage?> FindMessageAsync(string owner, string message, CancellationToken cancellation = default) => ReadAsync(owner, async session =>
    {
        JournalMessage? found = await session.FirstAsync($"{SelectMessage} AND id = @message", Message, ("@message", JournalInput.Id(message))).ConfigureAwait(false);
        return found is null ? null : found with { Feedback = (await FeedbackAsync(session, "message = @message", ("@message", found.Id)).ConfigureAwait(false)).FirstOrDefault() };
    }, cancellation);

    /// <inheritdoc/>
    public Task<ReplyTrace?> ReadTraceAsync(string owner, string message, CancellationToken cancellation = default) =>
        ReadAsync(owner, session => TraceAsync(session, JournalInput.Id(message)), cancellation);

    private async Task<Conversation> CreateAsync(JournalSession session, ConversationDetails details, DateTimeOffset created, bool isImported)
    {
        string id = NewId(session.Now);
        long seq = await session.ChangeAsync(JournalChangeKind.ConversationCreated, id, id).ConfigureAwait(false);
        await session.ExecuteAsync("INSERT INTO conversation (id, owner, created, imported) VALUES (@id, @owner, @created, @imported)",
            ("@id", id), ("@created", created.ToUnixTimeMilliseconds()), ("@imported", isImported ? 1L : 0L)).ConfigureAwait(false);
        await session.ExecuteAsync("INSERT INTO conversation_head (conversation, owner, version, leaf, messages, seq, updated) VALUES (@id, @owner, @seq, '', 0, @seq, @now)",
            ("@id", id), ("@seq", seq), ("@now", session.Now.ToUnixTimeMilliseconds())).ConfigureAwait(false);
        await VersionAsync(session, id, seq, details).ConfigureAwait(false);
        return new Conversation { Id = id, Owner = session.Owner, Details = details, Created = created, Updated = session.Now, Sequence = seq, IsImported = isImported };
    }

    private async Task<JournalMessage> InsertAsync(JournalSession session, string conversation, NewMessage message, DateTimeOffset created, bool isImported)
    {
        string id = NewId(session.Now);
        long seq = await session.ChangeAsync(JournalChangeKind.MessageWritten, id, conversation).ConfigureAwait(false);
        await session.ExecuteAsync(
            """
            INSERT INTO message (id, owner, conversation, parent, seq, created, role, imported, replied, typed_words, body)
            VALUES (@id, @owner, @conversation, @parent, @seq, @created, @role, @imported, @replied, @words, @body)
            """,
            ("@id", id), ("@conversation", conversation), ("@parent", message.Parent ?? ""), ("@seq", seq), ("@created", created.ToUnixTimeMilliseconds()),
            ("@role", message.Role.ToString()), ("@imported", isImported ? 1L : 0L), ("@replied", message.Reply is null ? 0L : 1L), ("@words", TypedWords(message.Parts)),
            ("@body", JournalJson.Write(new MessageBody(message.Parts, message.Reply)))).ConfigureAwait(false);
        if (message.Trace is not null)
        {
            await session.ExecuteAsync("INSERT INTO trace (message, owner, conversation, data) VALUES (@id, @owner, @conversation, @data)",
                ("@id", id), ("@conversation", conversation), ("@data", message.Trace.ToBytes())).ConfigureAwait(false);
        }

        await IndexAsync(session, conversation, id, seq, SearchWords.Distinct(SearchableText(message.Parts))).ConfigureAwait(false);
        return new JournalMessage
        {
            Id = id,
            Conversation = conversation,
            Parent = message.Parent,
            Sequence = seq,
            Created = created,
            Role = message.Role,
            Parts = message.Parts,
            Reply = message.Reply,
            IsImported = isImported,
        };
    }

    private async Task VersionAsync(JournalSession session, string conversation, long seq, ConversationDetails details)
    {
        await session.ExecuteAsync("INSERT INTO conversation_version (owner, conversation, seq, body) VALUES (@owner, @conversation, @seq, @body)",
            ("@conversation", conversation), ("@seq", seq), ("@body", JournalJson.Write(details))).ConfigureAwait(false);
        await UnindexAsync(session, "conversation = @conversation AND message = ''", ("@conversation", conversation)).ConfigureAwait(false);
        await IndexAsync(session, conversation, "", seq, SearchWords.Distinct(details.Title)).ConfigureAwait(false);
    }

    private static Task<Conversation?> ConversationAsync(JournalSession session, string conversation) =>
        session.FirstAsync(SelectConversation.Replace("...", "AND conversation = @conversation", StringComparison.Ordinal), r => Conversation(r, session.Owner), ("@conversation", conversation));

    private static async Task<ConversationTree?> TreeAsync(JournalSession session, string conversation)
    {
        if (await ConversationAsync(session, conversation).ConfigureAwait(false) is not { } found) return null;
        List<JournalMessage> messages = await session.QueryAsync($"{SelectMessage} AND conversation = @conversation ORDER BY seq", Message, ("@conversation", conversation)).ConfigureAwait(false);
        ILookup<string, Feedback> feedback = (await FeedbackAsync(session, "conversation = @conversation", ("@conversation", conversation)).ConfigureAwait(false)).ToLookup(f => f.Message);
        return new ConversationTree(found, [.. messages.Select(m => feedback[m.Id].FirstOrDefault() is { } newest ? m with { Feedback = newest } : m)]);
    }

    private static async Task<ReplyTrace?> TraceAsync(JournalSession session, string message) =>
        await session.FirstAsync("SELECT data FROM trace WHERE owner = @owner AND message = @message", r => r.GetFieldValue<byte[]>(0), ("@message", message)).ConfigureAwait(false) is { } bytes
            ? ReplyTrace.FromBytes(bytes)
            : null;

    private static async Task RequireAsync(JournalSession session, string conversation, string message)
    {
        long there = await session.NumberAsync("SELECT COUNT(*) FROM message WHERE owner = @owner AND conversation = @conversation AND id = @message",
            ("@conversation", conversation), ("@message", JournalInput.Id(message))).ConfigureAwait(false);
        if (there == 0) throw Missing("message", message);
    }

    private static long TypedWords(IReadOnlyList<MessagePart> parts) =>
        parts.Sum(p => p.Spans.Where(s => s.Source is Provenance.Typed).Sum(s => SearchWords.Split(p.Text.Substring(s.Start, s.Length)).LongCount()));

    private static Conversation Conversation(DbDataReader r, string owner) => new()
    {
        Id = r.GetString(0),
        Owner = owner,
        Created = JournalSession.FromStored(r.GetInt64(1)),
        IsImported = r.GetInt64(2) != 0,
        ActiveLeaf = r.GetString(3) is { Length: > 0 } leaf ? leaf : null,
        Sequence = r.GetInt64(4),
        Updated = JournalSession.FromStored(r.GetInt64(5)),
        Details = JournalJson.Read<ConversationDetails>(r.GetString(6)),
    };

    private static JournalMessage Message(DbDataReader r)
    {
        MessageBody body = JournalJson.Read<MessageBody>(r.GetString(7));
        return new JournalMessage
        {
            Id = r.GetString(0),
            Conversation = r.GetString(1),
            Parent = r.GetString(2) is { Length: > 0 } parent ? parent : null,
            Sequence = r.GetInt64(3),
            Created = JournalSession.FromStored(r.GetInt64(4)),
            Role = Enum.Parse<Role>(r.GetString(5)),
            IsImported = r.GetInt64(6) != 0,
            Parts = body.Parts,
            Reply = body.Reply,
        };
    }
}
