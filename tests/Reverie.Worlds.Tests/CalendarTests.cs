using CsCheck;
using Reverie.Models;

namespace Reverie.Worlds.Tests;

public sealed class CalendarTests
{
    private static readonly Calendar Week = Of("Monday 9 lunch with Ada", "Monday 10 call with Tom", "Tuesday 12 lunch with Tom", "Friday 9 dentist");

    [Theory]
    [InlineData("list", "{}", "Monday 9 lunch with Ada; Monday 10 call with Tom; Tuesday 12 lunch with Tom; Friday 9 dentist")]
    [InlineData("list", """{"day":"Monday"}""", "Monday 9 lunch with Ada; Monday 10 call with Tom")]
    [InlineData("list", """{"day":"Thursday"}""", "nothing")]
    [InlineData("list", """{"day":"Someday"}""", "no such day")]
    [InlineData("find_free", """{"day":"Monday"}""", "Monday 11")]
    [InlineData("find_free", "{}", "Monday 11")]
    [InlineData("create", """{"title":"party","with":"Mia","at":"Monday 9"}""", "busy")]
    [InlineData("create", """{"title":"party","at":"Monday 18"}""", "needs a day and an hour")]
    [InlineData("create", """{"at":"Monday 17"}""", "needs a title")]
    [InlineData("move", """{"event":"dentist","to":"Monday 9"}""", "busy")]
    [InlineData("move", """{"event":"lunch","to":"Monday 17"}""", "which? Monday 9 or Tuesday 12")]
    [InlineData("move", """{"event":"lunch with Mia","to":"Monday 17"}""", "no such event")]
    [InlineData("cancel", """{"event":"Monday 17"}""", "no such event")]
    [InlineData("cancel", """{"event":7}""", "no such event")]
    [InlineData("invite", """{"event":"dentist"}""", "needs a name")]
    [InlineData("reward", """{"value":1}""", "no such tool")]
    public void A_call_that_changes_nothing_says_what_is_there_or_what_is_wrong(string tool, string arguments, string result)
    {
        (Calendar after, string said) = Call(Week, tool, arguments);
        Assert.Equal(result, said);
        Assert.Equal(Week.ToString(), after.ToString());
    }

    [Theory]
    [InlineData("create", """{"title":"The Party","with":"Tom and Mia","at":"tue at 9:00"}""", "Tuesday 9 party with Mia and Tom")]
    [InlineData("create", """{"title":"chess","at":"Tuesday 9"}""", "Tuesday 9 chess")]
    [InlineData("move", """{"event":"lunch with ada","to":"Wednesday 9"}""", "Wednesday 9 lunch with Ada")]
    [InlineData("move", """{"event":"Monday 10","to":"Wednesday 9"}""", "Wednesday 9 call with Tom")]
    [InlineData("cancel", """{"event":"the dentist"}""", "")]
    [InlineData("create", """{"title":"chess with Mia","at":"Tuesday 9"}""", "Tuesday 9 chess with Mia")]
    [InlineData("invite", """{"event":"dentist","who":"Mia"}""", "Friday 9 dentist with Mia")]
    [InlineData("invite", """{"event":"dentist with Mia"}""", "Friday 9 dentist with Mia")]
    [InlineData("invite", """{"event":"lunch with Tom with Mia"}""", "Tuesday 12 lunch with Mia and Tom")]
    [InlineData("invite", """{"event":"Monday 9 with Mia"}""", "Monday 9 lunch with Ada and Mia")]
    public void A_call_changes_one_event(string tool, string arguments, string added)
    {
        (Calendar after, string said) = Call(Week, tool, arguments);
        Assert.Equal("ok", said);
        Assert.Equal(added, string.Join("; ", after.Lines.Except(Week.Lines)));
        Assert.Equal(tool is "create" ? 0 : 1, Week.Lines.Except(after.Lines).Count());
    }

    [Fact]
    public void Calls_of_any_content_neither_throw_nor_break_the_calendar()
    {
        Gen<string> word = Choose("lunch", "the", "with", "Tom", "Monday", "Tuesday", "9", "17", "99", "at", ":00", "", "\u0000", new string('x', 100)).Array[0, 4].Select(w => string.Join(' ', w));
        Gen<ToolCall> call = Gen.Select(
            Choose("list", "find_free", "create", "move", "cancel", "invite", "done"), Choose("day", "title", "with", "at", "event", "to", "who").Array[0, 5], word.Array[5],
            (name, keys, values) => ToolCall.Parse(ToolCall.Write(name, [.. keys.Distinct().Select((key, i) => (key, (System.Text.Json.Nodes.JsonNode?)values[i]))]), out _)!);
        call.Array[1, 12].Sample(calls =>
        {
            Calendar calendar = Week;
            foreach (ToolCall one in calls)
            {
                (Calendar after, string said) = calendar.Call(one);
                if (said != "ok") Assert.Same(calendar, after);
                Assert.All(after.Events, e => Assert.True(e.Value.Title.Length is > 0 and <= 40));
                Assert.InRange(after.Events.Count - calendar.Events.Count, -1, 1);
                calendar = after;
            }
        }, iter: 2_000);
    }

