namespace Reverie.Sleep;

public abstract partial class SqlJournal
{
    /// <summary>What consent is about: whether sleep may learn, and whether what was told may reach the company.</summary>
    internal const string ForSleep = "sleep", ForCompany = "company";

    /// <summary>No owner's name: that of a transaction that reads who shares.</summary>
    private protected const string Everybody = "*";

    private const string SelectConsent = "SELECT seq, at, given, body FROM consent WHERE owner = @owner AND purpose = @purpose ORDER BY seq DESC";

    private const string SelectChange = "SELECT seq, at, kind, subject, conversation FROM change WHERE owner = @owner";

    /// <inheritdoc/>
    public Task<Feedback> GiveFeedbackAsync(string owner, string message, bool isGood, string? betterAnswer = null, CancellationToken cancellation = default)
    {
        betterAnswer = betterAnswer is null ? null : JournalInput.Text(betterAnswer, "better answer");
        message = JournalInput.Id(message);
        return WriteAsync(owner, async session =>
        {
            string conversation = await session.FirstAsync("SELECT conversation FROM message WHERE owner = @owner AND id = @message", r => r.GetString(0), ("@message", message)).ConfigureAwait(false)
                ?? throw Missing("message", message);
            return await JudgeAsync(session, conversation, message, isGood, betterAnswer, session.Now).ConfigureAwait(false);
        }, cancellation);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Feedback>> ReadFeedbackAsync(string owner, string message, CancellationToken cancellation = default) =>
        await ReadAsync(owner, session => FeedbackAsync(session, "message = @message", ("@message", JournalInput.Id(message))), cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<Consent> SetConsentAsync(string owner, bool isGiven, string wording, CancellationToken cancellation = default)
    {
        wording = JournalInput.Text(wording, "wording");
        return WriteAsync(owner, session => SayAsync(session, ForSleep, isGiven, wording), cancellation);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Consent>> ReadConsentAsync(string owner, CancellationToken cancellation = default) =>
        await ReadAsync(owner, session => ConsentAsync(session, ForSleep), cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<Consent> SetSharingAsync(string owner, bool isGiven, string wording, CancellationToken cancellation = default)
    {
        wording = JournalInput.Text(wording, "wording");
        return WriteAsync(owner, session => SayAsync(session, ForCompany, isGiven, wording), cancellation);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Consent>> ReadSharingAsync(string owner, CancellationToken cancellation = default) =>
        await ReadAsync(owner, session => ConsentAsync(session, ForCompany), cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ReadSharersAsync(CancellationToken cancellation = default) =>
        await BeginAndRunAsync(Everybody, write: false, session => session.QueryAsync(
            $"""
            SELECT c.owner FROM consent c
            WHERE @owner = '{Everybody}' AND c.given = 1 AND c.seq = (SELECT MAX(n.seq) FROM consent n WHERE n.owner = c.owner AND n.purpose = c.purpose)
            GROUP BY c.owner HAVING COUNT(*) = 2
            """,
            r => r.GetString(0)), cancellation).ConfigureAwait(false) is var owners ? [.. owners.Order(StringComparer.Ordinal)] : [];

    /// <inheritdoc/>
    public Task<JournalSummary> SummarizeAsync(string owner, CancellationToken cancellation = default) => ReadAsync(owner, async session =>
    {
        long[] messages = (await session.QueryAsync(
            "SELECT COUNT(*), COALESCE(SUM(replied), 0), COALESCE(SUM(typed_words), 0), COALESCE(MIN(created), 0) FROM message WHERE owner = @owner",
            r => new[] { r.GetInt64(0), Convert.ToInt64(r.GetValue(1), null), Convert.ToInt64(r.GetValue(2), null), r.GetInt64(3) }).ConfigureAwait(false))[0];
        Feedback[] newest = [.. (await FeedbackAsync(session, "1 = 1").ConfigureAwait(false)).DistinctBy(f => f.Message)];
        return new JournalSummary
        {
            Conversations = await session.NumberAsync("SELECT COUNT(*) FROM conversation WHERE owner = @owner").ConfigureAwait(false),
            Messages = messages[0],
            Replies = messages[1],
            WordsTyped = messages[2],
            Since = messages[0] == 0 ? null : JournalSession.FromStored(messages[3]),
            ThumbsUp = newest.LongCount(f => f.IsGood),
            ThumbsDown = newest.LongCount(f => !f.IsGood),
            BetterAnswers = newest.LongCount(f => f.BetterAnswer is not null),
            Sequence = await session.NumberAsync("SELECT COALESCE(MAX(seq), 0) FROM change WHERE owner = @owner").ConfigureAwait(false),
            Consents = await ConsentAsync(session, ForSleep).ConfigureAwait(false),
            Sharing = await ConsentAsync(session, ForCompany).ConfigureAwait(false),
            Deletions = await session.QueryAsync($"{SelectChange} AND kind LIKE '%Deleted' ORDER BY seq DESC LIMIT 100", Change).ConfigureAwait(false),
        };
    }, cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<JournalChange>> ReadChangesAsync(string owner, long since = 0, int limit = 1000, CancellationToken cancellation = default)
    {
        JournalInput.Limit(limit, 10_000);
        return await ReadAsync(owner, session => session.QueryAsync($"{SelectChange} AND seq > @since ORDER BY seq LIMIT @limit", Change, ("@since", since), ("@limit", (long)limit)), cancellation).ConfigureAwait(false);
    }

    private static async Task<Feedback> JudgeAsync(JournalSession session, string conversation, string message, bool isGood, string? betterAnswer, DateTimeOffset given)
    {
        long seq = await session.ChangeAsync(JournalChangeKind.FeedbackGiven, message, conversation).ConfigureAwait(false);
        await session.ExecuteAsync("INSERT INTO feedback (owner, message, seq, conversation, at, good, body) VALUES (@owner, @message, @seq, @conversation, @at, @good, @body)",
            ("@message", message), ("@seq", seq), ("@conversation", conversation), ("@at", given.ToUnixTimeMilliseconds()), ("@good", isGood ? 1L : 0L), ("@body", JournalJson.Write(betterAnswer))).ConfigureAwait(false);
        return new Feedback { Message = message, IsGood = isGood, BetterAnswer = betterAnswer, Given = given, Sequence = seq };
    }

    private static async Task<Consent> SayAsync(JournalSession session, string purpose, bool isGiven, string wording)
    {
        long seq = await session.ChangeAsync(JournalChangeKind.ConsentSaid).ConfigureAwait(false);
        await session.ExecuteAsync("INSERT INTO consent (owner, seq, at, given, body, purpose) VALUES (@owner, @seq, @at, @given, @body, @purpose)",
            ("@seq", seq), ("@purpose", purpose), ("@at", session.Now.ToUnixTimeMilliseconds()), ("@given", isGiven ? 1L : 0L), ("@body", JournalJson.Write(wording))).ConfigureAwait(false);
        return new Consent(isGiven, wording, session.Now, seq);
    }

    /// <summary>Newest first.</summary>
    private static Task<List<Feedback>> FeedbackAsync(JournalSession session, string where, params (string Name, object Value)[] values) => session.QueryAsync(
        $"SELECT message, seq, at, good, body FROM feedback WHERE owner = @owner AND {where} ORDER BY seq DESC",
        r => new Feedback
        {
            Message = r.GetString(0),
            Sequence = r.GetInt64(1),
            Given = JournalSession.FromStored(r.GetInt64(2)),
            IsGood = r.GetInt64(3) != 0,
            BetterAnswer = JournalJson.Read<string?>(r.GetString(4)),
        }, values);

    private static Task<List<Consent>> ConsentAsync(JournalSession session, string purpose) => session.QueryAsync(SelectConsent,
        r => new Consent(r.GetInt64(2) != 0, JournalJson.Read<string>(r.GetString(3)), JournalSession.FromStored(r.GetInt64(1)), r.GetInt64(0)), ("@purpose", purpose));

    private static JournalChange Change(System.Data.Common.DbDataReader r) => new(
        r.GetInt64(0), JournalSession.FromStored(r.GetInt64(1)), Enum.Parse<JournalChangeKind>(r.GetString(2)),
        r.GetString(3) is { Length: > 0 } subject ? subject : null, r.GetString(4) is { Length: > 0 } conversation ? conversation : null);
}
