using Reverie.Models;

namespace Reverie.Worlds.Tests.Facts;

public class ToldTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(Split.Train)]
    [InlineData(Split.HeldOut)]
    [InlineData(Split.OutOfDistribution)]
    public void An_answer_is_what_was_told_last_and_nothing_where_nothing_was_told(Split split)
    {
        int told = 0, untold = 0, reversed = 0, changed = 0, atOnce = 0;
        foreach (Question task in Tasks(split).Take(3000))
        {
            Message[] said = [.. task.Prompt.SkipLast(1).Where(m => m.Role == Role.User)];
            Fact[] facts = [.. said.SelectMany(m => FactReader.Sentences(m.Content)).Select(FactReader.Read).OfType<Fact>()];
            string asked = task.Prompt[^1].Content;
            if (task.IsUnanswerable)
            {
                untold++;
                Assert.True(Reply.Abstains(task.Gold), task.Gold);
                foreach (Fact fact in facts) Assert.True(task.Score(fact.Sentence) == 0, $"{asked} | {fact.Sentence}");
                continue;
            }

            told++;
            // Every statement of the visitor can be read, but for values that no list has in wordings that need one.
            Fact? answer = facts.LastOrDefault(f => f.Sentence == task.Gold);
            if (answer is null) continue;
            Assert.Equal(answer, facts.Last(f => f.Key == answer.Key));
            foreach (Fact other in facts.Where(f => f.Sentence != task.Gold)) Assert.True(task.Score(other.Sentence) == 0, $"{asked} | {other.Sentence}");
            if (facts.Any(f => f.Key == answer.Key && !f.Equals(answer))) changed++;
            if (asked.Contains(answer.Value)) reversed++;
            if (said.Any(m => FactReader.Sentences(m.Content).Count() > 1)) atOnce++;
        }

        output.WriteLine($"{split}: {told} told ({reversed} backwards, {changed} changed, {atOnce} at once), {untold} untold");
        Assert.InRange(told, 1700, 2700);
        Assert.InRange(untold, 400, 1300);
        Assert.True(reversed > 100 && changed > 50 && atOnce > 300);
    }

    [Fact]
    public void Held_out_tasks_ask_and_tell_in_held_out_wordings()
    {
        HashSet<string> known = [.. Relations.All.SelectMany(r => r.Statements.Concat(r.Questions).Concat(r.Reversed).Select(t => t.Split('{')[0])).Where(t => t.Split(' ').Length > 2)];
        foreach (Question task in Tasks(Split.HeldOut).Take(500)) Assert.DoesNotContain(known, t => task.Prompt[^1].Content.StartsWith(t, StringComparison.Ordinal) && !IsHeldOut(t));

        // "In which town {e} lives" opens a question of either kind.
        static bool IsHeldOut(string opening) => Relations.All.SelectMany(r => r.HeldOutQuestions.Concat(r.HeldOutReversed)).Any(t => t.StartsWith(opening, StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_not_told_of_oneself_is_asked_in_every_split()
    {
        foreach (Split split in Enum.GetValues<Split>())
            foreach (Relation relation in Relations.All.Where(r => r.Kind is SubjectKind.Self)) Assert.Contains(Tasks(split).Take(6000), t => t.IsUnanswerable && t.Gold == relation.Unknown);
    }

    [Fact]
    public void The_name_is_asked_for_and_said_as_in_conversations()
    {
        Relation name = Relations.Find("self/name")!;
        Question[] remembered = [.. Primer.Exams.First(e => e.Name == "name-memory").Tasks(Split.HeldOut, 1).Take(300).Cast<Question>()];
        Assert.All(remembered, t => Assert.StartsWith(name.Answer.Split('{')[0], t.Gold));
        Assert.Contains(remembered, t => name.HeldOutQuestions.Contains(t.Prompt[^1].Content));
        Assert.DoesNotContain(remembered, t => name.Questions.Contains(t.Prompt[^1].Content));
    }

    private static IEnumerable<Question> Tasks(Split split) => Primer.TaskSets.First(s => s.Name == "told").Tasks(split, 4).Cast<Question>();
}
