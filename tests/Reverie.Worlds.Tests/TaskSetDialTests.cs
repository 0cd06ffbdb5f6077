using Reverie.Tensors;

namespace Reverie.Worlds.Tests;

/// <summary>Dials of the task sets, and the sets that are read from files.</summary>
public sealed class TaskSetDialTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("worked-arithmetic:operation=add,digits={0}", 1, 5)]
    [InlineData("worked-arithmetic:operation=subtract,digits={0}", 1, 5)]
    [InlineData("worked-arithmetic:operation=multiply,digits={0}", 1, 5)]
    [InlineData("letter-counts:words={0}", 1, 4)]
    [InlineData("ordering:kind=sort,length={0}", 4, 10)]
    [InlineData("ordering:kind=reverse,length={0}", 4, 10)]
    [InlineData("parity:length={0}", 4, 12)]
    public void A_higher_dial_makes_longer_tasks(string name, int from, int to)
    {
        foreach (Split split in Enum.GetValues<Split>())
        {
            double[] prompts = [.. Dial().Select(v => Sample(v, split).Average(q => q.Prompt[0].Content.Length))], golds = [.. Dial().Select(v => Sample(v, split).Average(q => q.Gold.Length))];

            // One length more in the mean is half a length, and the held-out one grows at every second step only.
            int stride = name.Contains("length", StringComparison.Ordinal) ? 2 : 1;
            for (int i = stride; i < prompts.Length; i++) Assert.True(prompts[i] > prompts[i - stride] && golds[i] > golds[i - stride], $"{split} at {i}: {prompts[i - stride]} -> {prompts[i]}, {golds[i - stride]} -> {golds[i]}");
        }

        IEnumerable<int> Dial() => Enumerable.Range(from, to - from + 1);

        Question[] Sample(int value, Split split) => [.. TaskSets.Find(string.Format(System.Globalization.CultureInfo.InvariantCulture, name, value)).Tasks(split, 1).Take(1000).Cast<Question>()];
    }

    [Fact]
    public void More_demands_make_longer_requests()
    {
        double[] lengths = [.. Enumerable.Range(1, 4).Select(n => new InstructionFollowing(n).Tasks(Split.Train, 1).Take(200).Average(t => t.Prompt[0].Content.Length))];
        Assert.Equal(lengths.Order(), lengths);
    }

    [Theory]
    [InlineData("worked-arithmetic:operation=add,digits=3")]
    [InlineData("worked-arithmetic:operation=multiply,digits=5")]
    [InlineData("parity:length=12,worked=0.3")]
    [InlineData("honesty:unknown=0.8,penalty=1")]
    [InlineData("instructions:demands=4")]
    [InlineData("letter-counts:words=3")]
    [InlineData("ordering:kind=sortdown,length=9")]
    public void A_name_with_dials_finds_a_set_of_that_name_in_which_gold_passes(string name)
    {
        ITaskSet set = TaskSets.Find(name);
        Assert.Equal(name, set.Name);
        foreach (Split split in Enum.GetValues<Split>())
        {
            foreach (TaskItem item in set.Tasks(split, 2).Take(60))
            {
                Assert.Equal(1, Episode.Play(item, item.Expert).Reward);
                foreach ((string hack, IActor actor) in Actors.Hacks.Concat(item.Hacks)) Assert.True(Episode.Play(item, actor) is { Reward: < 1 } trace, $"{hack}:\n{item.Prompt[0].Content}");
            }
        }
    }

    [Theory]
    [InlineData("sudoku")]
    [InlineData("parity:size=3")]
    [InlineData("parity:length=three")]
    [InlineData("parity:length=3")]
    [InlineData("parity:length")]
    [InlineData("gsm8k")]
    [InlineData("gsm8k:path=missing.jsonl")]
    public void What_is_not_there_gets_one_line(string name)
    {
        var refused = Assert.Throws<ReverieException>(() => TaskSets.Find(name).Tasks(Split.HeldOut, 1).First());
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void Products_show_their_columns()
    {
        Assert.Equal("47x6: 7x6=42, carry 4; 4x6+4=28.", WorkedArithmetic.MultiplySteps(47, 6));
        Assert.Equal("102x3: 2x3=6, carry 0; 0x3+0=0, carry 0; 1x3+0=3.", WorkedArithmetic.MultiplySteps(102, 3));
        Assert.Equal("s-t-r1-a-w-b-e-r2-r3-y", LetterCounts.Aloud("strawberry", 'r'));
    }

    [Fact]
    public void Guessing_at_the_unknown_costs_more_than_admitting_it()
    {
        Question[] asked = [.. new Honesty(penalty: 0.5).Tasks(Split.HeldOut, 1).Take(400).Cast<Question>()];
        Assert.InRange(asked.Count(q => q.IsUnanswerable), 160, 240);
        foreach (Question question in asked)
        {
            string guess = asked.First(q => !q.IsUnanswerable && q.Gold != question.Gold).Gold;
            Assert.Equal(-0.5, question.Score(guess));
            Assert.Equal([new Score("truthful", -1)], question.AlsoReports!(guess));
            Assert.Equal(question.IsUnanswerable ? 1 : 0, question.Score("I don't know."));
            Assert.Equal([new Score("truthful", 1)], question.AlsoReports!(question.Gold));
        }
    }

    [Fact]
    public void A_word_problem_is_graded_as_the_harness_grades_it()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, """{"question": "A has 1,000 and gets 200 more. How many?", "answer": "1000+200=<<1000+200=1200>>1,200.\n#### 1,200"}""");
            var question = (Question)new Gsm8k(path).Tasks(Split.HeldOut, 1).Single();
            Assert.Equal("1000+200=1,200.\n#### 1,200", question.Gold);
            Assert.Contains("<<", ((Question)TaskSets.Find($"gsm8k:path={path},calculations=true").Tasks(Split.Train, 1).First()).Gold);
            Assert.Equal([1.0, 1, 1, 1, 0, 0, 0, 0], new[] { "#### 1200", "It is $1,200.", "1000 and 200 make 1200", "<think>7</think>1200.", "1200 or 7", "", ":", "#### 200" }.Select(question.Score));
            Assert.Equal([new Score("strict", 0)], question.AlsoReports!("It is 1200."));
            Assert.Equal([new Score("strict", 1)], question.AlsoReports!("So\n#### 1,200"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("""{"query": "2 + 2 = ?", "target": 4}""", "4", "5")]
    [InlineData("""{"prompt": "Capital of Norway?", "answer": "Oslo"}""", "oslo.", "Oslo or Bergen")]
    [InlineData("""{"question": "Which?", "choices": ["red", "blue"], "answer": 1}""", "B", "A B")]
    [InlineData("""{"question": "Which?", "choices": ["red", "blue"], "answer": "B"}""", "(b)", "A")]
    [InlineData("""{"question": "Which?", "choices": {"text": ["red", "blue"], "label": ["1", "2"]}, "answerKey": "2"}""", "B. blue", "red")]
    [InlineData("""{"ctx": "The cat", "endings": ["sleeps.", "flies."], "label": "0"}""", "A", "sleeps. flies.")]
    [InlineData("""{"question": "Which?", "options": ["3", "2"], "answer": "2"}""", "B", "A")]
    public void Questions_of_many_formats_are_read(string line, string right, string wrong)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, line + "\n\n");
            var question = (Question)new Questions(path).Tasks(Split.HeldOut, 1).Single();
            Assert.Equal(1, question.Score(question.Gold));
            Assert.Equal(1, question.Score(right));
            Assert.Equal(0, question.Score(wrong));
            foreach ((string hack, IActor actor) in Actors.Hacks.Concat(question.Hacks)) Assert.True(Episode.Play(question, actor).Reward < 1, hack);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("[1]", "object")]
    [InlineData("{\"question\": \"x\"", "JSON")]
    [InlineData("{\"question\": \"x\"}", "answer")]
    [InlineData("{\"question\": \"x\", \"choices\": [\"a\", \"b\"], \"answer\": 7}", "choices")]
    [InlineData("", "no questions")]
    public void A_broken_file_says_where(string text, string said)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            var refused = Assert.Throws<ReverieException>(() => new Questions(path).Questions);
            Assert.Contains(said, refused.Message, StringComparison.Ordinal);
            Assert.Contains(path, refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Samples_are_printed_to_be_read()
    {
        foreach (string name in new[] { "worked-arithmetic", "letter-counts", "ordering", "parity", "instructions", "honesty" })
        {
            foreach (Split split in Enum.GetValues<Split>())
            {
                foreach (Question question in TaskSets.Find(name).Tasks(split, 11).Take(6).Cast<Question>())
                {
                    output.WriteLine($"[{name} {split}] {question.Prompt[0].Content}\n    {question.Gold.Replace("\n", "\n    ", StringComparison.Ordinal)}");
                    Assert.DoesNotContain('{', question.Prompt[0].Content);
                }
            }
        }
    }
}
