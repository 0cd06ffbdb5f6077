using System.Text.Json;
using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Cli.Tests;

public sealed class JournalCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reverie-cli").FullName;
    private readonly string _id;

    public JournalCommandTests() => _id = TalkAsync().GetAwaiter().GetResult();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<string> TalkAsync()
    {
        await using IJournal journal = await JournalStore.OpenAsync(new Workspace(_folder), Path.Combine(_folder, "journal.db"));
        Conversation conversation = await journal.CreateConversationAsync("local", new ConversationDetails { Title = "Kites\e[31m" });
        JournalMessage asked = await journal.AppendAsync("local", conversation.Id, new NewMessage { Role = Role.User, Parts = [MessagePart.Typed("Who has a red kite?")] });
        await journal.AppendAsync("local", conversation.Id, new NewMessage { Parent = asked.Id, Role = Role.Assistant, Parts = [MessagePart.Thought("Who?"), MessagePart.Said("Pip\e[2J has.")], Reply = new ReplyDetails { Model = "tiny@2" } });
        await journal.AppendAsync("local", conversation.Id, new NewMessage { Parent = asked.Id, Role = Role.Assistant, Parts = [MessagePart.Said("Rory has.")], Reply = new ReplyDetails { Model = "tiny@2" } });
        return conversation.Id;
    }

    [Fact]
    public void What_was_said_is_listed_shown_and_found_and_steers_no_terminal()
    {
        Assert.Contains($"{_id}  ", Ok("list"));
        Assert.Contains("There may be more", Ok("list", "--limit", "1"));
        string shown = Ok("show", _id);
        Assert.Contains("Assistant (tiny@2) [2 of 2]:\nRory has.", shown);
        Assert.DoesNotContain('\e', shown + Ok("list") + Ok("search", "kite"));
        Assert.Contains("Who has a red kite?", Ok("search", "RED", "kit"));
        Assert.Contains("Nothing was found", Ok("search", "boat"));
        Assert.Equal(3, Json("show", _id).GetProperty("messages").GetArrayLength());
        Assert.Equal("Kites [31m", Json("list").GetProperty("conversations")[0].GetProperty("details").GetProperty("title").GetString());
        Assert.Equal(ExitCode.Failure, Run("show", new string('0', 32)).Code);
        Assert.Contains("nothing in the journal", Ok("list", "--user", "ada"));
        Assert.Contains("There is no conversation", Run("show", _id, "--user", "ada").Error);
        Assert.Contains("cannot be a user's name", Run("list", "--user", "a b").Error);
    }

    [Fact]
    public void Conversations_go_out_and_come_in()
    {
        string file = Path.Combine(_folder, "talks.json");
        Ok("export", file);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(1, Json("import", file, "--user", "ada").GetProperty("conversations").GetArrayLength());
        Assert.Contains("(imported)", Ok("list", "--user", "ada"));
        Assert.Contains("no export", Run("import", typeof(Shell).Assembly.Location).Error);
        Assert.Contains("Cannot read", Run("import", Path.Combine(_folder, "nothing.json")).Error);
        Assert.Equal(ExitCode.Failure, Run("export", Path.Combine(_folder, "other.json"), "--id", new string('0', 32)).Code);
        Assert.False(File.Exists(Path.Combine(_folder, "other.json")));
    }

    [Fact]
    public void Consent_is_said_and_what_is_deleted_is_gone()
    {
        Assert.False(Json("consent", "show").GetProperty("consent").GetBoolean());
        Assert.True(Json("consent", "on").GetProperty("consent").GetBoolean());
        Assert.False(Json("consent", "off").GetProperty("consent").GetBoolean());
        Assert.Equal(2, Json("consent").GetProperty("history").GetArrayLength());
        Assert.Equal(ExitCode.Usage, Run("consent", "perhaps").Code);
        Assert.Contains("You share nothing", Ok("share"));
        Assert.Contains("as soon as sleep may learn", Ok("share", "on"));
        Assert.False(Json("share").GetProperty("shares").GetBoolean());
        Ok("consent", "on");
        Assert.True(Json("share").GetProperty("shares").GetBoolean());
        Assert.Contains("shared with the company since", Ok("about"));
        Assert.Contains("sleep --company", Ok("share", "off"));
        Assert.Equal(2, Json("share").GetProperty("history").GetArrayLength());
        Ok("consent", "off");
        Assert.Equal(ExitCode.Usage, Run("delete").Code);
        Assert.Equal(ExitCode.Usage, Run("delete", _id, "--all").Code);
        Assert.Contains("3 messages", Ok("about"));
        Ok("delete", _id);
        Assert.Equal(ExitCode.Failure, Run("delete", _id).Code);
        Assert.Contains("ConversationDeleted", Ok("about"));
        Ok("delete", "--all");
        Assert.Equal(0, Json("about").GetProperty("messages").GetInt32());
    }

    [Fact]
    public void The_journal_may_be_elsewhere()
    {
        string file = Path.Combine(_folder, "elsewhere", "j.db");
        Assert.Contains("nothing in the journal", Ok("list", "--journal", file));
        Assert.True(File.Exists(file));
        Assert.Contains("Cannot open the journal in PostgreSQL", Run("list", "--journal", "postgres://127.0.0.1:1/none?Timeout=1").Error);
    }

    private JsonElement Json(params string[] args)
    {
        (int code, _, string error, string last) = Run([.. args, "--json"]);
        Assert.True(code == ExitCode.Success, error);
        return JsonDocument.Parse(last).RootElement;
    }

    private string Ok(params string[] args)
    {
        (int code, string output, string error, _) = Run(args);
        Assert.True(code == ExitCode.Success, error);
        return output;
    }

    private (int Code, string Output, string Error, string LastLine) Run(params string[] args)
    {
        var streams = new Streams();
        int code = streams.Run(["journal", .. args, "--workspace", _folder]);
        return (code, streams.Output, streams.Error, streams.LastLine);
    }
}
