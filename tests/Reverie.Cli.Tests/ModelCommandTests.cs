using System.Text.Json;
using Reverie.Models;
using Reverie.Sleep;
using Reverie.Worlds;
using Spectre.Console.Testing;

namespace Reverie.Cli.Tests;

public class ModelCommandTests(TinyModel tiny) : IClassFixture<TinyModel>
{
    [Fact]
    public void Generate_continues_the_prompt_the_same_way_for_the_same_seed()
    {
        string[] command = ["generate", "tiny", "--prompt", "Once upon", "--seed", "5", "--max-tokens", "12"];
        string first = Ok(command).Output;
        Assert.StartsWith("Once upon", first);
        Assert.True(first.Length > "Once upon\n".Length);
        Assert.Equal(first, Ok(command).Output);
        Assert.NotEqual(first, Ok("generate", "tiny", "--prompt", "Once upon", "--seed", "6", "--max-tokens", "12").Output);
    }

    [Fact]
    public void Generate_json_has_text_and_figures_and_reads_the_prompt_from_standard_input()
    {
        var streams = new Streams("Once upon a time\n");
        Assert.Equal(ExitCode.Success, streams.Run("generate", "tiny", "--prompt", "-", "--greedy", "--json", "--max-tokens", "8", "--workspace", tiny.Folder));
        Assert.Single(streams.Output.TrimEnd('\n').Split('\n'));
        JsonElement json = JsonDocument.Parse(streams.LastLine).RootElement;
        Assert.Equal("tiny@2", json.GetProperty("model").GetString());
        Assert.Equal("Once upon a time", json.GetProperty("prompt").GetString());
        Assert.NotEmpty(json.GetProperty("text").GetString()!);
        Assert.InRange(json.GetProperty("tokens").GetInt32(), 1, 8);
        Assert.Contains(json.GetProperty("stop_reason").GetString(), new[] { "max_tokens", "stop_token", "end_of_text" });
        Assert.True(json.GetProperty("tokens_per_second").GetDouble() > 0);
    }

    [Fact]
    public void A_prompt_longer_than_the_context_is_one_clear_line()
    {
        var streams = new Streams();
        Assert.Equal(ExitCode.Failure, streams.Run("generate", "tiny", "--prompt", new string('x', 500), "--workspace", tiny.Folder));
        Assert.Matches(@"^reverie: The prompt has \d+ tokens and the model's context 128[^\n]*\n$", streams.Error);
    }

