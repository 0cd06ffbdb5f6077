namespace Reverie.Worlds.Tests;

public sealed class ToolTasksTests
{
    [Fact]
    public void The_answer_is_what_the_tools_said_and_no_guess_near_it()
    {
        foreach (ToolsTask task in new ToolTasks().Tasks(Split.HeldOut, 1).Take(100).Cast<ToolsTask>())
        {
            Trace trace = Episode.Play(task, task.Expert);
            string result = trace.Messages[^2].Content;
            Assert.DoesNotContain("error", result, StringComparison.Ordinal);
            if (!int.TryParse(result, out int number)) continue;
            Assert.Equal(1, Play(result));
            Assert.Equal(1, Play($"The answer is {number}."));
            Assert.Equal(0, Play($"{number + 1}"));
            Assert.Equal(0, Play($"{number}0"));
            Assert.Equal(0, Play($"It is {number} or {number + 10}."));
            Assert.Equal(0, Play(string.Join(' ', Enumerable.Range(number - 40, 41))));

            double Play(string answer) => Episode.Play(task, new Script(answer)).Reward;
        }
    }

    [Fact]
    public void Prices_are_drawn_for_each_question()
    {
        ToolsTask[] bills = [.. new ToolTasks().Tasks(Split.Train, 2).Cast<ToolsTask>().Where(t => t.Prices.ContainsKey("hats")).Take(20)];
        Assert.True(bills.Select(t => t.Prices["hats"]).Distinct().Count() > 10);
    }

    [Fact]
    public void Unknown_things_are_looked_up_and_admitted()
    {
        foreach (ToolsTask task in new ToolTasks().Tasks(Split.Train, 3).Cast<ToolsTask>().Where(t => t.IsUnanswerable).Take(10))
        {
            Assert.Contains(Episode.Play(task, task.Expert).Messages, m => m.Content == ToolsTask.Nothing);
            Assert.Equal(0, Episode.Play(task, new Script("It is red.")).Reward);
        }
    }

    [Fact]
    public void Splits_share_no_pair_of_numbers_and_no_chain_of_facts()
    {
        HashSet<string> train = Calls(Split.Train, 4, 2_000);
        Assert.Empty(Calls(Split.HeldOut, 5, 500).Intersect(train));

        static HashSet<string> Calls(Split split, ulong seed, int count) =>
        [
            .. new ToolTasks().Tasks(split, seed).Take(count).Cast<ToolsTask>().Where(t => t.Calls[0].Contains("*", StringComparison.Ordinal) && !t.Calls[0].Contains('-') && !t.Calls[0].Contains('+')).Select(t => t.Calls[0]),
            .. new ToolTasks().Tasks(split, seed).Take(count).Cast<ToolsTask>().Where(t => t.Calls.Count == 2 && t.Prices.Count == 0)
                .Select(t => string.Join('.', t.Calls.Select(c => ToolCall.Parse(c, out _)!.Text("what")))),
        ];
    }
}
