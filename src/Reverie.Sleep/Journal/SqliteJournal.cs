using Microsoft.Data.Sqlite;
using Reverie.Tensors;

namespace Reverie.Sleep;

/// <summary>
/// A journal in one SQLite file, readable by its owner alone. Commits are on the disk when a call returns (write-ahead log,
/// synchronous=FULL); reads do not wait for writes; several processes may open it at once.
/// </summary>
public sealed class SqliteJournal : SqlJournal
{
    private const int ApplicationId = 0x52766A6C;

    private const int BusyMilliseconds = 10_000;

    private const UnixFileMode OwnerAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SqliteConnection _writer;
    private readonly string _readers;

    private SqliteJournal(SqliteConnection writer, string path, TimeProvider? time) : base(time) => (_writer, _readers, Path) = (writer, Connection(path), path);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Opens a journal, or makes one.</summary>
    /// <param name="path">Its file; folders are made for the owner alone where they do not exist.</param>
    /// <param name="notice">Is told in a line what was repaired.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <exception cref="ReverieException">It cannot be opened, is of a newer version, or is something else.</exception>
    public static SqliteJournal Open(string path, Action<string>? notice = null, TimeProvider? time = null)
    {
        path = System.IO.Path.GetFullPath(path);
        Guard(path, notice);
        var writer = new SqliteConnection(Connection(path, pooling: false));
        try
        {
            Prepare(writer);
            Migrate(writer, path);
            Truncate(writer);
            return new SqliteJournal(writer, path, time);
        }
        catch (Exception e)
        {
            writer.Dispose();
            if (e is SqliteException { SqliteErrorCode: 26 or 11 }) throw new ReverieException($"{path} is no journal, or it is damaged. Move it away, or name another file.", e);
            if (e is SqliteException) throw new ReverieException($"Cannot open the journal {path}: {e.Message.TrimEnd('.')}. Free it or name another file.", e);
            throw;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            using (var reader = new SqliteConnection(_readers)) SqliteConnection.ClearPool(reader);
            // The last connection that closes moves the log into the file and removes it.
            await _writer.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    private protected override async Task<JournalSession> BeginAsync(string owner, bool write, DateTimeOffset now, CancellationToken cancellation)
    {
        if (!write)
        {
            var reader = new SqliteConnection(_readers);
            try
            {
                await reader.OpenAsync(cancellation).ConfigureAwait(false);
                Prepare(reader);
                return new JournalSession(reader, reader.BeginTransaction(deferred: true), owner, now, reader.DisposeAsync);
            }
            catch
            {
                reader.Dispose();
                throw;
            }
        }

        await _writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return new JournalSession(_writer, _writer.BeginTransaction(deferred: false), owner, now, () =>
            {
                _writing.Release();
                return ValueTask.CompletedTask;
            });
        }
        catch
        {
            _writing.Release();
            throw;
        }
    }

    private protected override async Task IndexAsync(JournalSession session, string conversation, string message, long sequence, string words)
    {
        if (words.Length == 0) return;
        await session.ExecuteAsync("INSERT INTO search_entry (owner, conversation, message, seq) VALUES (@owner, @conversation, @message, @seq)",
            ("@conversation", conversation), ("@message", message), ("@seq", sequence)).ConfigureAwait(false);
        await session.ExecuteAsync("INSERT INTO search (rowid, words, person) VALUES (last_insert_rowid(), @words, hex(@owner))", ("@words", words)).ConfigureAwait(false);
    }

    private protected override async Task UnindexAsync(JournalSession session, string where, params (string Name, object Value)[] values)
    {
        await session.ExecuteAsync($"DELETE FROM search WHERE rowid IN (SELECT id FROM search_entry WHERE owner = @owner AND {where})", values).ConfigureAwait(false);
        await session.ExecuteAsync($"DELETE FROM search_entry WHERE owner = @owner AND {where}", values).ConfigureAwait(false);
    }

    // The owner is a word of the index too, so that a search reads nothing of others.
    private protected override Task<List<(string Conversation, string Message, long Sequence)>> FindAsync(JournalSession session, IReadOnlyList<string> words, int limit, long before) => session.QueryAsync(
        """
        SELECT e.conversation, e.message, e.seq FROM search s JOIN search_entry e ON e.id = s.rowid
        WHERE search MATCH 'person : "' || hex(@owner) || '" AND ' || @match AND e.owner = @owner AND e.seq < @before ORDER BY e.seq DESC LIMIT @limit
        """,
        r => (r.GetString(0), r.GetString(1), r.GetInt64(2)),
        ("@match", string.Join(" AND ", words.Select(w => $"words : \"{w}\" *"))), ("@before", before), ("@limit", (long)limit));

    private protected override async Task EraseAsync()
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            // A reader of the old state keeps the log from being emptied for as long as it reads.
            for (int attempt = 0; attempt < 100 && !Truncate(_writer); attempt++) await Task.Delay(20).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    private static string Connection(string path, bool pooling = true) =>
        new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = pooling, DefaultTimeout = BusyMilliseconds / 1000 }.ToString();