    [Fact]
    public void A_needless_question_costs_a_tenth_and_a_needed_one_nothing()
    {
        foreach (CalendarTask task in new CalendarTasks().Tasks(Split.Train, 1).Take(60).Cast<CalendarTask>())
        {
            int needed = task.Clarification is null ? 0 : 1;
            Assert.Equal(needed, task.Calls.Count(c => c.Contains("ask_human", StringComparison.Ordinal)));
            if (task.Calls.Count > 4) continue;
            Trace trace = Episode.Play(task, new Script([CalendarTask.Ask("Really?"), .. task.Calls, ToolCall.Write("done")]));
            Assert.Equal(0.9, trace.Reward, 9);
            Assert.Equal(1, trace.Scores.Single(s => s.Name == "needless questions").Value);
        }
    }

    [Fact]
    public void A_sentence_without_a_call_ends_the_episode_as_done_does()
    {
        foreach (CalendarTask task in new CalendarTasks().Tasks(Split.Train, 2).Take(20).Cast<CalendarTask>())
            Assert.Equal(1, Episode.Play(task, new Script([.. task.Calls, "I have done it."])).Reward);
    }

    [Fact]
    public void An_unclear_request_has_two_readings_and_the_human_tells_which()
    {
        CalendarTask[] unclear = [.. new CalendarTasks().Tasks(Split.Train, 3).Cast<CalendarTask>().Where(t => t.Kind.EndsWith("unclear", StringComparison.Ordinal)).Take(20)];
        foreach (CalendarTask task in unclear)
        {
            Trace trace = Episode.Play(task, task.Expert);
            Assert.Contains(trace.Messages, m => m.Role == Role.Tool && m.Content.StartsWith("which? ", StringComparison.Ordinal) && m.Content.Contains(" or ", StringComparison.Ordinal));
            Assert.Contains(trace.Messages, m => m.Role == Role.Tool && m.Content.StartsWith("the one on ", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Experts_call_nothing_that_fails_but_what_they_learn_from()
    {
        foreach (Split split in Enum.GetValues<Split>())
            foreach (CalendarTask task in new CalendarTasks().Tasks(split, 4).Take(300).Cast<CalendarTask>())
            {
                Trace trace = Episode.Play(task, task.Expert);
                Assert.DoesNotContain(trace.Messages, m => m.Role == Role.Tool && m.Content.StartsWith("no ", StringComparison.Ordinal));
                Assert.InRange(task.Calls.Count, 1, 5);
            }
    }

    [Fact]
    public void Splits_share_no_pair_of_kinds_and_no_request()
    {
        CalendarTask[] train = [.. new CalendarTasks().Tasks(Split.Train, 5).Take(2_000).Cast<CalendarTask>()], heldOut = [.. new CalendarTasks().Tasks(Split.HeldOut, 6).Take(500).Cast<CalendarTask>()];
        Assert.Empty(train.Select(t => t.Kind).Where(k => k.Contains('+')).Intersect(heldOut.Select(t => t.Kind)));
        Assert.Empty(train.Select(t => t.Prompt[0].Content).Intersect(heldOut.Select(t => t.Prompt[0].Content)));
        CalendarTask[] strange = [.. new CalendarTasks().Tasks(Split.OutOfDistribution, 7).Take(100).Cast<CalendarTask>().Where(t => t.Kind.Count(c => c == '+') < 2)];
        Assert.Empty(Titles(train).Intersect(Titles(strange)));

        static HashSet<string> Titles(IEnumerable<CalendarTask> tasks) => [.. tasks.SelectMany(t => t.Wanted.Events.Values).Select(e => e.Title)];
    }

    [Fact]
    public void Tools_are_described_only_when_asked_for()
    {
        Assert.All(new CalendarTasks().Tasks(Split.Train, 8).Take(10), t => Assert.Single(t.Prompt));
        foreach (TaskItem task in new CalendarTasks { DescribeTools = true }.Tasks(Split.Train, 8).Take(10))
        {
            Assert.Equal(Role.System, task.Prompt[0].Role);
            Assert.Contains("\"name\":\"find_free\"", task.Prompt[0].Content, StringComparison.Ordinal);
            Assert.Equal(1, Episode.Play(task, task.Expert).Reward);
        }
    }

    private static Gen<string> Choose(params string[] items) => Gen.Int[0, items.Length - 1].Select(i => items[i]);

    private static Calendar Of(params string[] lines)
    {
        Calendar calendar = Calendar.Empty;
        foreach (string line in lines)
        {
            string[] words = line.Split(' ');
            calendar = calendar.With(Slot.Parse($"{words[0]} {words[1]}")!.Value, CalendarEvent.Of(words[2], words.Length > 4 ? words[4..] : []));
        }

        return calendar;
    }

    private static (Calendar After, string Result) Call(Calendar calendar, string tool, string arguments) =>
        calendar.Call(ToolCall.Parse($$"""<tool_call>{"name":"{{tool}}","arguments":{{arguments}}}</tool_call>""", out _)!);
}
