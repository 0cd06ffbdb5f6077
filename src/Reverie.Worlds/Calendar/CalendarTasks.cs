using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>
/// Requests to a small calendar app: book, move, cancel, invite, find a free hour, ask back where a request is unclear, one or two things
/// at once, up to five calls. Held out are wordings and pairs of kinds; out of distribution are three things at once, and titles and
/// people that training never shows.
/// </summary>
public sealed class CalendarTasks : ITaskSet
{
    private const int MaximumCalls = 5, HeldOutPairs = 4, TriesOfKinds = 50;
    private const double ShareOfPairs = 0.25;

    private static readonly Message Tools = ToolDefinition.Describe(
        "You keep the user's calendar of one week, Monday to Friday, hours 9 to 17, one event an hour. Do what is asked with the fewest calls, then call done.",
        [
            new("list", "Lists the events.", ("day?", "A day such as Tuesday; the whole week without it.")),
            new("create", "Books an event.", ("title", "One word, or with who comes: \"lunch with Ada\"."), ("with?", "Who comes, where the title does not say it."), ("at", "A day and an hour such as \"Tuesday 12\".")),
            new("move", "Moves an event.", ("event", "Its title, \"title with person\", or its day and hour."), ("to", "A day and an hour.")),
            new("cancel", "Cancels an event.", ("event", "Its title, \"title with person\", or its day and hour.")),
            new("find_free", "The first free hour.", ("day?", "A day; the whole week without it.")),
            new("invite", "Adds a person to an event.", ("event", "Its title, \"title with person\", or its day and hour; then \"with\" and the person to add, where who does not say it."), ("who?", "The person.")),
            new("ask_human", "Asks the user. Costs their time: only where the request is unclear.", ("question", "The question.")),
            new("done", "Everything is done."),
        ]);

    /// <summary>Whether a system message describes the tools. Models raised on the demonstrations know them.</summary>
    public bool DescribeTools { get; init; }

    /// <inheritdoc/>
    public string Name => "calendar";

    /// <inheritdoc/>
    public IEnumerable<TaskItem> Tasks(Split split, ulong seed)
    {
        var random = new RandomStream(seed, $"calendar/{split}");
        while (true) yield return Draw(split, random);
    }

    private CalendarTask Draw(Split split, RandomStream random)
    {
        bool isLong = split == Split.OutOfDistribution && random.Next(2) == 0, isStrange = split == Split.OutOfDistribution && !isLong;
        int count = isLong ? 3 : random.NextDouble() < ShareOfPairs ? 2 : 1;
        while (true)
        {
            // Rare kinds get many calendars to fit into; some pairs can never be, such as two that are both unclear.
            string[] kinds = DrawKinds(split, count, random);
            for (int i = 0; i < TriesOfKinds; i++)
                if (TryDraw(kinds, split, isStrange, random) is { } task) return task;
        }
    }

    private static string[] DrawKinds(Split split, int count, RandomStream random)
    {
        while (true)
        {
            string[] kinds = [.. Enumerable.Range(0, count).Select(_ => CalendarErrands.DrawKind(random))];
            if (count != 2 || Composition.Fits(string.Join('+', kinds), split, HeldOutPairs)) return kinds;
        }
    }

    private CalendarTask? TryDraw(string[] kinds, Split split, bool isStrange, RandomStream random)
    {
        bool needsTwins = Array.Exists(kinds, k => k.EndsWith("unclear", StringComparison.Ordinal) || k.EndsWith("of two", StringComparison.Ordinal));
        Calendar initial = CalendarScene.Draw(isStrange, needsTwins, random), wanted = initial;
        List<Errand> errands = [];
        foreach (string kind in kinds)
        {
            if (CalendarErrands.Draw(kind, new CalendarScene(wanted, isStrange, random), split, random) is not { } errand) return null;
            errands.Add(errand);
            wanted = Do(errand, wanted).After;
        }

        string[] calls = [.. errands.SelectMany(e => e.Calls)];
        bool keepsSomething = wanted.Lines.Intersect(initial.Lines).Any();
        if (calls.Length > MaximumCalls || errands.Count(e => e.Clarification is not null) > 1 || !keepsSomething || wanted.Equals(initial) || !CommutesBackwards(initial, errands)) return null;
        bool beginsWithVerb = errands[0].Text.Split(' ', 2)[0] is not ("on" or "to");
        Wordings frames = beginsWithVerb ? CalendarWordings.Frames : CalendarWordings.TimeFirst;
        var request = new Message(Role.User, Composition.Fill(frames.Pick(split, random), ("x", Join(split, errands, random))));
        return new CalendarTask(DescribeTools ? [Tools, request] : [request])
        {
            Initial = initial,
            Wanted = wanted,
            Calls = calls,
            Clarification = errands.Find(e => e.Clarification is not null)?.Clarification,
            Kind = string.Join('+', kinds),
        };
    }

    // "A and B" says nothing of an order, so whoever does B first must see and leave the same.
    private static bool CommutesBackwards(Calendar initial, List<Errand> errands)
    {
        string[] forwards = Results(errands), backwards = Results(Enumerable.Reverse(errands));
        return forwards.Order(StringComparer.Ordinal).SequenceEqual(backwards.Order(StringComparer.Ordinal));

        string[] Results(IEnumerable<Errand> order)
        {
            Calendar calendar = initial;
            List<string> results = [];
            foreach (Errand errand in order)
            {
                (calendar, string seen) = Do(errand, calendar);
                results.Add($"{errand.Text}: {seen}");
            }

            return [.. results, calendar.ToString()];
        }
    }

    private static (Calendar After, string Seen) Do(Errand errand, Calendar calendar)
    {
        List<string> results = [];
        foreach (string call in errand.Calls)
        {
            (calendar, string result) = calendar.Call(ToolCall.Parse(call, out _)!);
            results.Add(result);
        }

        return (calendar, string.Join("; ", results));
    }

    private static string Join(Split split, List<Errand> errands, RandomStream random) => errands.Count switch
    {
        1 => errands[0].Text,
        2 => Plain(CalendarWordings.Pairs.Pick(split, random), ("x", errands[0].Text), ("y", errands[1].Text)),
        _ => Plain(random.Pick(CalendarWordings.Triples), ("x", errands[0].Text), ("y", errands[1].Text), ("z", errands[2].Text)),
    };

    private static string Plain(string template, params ReadOnlySpan<(string, string)> slots)
    {
        string text = Composition.Fill(template, slots);
        return char.ToLowerInvariant(text[0]) + text[1..];
    }
}
