using Reverie.Models;

namespace Reverie.Worlds.Tests;

/// <summary>The page on adding a world, followed to the letter.</summary>
public sealed class AddingAWorldTests
{
    public static TheoryData<string, Split> Added()
    {
        var data = new TheoryData<string, Split>();
        foreach (string set in (string[])["clock-times", "number-hunt"])
            foreach (Split split in Enum.GetValues<Split>()) data.Add(set, split);
        return data;
    }

    [Fact]
    public void The_sets_on_the_page_are_the_sets_that_are_tested()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Reverie.slnx"))) root = Path.GetDirectoryName(root.TrimEnd(Path.DirectorySeparatorChar)) ?? throw new InvalidOperationException("Run the tests inside the repository.");
        string page = File.ReadAllText(Path.Combine(root, "docs", "adding-a-world.md"));
        string[] blocks = [.. page.Split("```csharp\n").Skip(1).Select(b => b[..b.IndexOf("```", StringComparison.Ordinal)])];
        string[] files = [.. ((string[])["ClockTimes.cs", "NumberHunt.cs"]).Select(f => File.ReadAllText(Path.Combine(root, "tests", "Reverie.Worlds.Tests", "Adding", f)))];
        Assert.Equal(files.Select(f => f.Replace("namespace Reverie.Worlds.Tests;", "namespace Reverie.Worlds;")), blocks);
        Assert.All(files, f => Assert.InRange(f.Split('\n').Length, 1, 90));
        foreach (ITaskSet set in TaskSets.All) Assert.Contains($"`{set.Name}`", page);
    }

    [Theory]
    [MemberData(nameof(Added))]
    public void Gold_scores_full_marks_and_nobody_else_does(string name, Split split)
    {
        foreach (TaskItem item in Find(name).Tasks(split, 3).Take(40))
        {
            Trace gold = Episode.Play(item, item.Expert);
            Assert.True(gold is { Reward: 1, Stop: TraceStop.Done }, $"{gold}\n{gold.Failure}");
            Assert.Equal(gold.FinalHash, Episode.Replay(gold, item));
            foreach ((string hack, IActor actor) in Actors.Hacks.Concat(item.Hacks).Append(("wrong", item.Wrong ?? Actors.Noop)))
            {
                Trace trace = Episode.Play(item, actor);
                Assert.True(trace.Reward < 1 && trace.Stop != TraceStop.Failed, $"{hack}:\n{trace}\n{trace.Failure}");
            }

            IWorld world = item.Open(), fork = world.Fork();
            world.Reset();
            ulong before = world.Hash;
            fork.Step(ToolCall.Write("guess", ("number", 1)));
            Assert.Equal(before, world.Hash);
        }
    }

    [Theory]
    [MemberData(nameof(Added))]
    public void No_examined_prompt_is_among_those_of_training(string name, Split split)
    {
        if (split == Split.Train) return;
        HashSet<string> trained = [.. Find(name).Tasks(Split.Train, 1).Take(3000).Select(i => i.Prompt[^1].Content)];
        Assert.All(Find(name).Tasks(split, 1).Take(100), item => Assert.DoesNotContain(item.Prompt[^1].Content, trained));
    }

    [Fact]
    public void An_expert_needs_several_turns_to_find_a_number() =>
        Assert.Contains(new NumberHunt().Tasks(Split.Train, 1).Take(20), item => Episode.Play(item, item.Expert).Messages.Count(m => m.Role == Role.Tool) == 3);

    private static ITaskSet Find(string name) => name == "clock-times" ? new ClockTimes() : new NumberHunt();
}
