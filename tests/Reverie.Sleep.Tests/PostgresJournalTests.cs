using Npgsql;
using Reverie.Tensors;

namespace Reverie.Sleep.Tests;

[Collection(PostgresCollection.Name)]
public sealed class PostgresJournalTests(PostgresServer server) : JournalConformanceTests
{
    private protected override async Task<IJournal> OpenAsync(TimeProvider time)
    {
        server.Require();
        return await PostgresJournal.OpenAsync(server.ConnectionString, time);
    }

    private protected override async Task EmptyAsync()
    {
        server.Require();
        await server.ExecuteAsync($"DROP SCHEMA IF EXISTS {PostgresJournal.Schema} CASCADE");
    }

    [Fact]
    public async Task The_tables_themselves_show_nobody_anothers_rows()
    {
        await TalkAsync(Ada, "mine", "yours");
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        if (await ScalarAsync(connection, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user") is true)
            Assert.Skip("The user of REVERIE_POSTGRES may bypass row-level security.");
        foreach (string table in JournalSchema.Owned.Append("search"))
        {
            string count = $"SELECT COUNT(*) FROM {PostgresJournal.Schema}.{table}";
            Assert.Equal(0L, await ScalarAsync(connection, count));
            Assert.Equal(0L, await ScalarAsync(connection, $"SET reverie.owner = '{Bob}'; {count}"));
            if (table is not ("consent" or "feedback")) Assert.NotEqual(0L, await ScalarAsync(connection, $"SET reverie.owner = '{Ada}'; {count}"));
            await ScalarAsync(connection, "RESET reverie.owner");
        }

        await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync(connection, $"SET reverie.owner = '{Bob}'; INSERT INTO {PostgresJournal.Schema}.consent VALUES ('{Ada}', 99, 0, 1, '', 'sleep')"));
    }

    [Fact]
    public async Task Many_may_make_it_at_the_same_moment()
    {
        await EmptyAsync();
        PostgresJournal[] journals = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostgresJournal.OpenAsync(server.ConnectionString)));
        await Task.WhenAll(journals.Select(j => j.SetConsentAsync(Ada, true, "yes")));
        Assert.Equal(8, (await journals[0].ReadConsentAsync(Ada)).Count);
        foreach (PostgresJournal journal in journals) await journal.DisposeAsync();
    }

    [Fact]
    public async Task A_newer_journal_is_refused()
    {
        await server.ExecuteAsync($"UPDATE {PostgresJournal.Schema}.schema_version SET version = 99");
        Assert.Contains("version 99", (await Assert.ThrowsAsync<ReverieException>(() => PostgresJournal.OpenAsync(server.ConnectionString))).Message);
    }

    [Fact]
    public async Task A_journal_of_the_first_version_is_made_one_of_this()
    {
        await EmptyAsync();
        await using (PostgresJournal first = await PostgresJournal.OpenAsync(server.ConnectionString)) await first.SetConsentAsync(Ada, true, "yes");
        await server.ExecuteAsync($"DROP POLICY the_company ON {PostgresJournal.Schema}.consent; ALTER TABLE {PostgresJournal.Schema}.consent DROP COLUMN purpose; UPDATE {PostgresJournal.Schema}.schema_version SET version = 1");
        await using PostgresJournal journal = await PostgresJournal.OpenAsync(server.ConnectionString);
        Assert.True((await journal.ReadConsentAsync(Ada)).Single().IsGiven);
        Assert.Empty(await journal.ReadSharersAsync());
        await journal.SetSharingAsync(Ada, true, "yes");
        Assert.Equal([Ada], await journal.ReadSharersAsync());
    }

    [Theory]
    [InlineData("postgres://someone:secret@127.0.0.1:1/nothing?Timeout=1")]
    [InlineData("postgres://someone:secret@/x?nonsense=1")]
    [InlineData("Host=127.0.0.1;Port=secret")]
    public async Task A_server_that_cannot_be_reached_is_one_clear_line_without_the_password(string location)
    {
        Assert.True(PostgresJournal.IsConnection(location));
        string message = (await Assert.ThrowsAsync<ReverieException>(() => PostgresJournal.OpenAsync(location))).Message;
        Assert.DoesNotContain("secret", message);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("/home/ada/journal.db")]
    [InlineData("Hostess=1.db")]
    [InlineData(@"C:\journals\host.db")]
    public void A_file_is_not_taken_for_a_server(string location) => Assert.False(PostgresJournal.IsConnection(location));

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