    private static void Prepare(SqliteConnection connection)
    {
        if (connection.State is System.Data.ConnectionState.Closed) connection.Open();
        Run(connection, $"PRAGMA busy_timeout = {BusyMilliseconds}; PRAGMA secure_delete = ON; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;");
    }

    private static void Migrate(SqliteConnection writer, string path)
    {
        if (Number(writer, "PRAGMA application_id") is not ApplicationId and not 0) throw Foreign(path);
        Run(writer, "PRAGMA journal_mode = WAL;");
        using SqliteTransaction transaction = writer.BeginTransaction(deferred: false);
        if (Number(writer, "SELECT COUNT(*) FROM sqlite_master", transaction) == 0)
        {
            Run(writer, JournalSchema.Create("BLOB"), transaction);
            Run(writer,
                $"""
                CREATE TABLE search_entry (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, conversation TEXT NOT NULL, message TEXT NOT NULL, seq BIGINT NOT NULL);
                CREATE INDEX search_entry_message ON search_entry (owner, conversation, message);
                CREATE VIRTUAL TABLE search USING fts5(words, person, tokenize = "unicode61 remove_diacritics 0");
                INSERT INTO search (search, rank) VALUES ('secure-delete', 1);
                PRAGMA application_id = {ApplicationId};
                """, transaction);
        }
        else if (Number(writer, "PRAGMA application_id", transaction) != ApplicationId) throw Foreign(path);

        long version = Number(writer, "SELECT MAX(version) FROM schema_version", transaction);
        if (version > JournalSchema.Version) throw new ReverieException($"The journal {path} has version {version}; this program knows up to {JournalSchema.Version}. Use a newer Reverie.");
        if (version < JournalSchema.Version) Run(writer, JournalSchema.Upgrade(version), transaction);
        transaction.Commit();
    }

    /// <summary>Moves the log into the file and empties it; false where someone still reads from it.</summary>
    private static bool Truncate(SqliteConnection writer) => Number(writer, "PRAGMA wal_checkpoint(TRUNCATE)") == 0;

    /// <summary>Makes the file before SQLite does, so that there is no moment at which others could open it; SQLite gives the log the file's rights.</summary>
    private static void Guard(string path, Action<string>? notice)
    {
        try
        {
            string folder = System.IO.Path.GetDirectoryName(path)!;
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
                if (!File.Exists(path)) File.Create(path).Dispose();
                return;
            }

            if (!Directory.Exists(folder)) Directory.CreateDirectory(folder, OwnerAlone | UnixFileMode.UserExecute);
            using (new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete, UnixCreateMode = OwnerAlone })) { }
            foreach (string file in new[] { path, path + "-wal", path + "-shm" })
            {
                if (!File.Exists(file) || (File.GetUnixFileMode(file) & ~OwnerAlone) == 0) continue;
                File.SetUnixFileMode(file, OwnerAlone);
                notice?.Invoke($"Others could read {file}; now its owner alone can.");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReverieException($"Cannot open the journal {path}: {e.Message.TrimEnd('.')}. Name another file or folder.", e);
        }
    }

    private static ReverieException Foreign(string path) => new($"{path} is the database of another program. Name another file for the journal.");

    private static void Run(SqliteConnection connection, string sql, SqliteTransaction? transaction = null)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        command.ExecuteNonQuery();
    }

    private static long Number(SqliteConnection connection, string sql, SqliteTransaction? transaction = null)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        return Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
