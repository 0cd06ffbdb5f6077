using Microsoft.Data.Sqlite;
using Reverie.Tensors;

namespace Reverie.Sleep.Tests;

/// <summary>A journal under <c>kill -9</c>.</summary>
public sealed class JournalKillTests
{
    private const string Variable = "REVERIE_TESTS_WRITE_TO", Ada = "ada", Bob = "bob";

    private const int Kills = 15;

    [Fact]
    public async Task A_writer_acknowledges_only_what_is_there()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { } file)
        {
            await using var endless = SqliteJournal.Open(file);
            using var output = new StreamWriter(Console.OpenStandardOutput());
            await Task.WhenAll(new JournalWriter(endless, Ada, output).RunAsync(), new JournalWriter(endless, Ada, output).RunAsync(), new JournalWriter(endless, Bob, output).RunAsync());
        }

        string folder = Directory.CreateTempSubdirectory("reverie-journal").FullName;
        try
        {
            file = Path.Combine(folder, "journal.db");
            using var lines = new StringWriter();
            await using (var journal = SqliteJournal.Open(file)) await new JournalWriter(journal, Ada, lines).RunAsync(rounds: 5);
            var acknowledged = new Acknowledged();
            foreach (string line in lines.ToString().Split(Environment.NewLine)) acknowledged.Add(line);
            Assert.Equal((5, 30, 15, 5, 1), (acknowledged.Conversations.Count, acknowledged.Messages.Count, acknowledged.Feedback.Count, acknowledged.Gone.Count, acknowledged.Without.Count));
            await CheckAsync(file, acknowledged);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_nothing_is_half_written_when_writers_are_killed()
    {
        string folder = Directory.CreateTempSubdirectory("reverie-journal").FullName;
        try
        {
            string file = Path.Combine(folder, "journal.db");
            var acknowledged = new Acknowledged();
            var random = new RandomStream((ulong)Environment.ProcessId, "kills");
            for (int kill = 0; kill < Kills; kill++)
            {
                int before = acknowledged.Count;
                await KilledProcess.RunAsync(typeof(JournalKillTests), nameof(A_writer_acknowledges_only_what_is_there), Variable, file, TimeSpan.FromMilliseconds(random.Next(5, 250)), acknowledged.Add);
                Assert.True(acknowledged.Count > before, "The writer wrote nothing.");
                await CheckAsync(file, acknowledged);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CheckAsync(string file, Acknowledged acknowledged)
    {
        await using (var journal = SqliteJournal.Open(file))
        {
            foreach (string id in acknowledged.Gone) Assert.Null(await journal.FindMessageAsync(Ada, id) ?? await journal.FindMessageAsync(Bob, id));
        }

        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        Assert.Equal(["ok"], Rows("PRAGMA integrity_check"));
        Rows("INSERT INTO search (search) VALUES ('integrity-check')");
        HashSet<string> conversations = [.. Rows("SELECT id FROM conversation")], messages = [.. Rows("SELECT id FROM message")], judged = [.. Rows("SELECT message FROM feedback")];
        HashSet<string> deleted = [.. Rows("SELECT subject FROM change WHERE kind = 'ConversationDeleted'")];
        HashSet<string> deletedMessages = [.. Rows("SELECT subject FROM change WHERE kind = 'MessageWritten' AND conversation IN (SELECT subject FROM change WHERE kind = 'ConversationDeleted')")];
        Assert.Subset(deleted, acknowledged.Without);
        Assert.Empty(acknowledged.Conversations.Except(conversations).Except(deleted));
        Assert.Empty(acknowledged.Messages.Except(messages).Except(deletedMessages));
        Assert.Empty(acknowledged.Feedback.Except(judged).Except(deletedMessages));
        Assert.Empty(Rows("SELECT conversation FROM conversation_head h WHERE messages <> (SELECT COUNT(*) FROM message m WHERE m.conversation = h.conversation)"));
        Assert.Empty(Rows("SELECT conversation FROM conversation_head WHERE leaf <> '' AND leaf NOT IN (SELECT id FROM message)"));
        Assert.Empty(Rows("SELECT id FROM conversation WHERE id NOT IN (SELECT conversation FROM conversation_head) OR id NOT IN (SELECT conversation FROM conversation_version)"));
        Assert.Empty(Rows("SELECT id FROM message WHERE id NOT IN (SELECT subject FROM change) OR id NOT IN (SELECT message FROM search_entry)"));
        Assert.Empty(Rows("SELECT id FROM message WHERE replied = 1 AND id NOT IN (SELECT message FROM trace)"));
        Assert.Empty(Rows("SELECT id FROM message WHERE parent <> '' AND parent NOT IN (SELECT id FROM message)"));
        Assert.Empty(Rows("SELECT message FROM search_entry WHERE message <> '' AND message NOT IN (SELECT id FROM message) OR id NOT IN (SELECT rowid FROM search)"));
        Assert.Empty(Rows("SELECT owner FROM change GROUP BY owner HAVING MAX(seq) <> COUNT(*)"));

        List<string> Rows(string sql)
        {
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = sql;
            using SqliteDataReader reader = command.ExecuteReader();
            var rows = new List<string>();
            while (reader.Read()) rows.Add(reader.GetString(0));
            return rows;
        }
    }

    /// <summary>What writers said was done.</summary>
    private sealed class Acknowledged
    {
        public HashSet<string> Conversations { get; } = [];

        public HashSet<string> Messages { get; } = [];

        public HashSet<string> Feedback { get; } = [];

        public HashSet<string> Gone { get; } = [];

        public HashSet<string> Without { get; } = [];

        public int Count => Conversations.Count + Messages.Count;

        /// <summary>Takes a line down; false where it is none of a writer's, or cut short.</summary>
        public bool Add(string line)
        {
            if (line.Split(' ') is not [{ } what, { Length: 32 } id]) return false;
            HashSet<string>? set = what switch
            {
                "conversation" => Conversations,
                "message" => Messages,
                "feedback" => Feedback,
                "gone" => Gone,
                "without" => Without,
                _ => null,
            };
            return set?.Add(id) == true;
        }
    }
}
