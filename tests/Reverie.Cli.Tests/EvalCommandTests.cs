using System.Text.Json;

namespace Reverie.Cli.Tests;

public class EvalCommandTests(TinyModel tiny) : IClassFixture<TinyModel>
{
    [Fact]
    public void A_file_of_questions_is_graded_and_written_down_in_the_harness_s_keys()
    {
        string file = Write("piqa.jsonl", Enumerable.Range(0, 8).Select(i => $$"""{"goal": "say {{i}}", "sol1": "hello", "sol2": "moon", "label": {{i % 2}}}"""));
        string output = Path.Combine(tiny.Folder, "results");
        Streams run = Ok("eval", "tiny", file, "--shots", "1", "--limit", "5", "--output", output, "--json");
        JsonElement json = JsonDocument.Parse(run.LastLine).RootElement;
        Assert.InRange(json.GetProperty("results").GetProperty("piqa").GetProperty("acc,none").GetDouble(), 0, 1);
        Assert.InRange(json.GetProperty("calibration").GetProperty("piqa").GetProperty("ece").GetDouble(), 0, 1);
        Assert.Contains("acc_norm", run.Error);
        Assert.Equal(json.GetProperty("results_file").GetString(), Directory.GetFiles(output, "results_*.json").Single());
        Assert.Equal(5, File.ReadAllLines(Directory.GetFiles(output, "samples_piqa_*.jsonl").Single()).Length);
    }

    [Fact]
    public void Gsm8k_is_asked_in_plain_text_and_in_the_chat_template()
    {
        string file = Write("problems.jsonl", Enumerable.Range(0, 5).Select(i => $$"""{"question": "What is {{i}}?", "answer": "#### {{i}}"}"""));
        Assert.Contains("exact_match flexible-extract", Ok("eval", "tiny", $"gsm8k:{file}", "--shots", "1", "--limit", "3").Output);
        Assert.Contains("gsm8k_chat: 3 of 5, 1 examples", Ok("eval", "tiny", $"gsm8k:{file}", "--shots", "1", "--limit", "3", "--chat").Output);
    }

    [Fact]
    public void Several_core_files_have_a_mean_of_their_centred_accuracies()
    {
        string[] files = [.. Enumerable.Range(0, 2).Select(f => Write($"core{f}.jsonl", Enumerable.Range(0, 5).Select(i => $$"""{"query": "say {{i + f}}", "choices": ["hello", "moon"], "gold": {{i % 2}}}""")))];
        JsonElement json = JsonDocument.Parse(Ok(["eval", "tiny", .. files, "--json"]).LastLine).RootElement;
        double[] centred = [.. new[] { "core0", "core1" }.Select(f => json.GetProperty("results").GetProperty(f).GetProperty("acc_centered,none").GetDouble())];
        Assert.Equal(centred.Average(), json.GetProperty("acc_centered").GetDouble(), 5);
    }

    [Fact]
    public void Several_samples_give_pass_at_k()
    {
        string output = Ok("eval", "tiny", "addition", "--questions", "2", "--samples", "2").Output;
        Assert.Contains("pass@2", output);
        Assert.Contains("maj@2", output);
    }

    [Fact]
    public void Models_meet_in_the_arena()
    {
        Streams run = Ok("eval", "tiny@1", "tiny@2", "addition", "--arena", "--questions", "3", "--json");
        JsonElement json = JsonDocument.Parse(run.LastLine).RootElement;
        Assert.Equal(2, json.GetProperty("arena").GetArrayLength());
        Assert.Equal(3, json.GetProperty("games").GetInt32());

        // Both are the same model, so all games are ties.
        Assert.All(json.GetProperty("arena").EnumerateArray(), r => Assert.Equal(1000, r.GetProperty("rating").GetDouble(), 3));
        Assert.Equal(ExitCode.Failure, new Streams().Run("eval", "tiny", "--arena", "--workspace", tiny.Folder));
        Assert.Equal(ExitCode.Usage, new Streams().Run("eval", "tiny@1", "tiny@2", "--arena", "--judge", "nobody", "--workspace", tiny.Folder));
    }

    [Fact]
    public void A_person_judges_what_differs_and_may_stop()
    {
        var streams = new Streams("maybe\na\nt\nq\n");
        Assert.Equal(ExitCode.Success, streams.Run("eval", "tiny@1", "tiny@2", "addition", "--arena", "--questions", "4", "--temperature", "1", "--judge", "person", "--workspace", tiny.Folder));
        Assert.Contains("4 games judged by person", streams.Output);
        var judge = new Evaluating.PersonJudge(new Streams("maybe\na\nb\ntie\nq\n").Terminal);
        double[] verdicts = judge.Judge([.. "12345".Select(_ => Match())], CancellationToken.None);
        Assert.Equal([1, 0, 0.5, double.NaN, double.NaN], verdicts);
    }

    [Theory]
    [InlineData("nothing.jsonl", ExitCode.Failure)]
    [InlineData("gsm8k:nothing", ExitCode.Failure)]
    [InlineData("poetry:file", ExitCode.Usage)]
    [InlineData("parity:nonsense=1", ExitCode.Usage)]
    public void What_is_not_there_is_one_clear_line(string suite, int code)
    {
        var streams = new Streams();
        Assert.Equal(code, streams.Run("eval", "tiny", suite, "--workspace", tiny.Folder));
        Assert.DoesNotContain("   at ", streams.Error);
    }

    private static Reverie.Evaluation.ArenaMatch Match()
    {
        var question = new Worlds.Question([new Models.Message(Models.Role.User, "Is it?")], "yes", _ => 0);
        return new Reverie.Evaluation.ArenaMatch(question, Worlds.Episode.Play(question, new Worlds.Script("yes")), Worlds.Episode.Play(question, new Worlds.Script("no")));
    }

    private string Write(string name, IEnumerable<string> lines)
    {
        string path = Path.Combine(tiny.Folder, name);
        File.WriteAllLines(path, lines);
        return path;
    }

    private Streams Ok(params string[] args)
    {
        var streams = new Streams();
        int code = streams.Run([.. args, "--workspace", tiny.Folder, "--threads", "1"]);
        Assert.True(code == ExitCode.Success, streams.Error);
        return streams;
    }
}