    [Fact]
    public void A_damaged_model_is_one_clear_line()
    {
        string copy = Path.Combine(tiny.Folder, "damaged");
        Directory.CreateDirectory(copy);
        foreach (string file in Directory.GetFiles(Path.Combine(tiny.Folder, "models", "tiny", "1"))) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)), true);
        File.WriteAllText(Path.Combine(copy, "config.json"), "{");
        var streams = new Streams();
        Assert.Equal(ExitCode.Failure, streams.Run("chat", copy));
        Assert.Single(streams.Error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public void Chat_answers_each_line_and_obeys_its_commands()
    {
        string text = Path.Combine(tiny.Folder, "chat.txt"), lines = Path.Combine(tiny.Folder, "chat.jsonl");
        var streams = new Streams($"/help\nhello\n/system Be kind.\n\n/save {text}\n/save {lines}\n/save\n/reset\n/nonsense\n/exit\nnever said\n");
        Assert.Equal(ExitCode.Success, streams.Run("chat", "--max-tokens", "8", "--seed", "1", "--workspace", tiny.Folder));
        Assert.Contains("/reset", streams.Output);
        Assert.Contains("There is no command /nonsense", streams.Output);
        Assert.Contains("User: hello", File.ReadAllText(text));
        JsonElement messages = JsonDocument.Parse(File.ReadAllText(lines)).RootElement.GetProperty("messages");
        Assert.Equal(["system", "user", "assistant"], messages.EnumerateArray().Select(m => m.GetProperty("role").GetString()!));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(lines));
        Assert.DoesNotContain("never said", streams.Output);
    }

    [Fact]
    public async Task Chat_that_remembers_is_a_conversation_of_the_journal()
    {
        string file = Path.Combine(tiny.Folder, "remembered.db");
        var streams = new Streams("/good\nMy dog is called Rufus.\n/better Hello, Rufus!\n/reset\nMy cat is called Tom.\n");
        Assert.Equal(ExitCode.Success, streams.Run("chat", "--remember", "--user", "anna", "--journal", file, "--max-tokens", "8", "--seed", "1", "--system", "Be kind.", "--workspace", tiny.Folder));
        Assert.Contains("There is no reply yet.", streams.Output);
        Assert.Contains("It is in the journal.", streams.Output);
        await using IJournal journal = await JournalStore.OpenAsync(new Workspace(tiny.Folder), file);
        Conversation[] talks = [.. await journal.ListConversationsAsync("anna")];
        Assert.Equal(["My cat is called Tom.", "My dog is called Rufus."], talks.Select(t => t.Details.Title));
        Assert.All(talks, t => Assert.Equal("Be kind.", t.Details.SystemPrompt));
        ConversationTree tree = (await journal.ReadTreeAsync("anna", talks[1].Id))!;
        Assert.Equal([Role.User, Role.Assistant], tree.ActivePath.Select(m => m.Role));
        // Nobody sat there: sleep must not take it for a person's own words.
        Assert.Equal([Provenance.Pasted], tree.ActivePath[0].Parts[0].Spans.Select(s => s.Source));
        Assert.StartsWith("tiny@2", tree.ActivePath[1].Reply!.Model);
        Assert.Equal("Hello, Rufus!", (await journal.ReadFeedbackAsync("anna", tree.ActivePath[1].Id)).Single().BetterAnswer);
        Assert.Empty(await journal.ListConversationsAsync("local"));
    }

    [Fact]
    public void Chat_says_who_and_where_only_where_it_remembers()
    {
        var streams = new Streams();
        Assert.Equal(ExitCode.Usage, streams.Run("chat", "--user", "anna", "--workspace", tiny.Folder));
        Assert.Contains("Add --remember", streams.Error);
        streams = new Streams();
        Assert.Equal(ExitCode.Failure, streams.Run("chat", "nobody", "--remember", "--workspace", tiny.Folder));
        Assert.Single(streams.Error.TrimEnd('\n').Split('\n'));
        streams = new Streams("hello\n/good\n");
        Assert.Equal(ExitCode.Success, streams.Run("chat", "--max-tokens", "4", "--workspace", tiny.Folder));
        Assert.Contains("chat --remember", streams.Output);
    }

    [Fact]
    public void Chat_takes_the_newest_model_when_none_is_named() => Assert.Equal(ExitCode.Success, Ok("chat").Code);

    [Fact]
    public void Models_are_listed_with_a_star_at_the_current_version()
    {
        string list = Ok("models", "list").Output;
        Assert.Contains("tiny@1 ", list);
        Assert.Contains("tiny@2 *", list);
        JsonElement json = JsonDocument.Parse(Ok("models", "list", "--json").LastLine).RootElement;
        Assert.Equal(2, json.GetProperty("models").GetArrayLength());
        Assert.Equal(32, json.GetProperty("models")[0].GetProperty("config").GetProperty("width").GetInt32());
    }

    [Fact]
    public void A_model_is_shown_with_its_history_and_files()
    {
        string shown = Ok("models", "show", "tiny").Output;
        Assert.Contains("tiny@2", shown);
        Assert.Contains("3 steps", shown);
        Assert.Contains("model.safetensors", shown);
        JsonElement json = JsonDocument.Parse(Ok("models", "show", "tiny@1", "--json").LastLine).RootElement;
        Assert.Equal("1", json.GetProperty("version").GetString());
        Assert.Equal("pretrain", json.GetProperty("stages")[0].GetProperty("stage").GetString());
    }

    [Fact]
    public void Eval_grades_with_errors_and_shows_answers()
    {
        Result run = Ok("eval", "tiny", "addition", "--questions", "3", "--verbose", "--threads", "1");
        Assert.Contains("0.0% ± 0.0% of 3  below the target of 95%", run.Output);
        Assert.Contains("expert:", run.Output);
    }

    [Fact]
    public void Eval_json_has_bits_per_byte_by_source()
    {
        Result run = Ok("eval", "tiny", "bits-per-byte", "--tokens", "600", "--json", "--threads", "1");
        JsonElement json = JsonDocument.Parse(run.LastLine).RootElement;
        foreach (ICorpus corpus in Primer.Corpora) Assert.InRange(json.GetProperty("bits_per_byte").GetProperty(corpus.Name).GetDouble(), 2, 40);
        Assert.Single(run.Output.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public void Eval_refuses_suites_that_are_not_there_and_its_help_names_all_that_are()
    {
        var streams = new Streams();
        Assert.Equal(ExitCode.Usage, streams.Run("eval", "tiny", "poetry", "--workspace", tiny.Folder));
        Assert.Contains("There is no suite poetry", streams.Error);
        streams = new Streams();
        streams.Run("eval", "--help");
        Assert.All(Primer.Exams, e => Assert.Contains(e.Name, streams.Output));
    }

    [Fact]
    public void Chat_on_a_terminal_dims_what_is_not_the_answer()
    {
        var console = new TestConsole().Width(60);
        console.EmitAnsiSequences = true;
        var streams = new Streams("/help\n", console);
        Assert.Equal(ExitCode.Success, streams.Run("chat", "--workspace", tiny.Folder));
        Assert.Contains("\e[2m/help", console.Output);
    }

    private Result Ok(params string[] args)
    {
        var streams = new Streams();
        int code = streams.Run([.. args, "--workspace", tiny.Folder]);
        Assert.True(code == ExitCode.Success, streams.Error);
        return new Result(code, streams.Output, streams.LastLine);
    }

    private sealed record Result(int Code, string Output, string LastLine);
}
