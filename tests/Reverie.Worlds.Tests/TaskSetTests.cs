using Reverie.Models;

namespace Reverie.Worlds.Tests;

/// <summary>What every task set must hold, whoever wrote it.</summary>
public sealed class TaskSetTests
{
    private const int Tasks = 40;

    public static TheoryData<string, Split> Everything()
    {
        var data = new TheoryData<string, Split>();
        foreach (ITaskSet set in TaskSets.All)
            foreach (Split split in Enum.GetValues<Split>()) data.Add(set.Name, split);
        return data;
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void Gold_scores_full_marks_and_nobody_else_does(string name, Split split)
    {
        TaskItem[] items = [.. TaskSets.Find(name).Tasks(split, 3).Take(Tasks)];
        int wrong = 0, tried = 0;
        for (int i = 0; i < items.Length; i++)
        {
            Trace gold = Episode.Play(items[i], items[i].Expert);
            Assert.True(gold is { Reward: 1, Stop: TraceStop.Done }, $"gold:\n{gold}\n{gold.Failure}");
            Trace padded = Episode.Play(items[i], new Padded(items[i].Expert));
            Assert.True(padded.Reward == 1, $"gold with space around it:\n{padded}");
            foreach ((string hack, IActor actor) in Actors.Hacks.Concat(items[i].Hacks).Append(("noop", Actors.Noop)))
            {
                Trace trace = Episode.Play(items[i], actor);
                Assert.True(trace.Reward < 1 && trace.Stop != TraceStop.Failed, $"{hack}:\n{trace}\n{trace.Failure}");
            }

            if (items[i].Wrong is { } own)
            {
                Trace trace = Episode.Play(items[i], own);
                Assert.True(trace.Reward < 1, $"wrong:\n{trace}");
                continue;
            }

            // Another task's right answer may happen to be right here too, but seldom.
            tried++;
            if (Episode.Play(items[i], items[(i + 1) % items.Length].Expert).Reward < 1) wrong++;
        }

        Assert.True(wrong >= tried * 0.6, $"the next task's expert passes {tried - wrong} of {tried} tasks");
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void An_episode_replays_to_the_same_hash_and_a_fork_goes_its_own_way(string name, Split split)
    {
        foreach (TaskItem item in TaskSets.Find(name).Tasks(split, 4).Take(Tasks))
        {
            foreach (IActor actor in new[] { item.Expert, Actors.Noop, Actors.Hacks[^1].Actor })
            {
                Trace trace = Episode.Play(item, actor);
                Assert.Equal(trace.FinalHash, Episode.Replay(trace, item));
            }

            Trace expert = Episode.Play(item, item.Expert);
            var script = new Script([.. expert.Messages.Skip(expert.PromptMessages).Where(m => m.Role == Role.Assistant).Select(m => m.Content)]);
            foreach ((Branch branch, double reward) in Branch.Of(expert, item))
            {
                Trace again = Episode.Run([new Episode("", "", item, script, 0) { From = branch }])[0];
                Assert.Equal((expert.FinalHash, expert.TurnCount), (again.FinalHash, again.TurnCount));
                Assert.Equal(expert.Messages, again.Messages);
                Assert.Equal(expert.Reward, reward + again.Reward, 12);
            }

            IWorld world = item.Open();
            world.Reset();
            ulong before = world.Hash;
            IWorld fork = world.Fork();
            Assert.Equal(before, fork.Hash);
            fork.Step(":");
            Assert.Equal(before, world.Hash);
        }
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void Tasks_follow_from_the_seed(string name, Split split)
    {
        TaskItem[] once = [.. TaskSets.Find(name).Tasks(split, 5).Take(Tasks)], again = [.. TaskSets.Find(name).Tasks(split, 5).Take(Tasks)];
        Assert.Equal(once.Select(Text), again.Select(Text));
        Assert.NotEqual(once.Select(Text), TaskSets.Find(name).Tasks(split, 6).Take(Tasks).Select(Text));
        Assert.All(once, item => Assert.NotEqual(Role.Assistant, item.Prompt[^1].Role));
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void No_examined_prompt_is_among_5000_of_training(string name, Split split)
    {
        if (split == Split.Train) return;
        HashSet<string> trained = [.. TaskSets.Find(name).Tasks(Split.Train, 1).Take(5000).Select(Asked)];
        Assert.All(TaskSets.Find(name).Tasks(split, 1).Take(300), item => Assert.DoesNotContain(Asked(item), trained));

        static string Asked(TaskItem item) => string.Join('\n', item.Prompt.Select(m => m.Content));
    }

    [Fact]
    public void The_known_hacks_are_tried_on_every_set()
    {
        string[] listed = ["an empty answer", "only a colon", "an answer without one", "the question again", "every number", "endless", "a tool call in a loop", "malformed JSON"];
        Assert.Empty(listed.Except(Actors.Hacks.Select(h => h.Name)));
    }

    /// <summary>An actor that leaves space around what it says.</summary>
    private sealed class Padded(IActor actor) : IActor
    {
        public async ValueTask<Turn> Act(Trace trace, Budget budget, CancellationToken cancel) => new($"  {(await actor.Act(trace, budget, cancel)).Text}\n");
    }

    private static string Text(TaskItem item) => Episode.Play(item, item.Expert).ToString();
}
