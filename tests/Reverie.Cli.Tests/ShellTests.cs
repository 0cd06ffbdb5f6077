using System.CommandLine;
using Reverie.Cli.Commands;

namespace Reverie.Cli.Tests;

public class ShellTests
{
    public static TheoryData<string> Commands()
    {
        var data = new TheoryData<string>();
        void Add(Command command, string path)
        {
            data.Add(path);
            foreach (Command below in command.Subcommands) Add(below, $"{path} {below.Name}".Trim());
        }

        foreach (Command command in Shell.Root(new Streams().Terminal).Subcommands) Add(command, command.Name);
        return data;
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_of_every_command_ends_with_an_example_of_it(string command)
    {
        var streams = new Streams();
        Assert.Equal(ExitCode.Success, streams.Run([.. command.Split(' '), "--help"]));
        string[] lines = streams.Output.Split('\n');
        int examples = Array.IndexOf(lines, "Examples:");
        Assert.True(examples > 0);
        Assert.Contains(lines[(examples + 1)..], l => l.Contains($"reverie {command}", StringComparison.Ordinal));
        Assert.Empty(streams.Error);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_example_parses(string command)
    {
        RootCommand root = Shell.Root(new Streams().Terminal);
        Command found = root;
        foreach (string name in command.Split(' ')) found = found.Subcommands.Single(c => c.Name == name);
        foreach (string example in Assert.IsType<ReverieCommand>(found, exactMatch: false).Examples.Where(e => !e.Contains('|')))
            Assert.Empty(root.Parse(example).Errors);
    }

    [Fact]
    public void No_command_shows_a_short_overview()
    {
        var streams = new Streams();
        Assert.Equal(ExitCode.Success, streams.Run());
        foreach (string command in new[] { "raise", "chat", "generate", "models", "eval", "sleep", "forget", "bench" }) Assert.Contains($"reverie {command}", streams.Output);
        Assert.True(streams.Output.Split('\n').Length < 20);
    }

    [Fact]
    public void Version_is_one_line()
    {
        var streams = new Streams();
        Assert.Equal(ExitCode.Success, streams.Run("--version"));
        Assert.Matches(@"^reverie \d+\.\d+\.\d+\n$", streams.Output);
    }

    [Theory]
    [InlineData("rase")]
    [InlineData("raise --minuts 5")]
    [InlineData("raise --minutes")]
    [InlineData("raise --minutes x")]
    [InlineData("raise --minutes 0")]
    [InlineData("raise --minutes -3")]
    [InlineData("raise --minutes NaN")]
    [InlineData("raise --seed -1")]
    [InlineData("raise --width 8")]
    [InlineData("raise --data-share 2")]
    [InlineData("raise --optimizer sgd")]
    [InlineData("raise --exam-questions -1")]
    [InlineData("raise extra")]
    [InlineData("chat --temperature -1")]
    [InlineData("chat a b")]
    [InlineData("generate")]
    [InlineData("generate model")]
    [InlineData("generate model --prompt x --top-p 0")]
    [InlineData("models")]
    [InlineData("models show")]
    [InlineData("models lst")]
    [InlineData("eval")]
    [InlineData("bench")]
    [InlineData("bench train --width 0")]
    [InlineData("bench decode --shape large")]
    [InlineData("bench tensors --size 0")]
    public void Wrong_usage_exits_with_2_and_says_why_on_standard_error(string arguments)
    {
        var streams = new Streams();
        Assert.Equal(ExitCode.Usage, streams.Run(arguments.Split(' ')));
        Assert.Empty(streams.Output);
        Assert.Contains("--help", streams.Error);
        Assert.DoesNotContain("   at ", streams.Error);
    }

    [Theory]
    [InlineData("rase", "raise")]
    [InlineData("model", "models")]
    [InlineData("genrate", "generate")]
    public void A_slip_in_a_command_gets_a_suggestion(string typed, string meant)
    {
        var streams = new Streams();
        streams.Run(typed);
        Assert.Contains(meant, streams.Error);
    }

    [Theory]
    [InlineData("chat nobody")]
    [InlineData("chat")]
    [InlineData("generate nobody --prompt x")]
    [InlineData("models show nobody")]
    [InlineData("models show ../../etc")]
    [InlineData("eval nobody")]
    [InlineData("eval nobody --json")]
    public void A_missing_model_exits_with_1_and_one_line(string arguments)
    {
        string workspace = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var streams = new Streams();
        Assert.Equal(ExitCode.Failure, streams.Run([.. arguments.Split(' '), "--workspace", workspace]));
        Assert.Empty(streams.Output);
        Assert.Matches(@"^reverie: There is no model [^\n]*\n$", streams.Error);
        Assert.False(Directory.Exists(workspace));
    }

    [Fact]
    public void No_models_yet_is_not_an_error_of_the_list()
    {
        var streams = new Streams();
        Assert.Equal(ExitCode.Success, streams.Run("models", "list", "--workspace", Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())));
        Assert.Contains("raise", streams.Output);
    }
}
