using System.Text.Json;
using Reverie.Evaluation;
using Reverie.Tensors;
using Spectre.Console.Testing;

namespace Reverie.Cli.Tests;

public class RaiseCommandTests(TinyModel tiny) : IClassFixture<TinyModel>
{
    private RaiseOptions? _options;

    [Fact]
    public void Options_arrive_as_they_were_typed()
    {
        Run(new Streams(), "--minutes 2.5 --data a.txt b --data hf:x/y --name tiny --seed 18446744073709551615 --threads 2 --width 64 --layers 3 --vocabulary 512 --context 128 "
            + "--batch-tokens 1024 --learning-rate 0.002 --optimizer adamw --tokens 100000 --data-share 0.25 --tied true --exam-questions 7");
        var expected = new RaiseOptions
        {
            Minutes = 2.5,
            Name = "tiny",
            Seed = ulong.MaxValue,
            Threads = 2,
            Width = 64,
            Layers = 3,
            Vocabulary = 512,
            Context = 128,
            BatchTokens = 1024,
            LearningRate = 0.002f,
            Optimizer = "adamw",
            Tokens = 100_000,
            DataShare = 0.25,
            TiedEmbeddings = true,
            ExamQuestions = 7,
            Data = _options!.Data,
        };
        Assert.Equal(expected, _options);
        Assert.Equal(["a.txt", "b", "hf:x/y"], _options.Data);
    }

    [Fact]
    public void Without_options_the_recipe_decides()
    {
        Run(new Streams(), "");
        Assert.Equal(new RaiseOptions { Data = _options!.Data }, _options);
    }

    [Fact]
    public void Json_is_one_object_on_the_last_line_and_all_else_goes_to_standard_error()
    {
        var streams = new Streams();
        Assert.Equal(ExitCode.Success, Run(streams, "--json"));
        Assert.Single(streams.Output.TrimEnd('\n').Split('\n'));
        JsonElement json = JsonDocument.Parse(streams.LastLine).RootElement;
        Assert.Equal("tiny@2", json.GetProperty("model").GetString());
        Assert.Equal(291.5, json.GetProperty("seconds").GetDouble());
        Assert.Equal(1_930_000, json.GetProperty("parameters").GetInt64());
        Assert.Equal(2_100_000, json.GetProperty("tokens").GetInt64());
        Assert.Equal(0.61, json.GetProperty("bits_per_byte").GetProperty("stories").GetDouble());
        Assert.Equal(1, json.GetProperty("scores").GetProperty("name-memory").GetDouble());
        JsonElement stage = json.GetProperty("stages")[1];
        Assert.Equal("sft", stage.GetProperty("name").GetString());
        Assert.Equal(2, stage.GetProperty("skipped_batches").GetInt32());
        Assert.Equal(JsonValueKind.Null, stage.GetProperty("loss").ValueKind);
        Assert.Contains("--learning-rate", streams.Error);
        Assert.DoesNotContain('\e', streams.Error);
    }

    [Fact]
    public void Redirected_output_has_no_escape_sequences_and_says_what_to_type_next()
    {
        var streams = new Streams();
        Assert.Equal(ExitCode.Success, Run(streams, ""));
        Assert.DoesNotContain('\e', streams.Output);
        Assert.Empty(streams.Error);
        Assert.Contains("chat tiny", streams.Output);
        Assert.True(streams.Output.IndexOf("--learning-rate", StringComparison.Ordinal) < streams.Output.IndexOf("pretrain   step", StringComparison.Ordinal), "the plan comes before the work");
    }

    [Fact]
    public void Without_a_person_a_sample_conversation_ends_it()
    {
        var streams = new Streams();
        Run(streams, "");
        Assert.Contains("> What is my name?\n", streams.Output);
        streams = new Streams();
        Run(streams, "--json");
        Assert.Contains("> What is my name?\n", streams.Error);
    }

    [Fact]
    public void With_a_person_it_goes_straight_into_the_chat()
    {
        var streams = new Streams("/help\n/exit\n", isInteractive: true);
        Assert.Equal(ExitCode.Success, Run(streams, ""));
        Assert.Contains("tiny@2, ", streams.Output);
        Assert.Contains("/system TEXT", streams.Output);
        streams = new Streams("/help\n/exit\n", isInteractive: true);
        Run(streams, "--no-chat");
        Assert.DoesNotContain("/system TEXT", streams.Output);
        Assert.Contains("> What is my name?\n", streams.Output);
    }

    [Fact]
    public void On_a_terminal_the_plan_stands_above_the_live_display()
    {
        var console = new TestConsole().Width(100);
        console.EmitAnsiSequences = true;
        Assert.Equal(ExitCode.Success, Run(new Streams("", console), ""));
        Assert.Contains("--learning-rate", console.Output);
        Assert.Contains("target", console.Output);
    }

    [Fact]
    public void Stopping_says_how_to_go_on_and_exits_with_130()
    {
        var streams = new Streams();
        Assert.Equal(ExitCode.Interrupted, Run(streams, "", () => throw new OperationCanceledException()));
        Assert.Contains("Run the same command to resume.", streams.Output);
    }

    [Fact]
    public void Failures_are_one_line()
    {
        var streams = new Streams();
        Assert.Equal(ExitCode.Failure, Run(streams, "--json", () => throw new ReverieException("The disk is full. Free some space.")));
        Assert.EndsWith("reverie: The disk is full. Free some space.\n", streams.Error);
        Assert.Empty(streams.Output);

        streams = new Streams();
        Assert.Equal(ExitCode.Failure, Run(streams, "", () => throw new InvalidOperationException("a bug\nin two lines")));
        Assert.Equal("reverie: InvalidOperationException: a bug in two lines Set REVERIE_DEBUG=1 for the stack trace.\n", streams.Error);
    }

    private int Run(Streams streams, string arguments, Action? fail = null)
    {
        RaiseResult Work(RaiseOptions options, Models.Workspace workspace, IReadOnlyList<IRaiseListener> listeners, CancellationToken cancellation)
        {
            _options = options;
            fail?.Invoke();
            return Script.Play(listeners, new ManualClock()) with { Model = "tiny@2" };
        }

        return Shell.Run(["raise", "--workspace", tiny.Folder, .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)], streams.Terminal, Work);
    }
}
