using System.Text;
using Microsoft.Data.Sqlite;
using Reverie.Tensors;

namespace Reverie.Sleep.Tests;

public sealed class SqliteJournalTests : JournalConformanceTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reverie-journal").FullName;

    private string File => Path.Combine(_folder, "home", "journal.db");

    private protected override Task EmptyAsync() => Task.CompletedTask;

    private protected override Task<IJournal> OpenAsync(TimeProvider time) => Task.FromResult<IJournal>(SqliteJournal.Open(File, time: time));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("conversation")]
    [InlineData("message")]
    [InlineData("everything")]
    public async Task No_byte_of_what_is_deleted_stays_in_the_files(string what)
    {
        // Many neighbours, so that pages split and cells move before and after.
        var secrets = new List<(string Message, string Conversation, string[] Words)>();
        var random = new RandomStream(7, "secrets");
        for (int i = 0; i < 40; i++)
        {
            string[] words = [.. Enumerable.Range(0, 3).Select(_ => Word(random))];
            string padding = new('x', i % 3 == 0 ? 9000 : 20 * i);
            (Conversation conversation, JournalMessage asked, JournalMessage said) = await TalkAsync(Ada, $"{words[0]} {padding}", $"{words[1]}", title: what == "message" ? "talk" : words[2]);
            await Journal.GiveFeedbackAsync(Ada, said.Id, false, words[2]);
            await Journal.ChangeConversationAsync(Ada, conversation.Id, conversation.Details with { SystemPrompt = what == "message" ? null : words[0] });
            secrets.Add((asked.Id, conversation.Id, words));
            await TalkAsync(Bob, $"kept {Word(random)} {padding}", Word(random));
        }

        Assert.NotEqual(0, Occurrences(secrets[7].Words[0]));
        foreach ((string message, string conversation, string[] _) in secrets.Where((_, i) => i % 2 == 1))
        {
            if (what == "conversation") await Journal.DeleteConversationAsync(Ada, conversation);
            else if (what == "message") await Journal.DeleteMessageAsync(Ada, message);
        }

        if (what == "everything") await Journal.DeleteEverythingAsync(Ada);
        for (int i = 0; i < secrets.Count; i++)
        {
            bool isGone = what == "everything" || i % 2 == 1;
            // The index shares beginnings of words, so look for their ends.
            foreach (string word in secrets[i].Words) Assert.True(Occurrences(word[8..]) == 0 == isGone, $"secret {i}: {word}");
        }
    }

    [Fact]
    public async Task The_file_its_log_and_its_folder_are_the_owners_alone()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Windows has no such rights.");
        else
        {
            await TalkAsync(Ada, "question", "reply");
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, System.IO.File.GetUnixFileMode(Path.GetDirectoryName(File)!));
            string[] files = Directory.GetFiles(Path.GetDirectoryName(File)!);
            Assert.Equal(["journal.db", "journal.db-shm", "journal.db-wal"], files.Select(Path.GetFileName).Order());
            foreach (string file in files) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(file));

            await Journal.DisposeAsync();
            System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            var notices = new List<string>();
            await using var again = SqliteJournal.Open(File, notices.Add);
            Assert.Contains("Others could read", Assert.Single(notices));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        }
    }

    [Fact]
    public async Task What_was_written_is_there_after_closing_and_opening()
    {
        (Conversation conversation, JournalMessage asked, JournalMessage said) = await TalkAsync(Ada, "question", "reply");
        await Journal.DisposeAsync();
        await using var again = SqliteJournal.Open(File);
        Assert.Equal([asked.Id, said.Id], (await again.ReadTreeAsync(Ada, conversation.Id))!.ActivePath.Select(m => m.Id));
        Assert.Single(await again.SearchAsync(Ada, "reply"));
    }

    [Fact]
    public async Task Many_may_make_it_at_the_same_moment()
    {
        string file = Path.Combine(_folder, "new", "journal.db");
        SqliteJournal[] journals = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => SqliteJournal.Open(file))));
        await Task.WhenAll(journals.Select(j => j.SetConsentAsync(Ada, true, "yes")));
        Assert.Equal(8, (await journals[0].ReadConsentAsync(Ada)).Count);
        foreach (SqliteJournal journal in journals) await journal.DisposeAsync();
    }

    [Fact]
    public async Task Several_may_open_it_and_who_reads_does_not_wait_for_who_writes()
    {
        await using var other = SqliteJournal.Open(File);
        (Conversation conversation, JournalMessage asked, _) = await TalkAsync(Ada, "question", "reply");
        await other.AppendAsync(Ada, conversation.Id, Reply("from elsewhere", asked.Id));
        Assert.Equal(3, (await Journal.ReadTreeAsync(Ada, conversation.Id))!.Messages.Count);

        await using var writer = new SqliteConnection($"Data Source={File};Pooling=False");
        writer.Open();
        using SqliteTransaction writing = writer.BeginTransaction(deferred: false);
        Task waiting = Task.Run(() => other.AppendAsync(Ada, conversation.Id, Reply("later", asked.Id)));
        Assert.Equal(3, (await Journal.ReadTreeAsync(Ada, conversation.Id))!.Messages.Count);
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        writing.Rollback();
        await waiting;
        Assert.Equal(4, (await Journal.ReadTreeAsync(Ada, conversation.Id))!.Messages.Count);
    }

    [Fact]
    public async Task What_is_no_journal_is_refused_in_one_line_and_left_alone()
    {
        string text = Path.Combine(_folder, "letter.txt"), foreign = Path.Combine(_folder, "foreign.db");
        System.IO.File.WriteAllText(text, new string('a', 10_000));
        Assert.Contains("no journal", Assert.Throws<ReverieException>(() => SqliteJournal.Open(text)).Message);
        Assert.Equal(new string('a', 10_000), System.IO.File.ReadAllText(text));
        Execute(foreign, "CREATE TABLE t (x)");
        Assert.Contains("another program", Assert.Throws<ReverieException>(() => SqliteJournal.Open(foreign)).Message);
        Assert.Throws<ReverieException>(() => SqliteJournal.Open(_folder));
        Assert.Throws<ReverieException>(() => SqliteJournal.Open("/proc/nothing/journal.db"));
        await Journal.DisposeAsync();
        Execute(File, "UPDATE schema_version SET version = 99");
        Assert.Contains("version 99", Assert.Throws<ReverieException>(() => SqliteJournal.Open(File)).Message);
    }

    [Fact]
    public async Task A_journal_of_the_first_version_is_made_one_of_this()
    {
        await Journal.SetConsentAsync(Ada, true, "yes");
        await Journal.DisposeAsync();
        Execute(File, "ALTER TABLE consent DROP COLUMN purpose; UPDATE schema_version SET version = 1");
        await using var journal = SqliteJournal.Open(File);
        Assert.True((await journal.ReadConsentAsync(Ada)).Single().IsGiven);
        Assert.Empty(await journal.ReadSharersAsync());
        await journal.SetSharingAsync(Ada, true, "yes");
        Assert.Equal([Ada], await journal.ReadSharersAsync());
        await using var again = SqliteJournal.Open(File);
        Assert.Equal([Ada], await again.ReadSharersAsync());
    }

    private static void Execute(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>A word of 20 letters.</summary>
    private static string Word(RandomStream random) => string.Concat(Enumerable.Range(0, 20).Select(_ => (char)('a' + random.Next(26))));

    private int Occurrences(string text)
    {
        int count = 0;
        byte[] sought = Encoding.UTF8.GetBytes(text);
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(File)!))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            for (int at = 0, next; (next = bytes.AsSpan(at).IndexOf(sought)) >= 0; at += next + 1) count++;
        }

        return count;
    }
}
