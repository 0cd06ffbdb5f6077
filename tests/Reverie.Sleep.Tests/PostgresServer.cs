using System.Diagnostics;
using Npgsql;

namespace Reverie.Sleep.Tests;

/// <summary>
/// A real PostgreSQL with a database for these tests: the one that REVERIE_POSTGRES names, or one that is started here on a socket in a
/// folder of its own and ends with this process, however that ends.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private const string Variable = "REVERIE_POSTGRES", Role = "reverie_tests";

    private readonly string _database = $"reverie_tests_{Guid.NewGuid():N}";
    private Process? _server;
    private string? _administration;

    /// <summary>Why there is no server; null where there is one.</summary>
    public string? Absence { get; private set; }

    /// <summary>Opens the database of the tests.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>Ends the test where there is no server.</summary>
    public void Require()
    {
        if (Absence is not null) Assert.Skip(Absence);
    }

    public async ValueTask InitializeAsync()
    {
        string? given = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(given))
        {
            given = await StartAsync();
            if (given is null) return;
        }

        _administration = given;
        await ExecuteAsync(given, $"CREATE DATABASE {_database}");
        ConnectionString = new NpgsqlConnectionStringBuilder(given) { Database = _database }.ToString();
        if (_server is null) return;
        // Whoever owns the server would not be bound by the tables' policies.
        await ExecuteAsync(given, $"CREATE ROLE {Role} LOGIN NOSUPERUSER NOBYPASSRLS; ALTER DATABASE {_database} OWNER TO {Role}");
        ConnectionString = new NpgsqlConnectionStringBuilder(given) { Database = _database, Username = Role }.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_server is null)
        {
            if (_administration is not null) await ExecuteAsync(_administration, $"DROP DATABASE {_database} WITH (FORCE)");
            return;
        }

        _server.StandardInput.Close();
        await _server.WaitForExitAsync();
        _server.Dispose();
    }

    /// <summary>Runs a statement as the tests' user.</summary>
    public Task ExecuteAsync(string sql) => ExecuteAsync(ConnectionString, sql);

    /// <summary>Runs a statement.</summary>
    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<string?> StartAsync()
    {
        if (Programs() is not { } programs)
        {
            Absence = $"PostgreSQL is not installed: neither PATH nor /usr/lib/postgresql has initdb and postgres. Install it, or name a server in {Variable}.";
            return null;
        }

        // The server refuses to run as root.
        string[] account = Environment.UserName == "root" ? ["runuser", "-u", Account(), "--"] : [];
        string folder = Path.Combine("/tmp", $"reverie-postgres-{Guid.NewGuid().ToString("N")[..12]}");
        const string Script = """
            cd / || exit 1
            "$1/initdb" -D "$2" -U owner -A trust -E UTF8 --no-locale --no-sync > /dev/null || exit 1
            "$1/postgres" -D "$2" -k "$2" -c listen_addresses= -c fsync=off -c shared_buffers=16MB -c max_connections=80 > "$2/server.log" 2>&1 &
            read -r _
            kill -QUIT $!
            wait
            rm -rf "$2"
            """;
        string[] line = [.. account, "sh", "-c", Script, "sh", programs, folder];
        var start = new ProcessStartInfo(line[0], line[1..]) { RedirectStandardInput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{start.Environment["PATH"]}:/usr/sbin:/sbin";
        _server = Process.Start(start)!;
        string connection = new NpgsqlConnectionStringBuilder { Host = folder, Username = "owner", Database = "postgres" }.ToString();
        var patience = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await ExecuteAsync(connection, "SELECT 1");
                return connection;
            }
            catch (Exception) when (patience.Elapsed < TimeSpan.FromSeconds(60) && !_server.HasExited)
            {
                await Task.Delay(50);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"PostgreSQL did not start: {(_server.HasExited ? await _server.StandardError.ReadToEndAsync() : e.Message)}", e);
            }
        }
    }

    private static string? Programs()
    {
        IEnumerable<string> installed = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(d => int.TryParse(Path.GetFileName(d), out int version) ? version : 0).Select(d => Path.Combine(d, "bin"))
            : [];
        string[] path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        return OperatingSystem.IsWindows() ? null : path.Concat(installed).FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "postgres")));
    }

    private static string Account() => File.ReadLines("/etc/passwd").Any(l => l.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";
}
