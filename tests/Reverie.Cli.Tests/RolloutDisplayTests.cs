using Reverie.Cli.Display;
using Reverie.Evaluation;
using Reverie.Models;
using Reverie.Training;
using Reverie.Worlds;
using Spectre.Console.Testing;

namespace Reverie.Cli.Tests;

public sealed class RolloutDisplayTests
{
    private static readonly StagePlan Stage = new()
    {
        Name = "rl",
        Mixture = new Dictionary<string, double> { ["sums"] = 1 },
        Steps = 10,
        BatchTokens = 64,
        SequenceLength = 64,
        LearningRate = 1e-3f,
        Rollouts = new RolloutPlan { Prompts = 1, GroupSize = 2 },
    };

    [Theory]
    [InlineData(40)]
    [InlineData(100)]
    public void A_step_of_rl_shows_its_pass_rate_and_an_episode_token_by_token(int width)
    {
        var clock = new ManualClock();
        var progress = new RaiseProgress(new RaiseOptions { Name = "tiny" }, clock);
        progress.StageStarted(Stage, 0);
        progress.Stepped(Stage, 1, default);
        progress.RolledOut(Stage, 1, Report());
        var console = new TestConsole().Width(width);
        console.Write(new RaiseFrame(progress.Snapshot()));
        Assert.Contains("pass@1", console.Output);
        Assert.Contains("50.0%", console.Output);
        Assert.Contains("what is it?", console.Output);
        Assert.Contains("three", console.Output);
        Assert.All(console.Output.Split('\n'), line => Assert.True(line.Length < width, line));
    }

    [Fact]
    public void Plain_lines_tell_what_the_episodes_taught()
    {
        var writer = new StringWriter();
        var progress = new RaiseProgress(new RaiseOptions { Name = "tiny" });
        new PlainRaiseLog(writer, progress, TimeSpan.Zero).RolledOut(Stage, 1, Report());
        Assert.Contains("pass@1 50%", writer.ToString());
        Assert.Contains("pass@2 100%", writer.ToString());
        Assert.Contains("signal in 100% of groups", writer.ToString());
    }

    private static RolloutReport Report()
    {
        var tokenizer = Tokenizer.Train(["add one and two; what is it? it is three."], 300);
        var task = new Question([new Message(Role.User, "what is it?")], "three", reply => reply == "three" ? 1 : 0);
        CreditedTrace right = new(Episode.Play(task, task.Expert, tokenizer)), wrong = new(Episode.Play(task, new Worlds.Script("two"), tokenizer));
        foreach (int t in right.ActorTokens) right.Rl[t] = 1;
        return new RolloutReport(RolloutStatistics.Of([new TraceGroup([right, wrong])]), 1, 0.9, 20, 60) { Sample = right };
    }
}
