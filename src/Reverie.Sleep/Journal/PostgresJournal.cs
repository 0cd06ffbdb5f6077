using System.Data;
using System.Data.Common;
using Npgsql;
using Reverie.Tensors;

namespace Reverie.Sleep;

/// <summary>
/// A journal in a PostgreSQL database, for a team: many servers may use one at once. Beside the owner in every statement the
/// tables' own policies (row-level security) show a transaction nothing but its owner's rows, unless the database's user may bypass them.
/// </summary>
/// <remarks>Erased rows leave the tables at once; their bytes leave the server's files with its vacuum, log and backups.</remarks>
public sealed class PostgresJournal : SqlJournal
{
    /// <summary>The schema in which the tables are.</summary>
    public const string Schema = "reverie";

    private const int Connections = 32;

    // Who shares with the company is the one thing that is read across owners.
    private const string SharersPolicy = $"CREATE POLICY the_company ON consent FOR SELECT USING (current_setting('reverie.owner', true) = '{Everybody}');";

    private readonly NpgsqlDataSource _source;

    private PostgresJournal(NpgsqlDataSource source, TimeProvider? time) : base(time) => _source = source;

    /// <summary>Whether a journal's name means a PostgreSQL database: <c>postgres://...</c>, <c>postgresql://...</c> or <c>Host=...;Database=...</c>.</summary>
    public static bool IsConnection(string location) =>
        location.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || location.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase)
        || location.Split(';').Any(p => p.Split('=') is [{ } key, _, ..] && key.Trim().Equals("Host", StringComparison.OrdinalIgnoreCase));

    /// <summary>Opens a journal; makes its tables where there are none.</summary>
    /// <param name="location">A connection string of Npgsql, or <c>postgres://user:password@host:port/database</c>.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ReverieException">The server cannot be reached, refuses, or has a journal of a newer version.</exception>
    public static async Task<PostgresJournal> OpenAsync(string location, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        NpgsqlDataSource source = NpgsqlDataSource.Create(ConnectionString(location));
        try
        {
            await MigrateAsync(source, cancellation).ConfigureAwait(false);
            return new PostgresJournal(source, time);
        }
        catch (Exception e)
        {
            await source.DisposeAsync().ConfigureAwait(false);
            if (e is DbException or TimeoutException or System.Net.Sockets.SocketException)
                throw new ReverieException($"Cannot open the journal in PostgreSQL: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}. Check the connection string and that its user may create tables.", e);
            throw;
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    private protected override async Task<JournalSession> BeginAsync(string owner, bool write, DateTimeOffset now, CancellationToken cancellation)
    {
        NpgsqlConnection connection = await _source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        try
        {
            NpgsqlTransaction transaction = await connection.BeginTransactionAsync(write ? IsolationLevel.ReadCommitted : IsolationLevel.RepeatableRead, cancellation).ConfigureAwait(false);
            var session = new JournalSession(connection, transaction, owner, now, connection.DisposeAsync);
            // Numbers of changes must become visible in their order, or who reads "since" would miss one.
            string queue = write ? ", pg_advisory_xact_lock(hashtextextended(@owner, 0))" : "";
            await session.ExecuteAsync($"SELECT set_config('reverie.owner', @owner, true){queue}").ConfigureAwait(false);
            return session;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private protected override async Task IndexAsync(JournalSession session, string conversation, string message, long sequence, string words)
    {
        if (words.Length == 0) return;
        await session.ExecuteAsync(
            "INSERT INTO search (owner, conversation, message, seq, words) VALUES (@owner, @conversation, @message, @seq, array_to_tsvector(string_to_array(@words, ' ')))",
            ("@conversation", conversation), ("@message", message), ("@seq", sequence), ("@words", words)).ConfigureAwait(false);
    }

    private protected override Task UnindexAsync(JournalSession session, string where, params (string Name, object Value)[] values) =>
        session.ExecuteAsync($"DELETE FROM search WHERE owner = @owner AND {where}", values);

    private protected override Task<List<(string Conversation, string Message, long Sequence)>> FindAsync(JournalSession session, IReadOnlyList<string> words, int limit, long before) => session.QueryAsync(
        "SELECT conversation, message, seq FROM search WHERE owner = @owner AND words @@ CAST(@match AS tsquery) AND seq < @before ORDER BY seq DESC LIMIT @limit",
        r => (r.GetString(0), r.GetString(1), r.GetInt64(2)),
        ("@match", string.Join(" & ", words.Select(w => $"'{w}':*"))), ("@before", before), ("@limit", (long)limit));

    private static async Task MigrateAsync(NpgsqlDataSource source, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await RunAsync($"SELECT pg_advisory_xact_lock(hashtextextended('{Schema} schema', 0))").ConfigureAwait(false);
        if (await RunAsync($"SELECT to_regclass('{Schema}.schema_version')::text").ConfigureAwait(false) is not string)
        {
            await RunAsync($"CREATE SCHEMA IF NOT EXISTS {Schema}").ConfigureAwait(false);
            await RunAsync(JournalSchema.Create("BYTEA")).ConfigureAwait(false);
            await RunAsync(
                """
                CREATE TABLE search (
                    owner TEXT NOT NULL, conversation TEXT NOT NULL, message TEXT NOT NULL, seq BIGINT NOT NULL, words TSVECTOR NOT NULL,
                    PRIMARY KEY (owner, conversation, message));
                CREATE INDEX search_order ON search (owner, seq);
                CREATE INDEX search_words ON search USING gin (words);
                """).ConfigureAwait(false);
            foreach (string table in JournalSchema.Owned.Append("search"))
            {
                await RunAsync(
                    $"""
                    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
                    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
                    CREATE POLICY its_owner ON {table} USING (owner = current_setting('reverie.owner', true)) WITH CHECK (owner = current_setting('reverie.owner', true));
                    """).ConfigureAwait(false);
            }

            await RunAsync(SharersPolicy).ConfigureAwait(false);
        }

        long version = Convert.ToInt64(await RunAsync("SELECT MAX(version) FROM schema_version").ConfigureAwait(false), System.Globalization.CultureInfo.InvariantCulture);
        if (version > JournalSchema.Version) throw new ReverieException($"The journal in PostgreSQL has version {version}; this program knows up to {JournalSchema.Version}. Use a newer Reverie.");
        if (version < JournalSchema.Version) await RunAsync($"{JournalSchema.Upgrade(version)} {SharersPolicy}").ConfigureAwait(false);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);

        async Task<object?> RunAsync(string sql)
        {
            await using NpgsqlCommand command = new(sql, connection, transaction);
            return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false);
        }
    }

    private static string ConnectionString(string location)
    {
        try
        {
            NpgsqlConnectionStringBuilder builder = location.Contains("://", StringComparison.Ordinal) ? FromUri(new Uri(location)) : new NpgsqlConnectionStringBuilder(location);
            builder.SearchPath = Schema;
            if (!builder.ContainsKey("Application Name")) builder.ApplicationName = "reverie";
            builder.MaxPoolSize = Math.Min(builder.MaxPoolSize, Connections);
            return builder.ToString();
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            // Neither the string nor the parser's message: they may hold the password.
            throw new ReverieException("The journal's connection string cannot be read. Write postgres://user:password@host:5432/database, or Host=...;Database=...;Username=...;Password=....", e);
        }
    }

    private static NpgsqlConnectionStringBuilder FromUri(Uri uri)
    {
        string[] user = uri.UserInfo.Split(':', 2);
        var builder = new NpgsqlConnectionStringBuilder { Host = Uri.UnescapeDataString(uri.Host), Port = uri.Port > 0 ? uri.Port : NpgsqlConnection.DefaultPort };
        if (uri.AbsolutePath.Length > 1) builder.Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]);
        if (user[0].Length > 0) builder.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length > 1) builder.Password = Uri.UnescapeDataString(user[1]);
        foreach (string[] pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2)))
        {
            string key = pair[0] is "sslmode" ? "SSL Mode" : pair[0];
            builder[key] = Uri.UnescapeDataString(pair.Length > 1 ? pair[1] : "");
        }

        return builder;
    }
}
