using System.Data.Common;

namespace Reverie.Sleep;

/// <summary>One transaction of one owner. Every statement must name <c>@owner</c>; its value is set here and nowhere else.</summary>
internal sealed class JournalSession(DbConnection connection, DbTransaction transaction, string owner, DateTimeOffset now, Func<ValueTask> release) : IAsyncDisposable
{
    /// <summary>Whose.</summary>
    public string Owner => owner;

    /// <summary>When it began, in whole milliseconds, which is what the store keeps.</summary>
    public DateTimeOffset Now { get; } = FromStored(now.ToUnixTimeMilliseconds());

    /// <summary>A time as it is stored: milliseconds since 1970, UTC.</summary>
    public static DateTimeOffset FromStored(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    /// <summary>Runs a statement; returns how many rows it changed.</summary>
    public async Task<int> ExecuteAsync(string sql, params (string Name, object Value)[] values)
    {
        await using DbCommand command = Command(sql, values);
        return await command.ExecuteNonQueryAsync().ConfigureAwait(false);
    }

    /// <summary>Reads all rows.</summary>
    public async Task<List<T>> QueryAsync<T>(string sql, Func<DbDataReader, T> read, params (string Name, object Value)[] values)
    {
        await using DbCommand command = Command(sql, values);
        await using DbDataReader reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        var rows = new List<T>();
        while (await reader.ReadAsync().ConfigureAwait(false)) rows.Add(read(reader));
        return rows;
    }

    /// <summary>Reads the first row; null without one.</summary>
    public async Task<T?> FirstAsync<T>(string sql, Func<DbDataReader, T> read, params (string Name, object Value)[] values) where T : class =>
        (await QueryAsync(sql, read, values).ConfigureAwait(false)).FirstOrDefault();

    /// <summary>Reads one number, which must be there.</summary>
    public async Task<long> NumberAsync(string sql, params (string Name, object Value)[] values) =>
        (await QueryAsync(sql, r => r.GetInt64(0), values).ConfigureAwait(false))[0];

    /// <summary>Writes the next change; returns its number.</summary>
    public Task<long> ChangeAsync(JournalChangeKind kind, string subject = "", string conversation = "") => NumberAsync(
        """
        INSERT INTO change (owner, seq, at, kind, subject, conversation)
        SELECT @owner, COALESCE(MAX(seq), 0) + 1, @at, @kind, @subject, @conversation FROM change WHERE owner = @owner
        RETURNING seq
        """,
        ("@at", Now.ToUnixTimeMilliseconds()), ("@kind", kind.ToString()), ("@subject", subject), ("@conversation", conversation));

    /// <summary>Makes it last.</summary>
    public Task CommitAsync() => transaction.CommitAsync();

    /// <summary>Takes everything back unless it was committed.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await transaction.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            await release().ConfigureAwait(false);
        }
    }

    private DbCommand Command(string sql, (string Name, object Value)[] values)
    {
        // A statement that forgets the owner would show one person's words to another.
        if (!sql.Contains("@owner", StringComparison.Ordinal)) throw new InvalidOperationException($"This statement does not name its owner: {sql}");
        DbCommand command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        Add("@owner", owner);
        foreach ((string name, object value) in values) Add(name, value);
        return command;

        void Add(string name, object value)
        {
            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }
    }
}
