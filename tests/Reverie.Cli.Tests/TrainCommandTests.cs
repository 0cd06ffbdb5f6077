using System.Text.Json;
using Reverie.Cli.Commands;
using Reverie.Evaluation;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Cli.Tests;

public class TrainCommandTests(TinyModel tiny) : IClassFixture<TinyModel>
{
    private const string Small = "--steps 2 --prompts 2 --group 2 --tokens-per-turn 4 --questions 4 --threads 1";

    [Theory]
    [InlineData("train rl tiny", "--tasks")]
    [InlineData("train rl tiny --tasks nonsense", "There is no task set nonsense")]
    [InlineData("train rl tiny --tasks parity:-1", "above 0")]
    [InlineData("train rl tiny --tasks parity --credit magic", "There is no credit rule magic")]
    [InlineData("train rl tiny --tasks parity --credit distill", "--teacher")]
    [InlineData("train rl tiny --tasks parity --steps 3 --minutes 1", "--minutes")]
    [InlineData("train rl tiny --tasks parity --group 0", "--group")]
    [InlineData("train rl tiny --tasks parity --keep-adapter there", "--lora")]
    [InlineData("train sft tiny", "--data")]
    [InlineData("train distill tiny --tasks parity", "--teacher")]
    [InlineData("train polish tiny", "polish")]
    public void A_wrong_command_line_is_told_in_a_line_and_exits_with_2(string line, string expected)
    {
        var streams = new Streams();
        Assert.Equal(ExitCode.Usage, streams.Run(line.Split(' ')));
        Assert.Contains(expected, streams.Error);
        Assert.Empty(streams.Output);
    }

    [Fact]
    public void A_weight_stands_after_the_last_colon()
    {
        Assert.Equal(new TaskShare("spelling", 0.5), TrainStageCommand.Share("spelling:0.5"));
        Assert.Equal(new TaskShare("worked-arithmetic:operation=add,digits=3"), TrainStageCommand.Share("worked-arithmetic:operation=add,digits=3"));
        Assert.Equal(new TaskShare("parity:length=12", 2), TrainStageCommand.Share("parity:length=12:2"));
        Assert.Throws<ReverieException>(() => TrainStageCommand.Share("parity:0"));
    }

    [Fact]
    public void Rl_ends_with_scores_before_and_after()
    {
        var streams = new Streams();
        Assert.Equal(ExitCode.Success, streams.Run([.. $"train rl tiny --tasks parity --tasks letter-counts:0.5 --name player --json --workspace {tiny.Folder} {Small}".Split(' ')]));
        JsonElement json = JsonDocument.Parse(streams.LastLine).RootElement;
        Assert.Equal("player@1", json.GetProperty("model").GetString());
        Assert.Equal("tiny@2", json.GetProperty("from").GetString());
        Assert.Equal(["parity", "parity, sampled", "letter-counts", "letter-counts, sampled"], json.GetProperty("exams").EnumerateArray().Select(e => e.GetProperty("name").GetString()!));
        Assert.Contains("difference", streams.Error);
        Assert.DoesNotContain('\e', streams.Error);
        Assert.Single(streams.Output.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public void Distillation_on_tasks_alone_is_rl_with_that_rule()
    {
        var streams = new Streams();
        Assert.Equal(ExitCode.Success, streams.Run([.. $"train distill tiny@1 --teacher tiny@2 --tasks parity --name pupil --workspace {tiny.Folder} {Small}".Split(' ')]));
        Assert.Equal("distill", Checkpoint.ReadLineage(new Workspace(tiny.Folder).Resolve("pupil"))!.Stages[^1].Data["credit"]);
        Assert.Contains("pupil@1", streams.Output);
    }

    [Fact]
    public void A_model_that_is_not_there_is_a_failure_that_lists_those_that_are()
    {
        var streams = new Streams();
        Assert.Equal(ExitCode.Failure, streams.Run("train", "sft", "nobody", "--tasks", "parity", "--workspace", tiny.Folder));
        Assert.Contains("tiny", streams.Error);
    }
}
