namespace Reverie.Sleep;

/// <summary>
/// The tables of a journal, the same in every store but for the names of two types and the search index. What an owner said stands in
/// <c>body</c> columns as JSON and is never updated; only <c>conversation_head</c>, which points, is.
/// </summary>
internal static class JournalSchema
{
    /// <summary>The version that this program writes.</summary>
    public const long Version = 2;

    /// <summary>Tables that have an <c>owner</c>; what a store erases and guards by row.</summary>
    public static readonly string[] Owned = ["change", "conversation", "conversation_version", "conversation_head", "message", "trace", "feedback", "consent"];

    /// <summary>Makes the tables.</summary>
    /// <param name="bytes">The store's type for bytes.</param>
    public static string Create(string bytes) => $"""
        CREATE TABLE schema_version (version BIGINT NOT NULL);
        INSERT INTO schema_version (version) VALUES ({Version});
        CREATE TABLE change (
            owner TEXT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, conversation TEXT NOT NULL,
            PRIMARY KEY (owner, seq));
        CREATE TABLE conversation (
            id TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, created BIGINT NOT NULL, imported BIGINT NOT NULL);
        CREATE TABLE conversation_version (
            owner TEXT NOT NULL, conversation TEXT NOT NULL, seq BIGINT NOT NULL, body TEXT NOT NULL,
            PRIMARY KEY (owner, conversation, seq));
        CREATE TABLE conversation_head (
            conversation TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, version BIGINT NOT NULL, leaf TEXT NOT NULL,
            messages BIGINT NOT NULL, seq BIGINT NOT NULL, updated BIGINT NOT NULL);
        CREATE INDEX conversation_head_recent ON conversation_head (owner, seq);
        CREATE TABLE message (
            id TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, conversation TEXT NOT NULL, parent TEXT NOT NULL, seq BIGINT NOT NULL,
            created BIGINT NOT NULL, role TEXT NOT NULL, imported BIGINT NOT NULL, replied BIGINT NOT NULL, typed_words BIGINT NOT NULL, body TEXT NOT NULL);
        CREATE INDEX message_order ON message (owner, conversation, seq);
        CREATE INDEX message_children ON message (owner, conversation, parent, seq);
        CREATE INDEX message_counts ON message (owner, replied, typed_words, created);
        CREATE TABLE trace (
            message TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, conversation TEXT NOT NULL, data {bytes} NOT NULL);
        CREATE INDEX trace_conversation ON trace (owner, conversation);
        CREATE TABLE feedback (
            owner TEXT NOT NULL, message TEXT NOT NULL, seq BIGINT NOT NULL, conversation TEXT NOT NULL, at BIGINT NOT NULL, good BIGINT NOT NULL, body TEXT NOT NULL,
            PRIMARY KEY (owner, message, seq));
        CREATE INDEX feedback_conversation ON feedback (owner, conversation);
        CREATE TABLE consent (
            owner TEXT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, given BIGINT NOT NULL, body TEXT NOT NULL, purpose TEXT NOT NULL,
            PRIMARY KEY (owner, seq));
        """;

    /// <summary>Makes the tables of an older version those of this one.</summary>
    /// <param name="version">The version that they have.</param>
    public static string Upgrade(long version) => version < 2
        ? $"ALTER TABLE consent ADD COLUMN purpose TEXT NOT NULL DEFAULT '{SqlJournal.ForSleep}'; UPDATE schema_version SET version = 2;"
        : "";
}
