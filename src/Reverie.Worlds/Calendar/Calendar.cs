using System.Collections.Immutable;

namespace Reverie.Worlds;

/// <summary>What stands in a calendar at one hour.</summary>
/// <param name="Title">Lower-case, without an article.</param>
/// <param name="People">Who comes, in alphabetical order.</param>
internal sealed record CalendarEvent(string Title, ImmutableSortedSet<string> People)
{
    /// <summary>An event to which these people come. Names are compared without regard to case.</summary>
    public static CalendarEvent Of(string title, IEnumerable<string> people) => new(title, people.ToImmutableSortedSet(StringComparer.OrdinalIgnoreCase));

    public override string ToString() => People.IsEmpty ? Title : $"{Title} with {string.Join(" and ", People)}";
}

/// <summary>A calendar of one week with at most one event an hour. It never changes: a call gives a new one.</summary>
internal sealed class Calendar
{
    private const int LongestWord = 40;
    private const string WithWhom = " with ";
    private static readonly string[] Articles = ["the ", "a ", "an ", "my "];

    /// <summary>Without events.</summary>
    public static readonly Calendar Empty = new(ImmutableSortedDictionary<Slot, CalendarEvent>.Empty);

    private Calendar(ImmutableSortedDictionary<Slot, CalendarEvent> events) => Events = events;

    /// <summary>What is when.</summary>
    public ImmutableSortedDictionary<Slot, CalendarEvent> Events { get; }

    /// <summary>One line for each event.</summary>
    public IEnumerable<string> Lines => Events.Select(e => $"{e.Key} {e.Value}");

    /// <summary>The calendar with one event more.</summary>
    public Calendar With(Slot slot, CalendarEvent added) => new(Events.Add(slot, added));

    /// <summary>The first free hour, of the day or of the week.</summary>
    public Slot? FirstFree(int? day)
    {
        foreach (Slot slot in day is { } d ? Slot.Of(d) : Slot.Week)
            if (!Events.ContainsKey(slot)) return slot;
        return null;
    }

    /// <summary>Carries out a call.</summary>
    /// <returns>The calendar afterwards, and what the tool says. Where it says anything but ok, nothing has changed.</returns>
    public (Calendar After, string Result) Call(ToolCall call)
    {
        string? day = call.Text("day");
        if (day is not null && Slot.DayOf(day) is null) return (this, "no such day");
        return call.Name switch
        {
            "list" => (this, List(Slot.DayOf(day))),
            "find_free" => (this, FirstFree(Slot.DayOf(day))?.ToString() ?? "none"),
            "create" => Create(call.Text("title"), call.Text("with"), Slot.Parse(call.Text("at"))),
            "move" => Move(call.Text("event"), Slot.Parse(call.Text("to"))),
            "cancel" => Find(call.Text("event"), out string problem) is { } slot ? (new(Events.Remove(slot)), "ok") : (this, problem),
            "invite" => Invite(call.Text("event"), call.Text("who")),
            _ => (this, "no such tool"),
        };
    }

    /// <summary>Whether the two say the same.</summary>
    public bool Equals(Calendar other) => Lines.SequenceEqual(other.Lines, StringComparer.OrdinalIgnoreCase);

    public override string ToString() => string.Join("; ", Lines);

    private string List(int? day)
    {
        string list = string.Join("; ", Events.Where(e => day is null || e.Key.Day == day).Select(e => $"{e.Key} {e.Value}"));
        return list.Length == 0 ? "nothing" : list;
    }

    private (Calendar, string) Create(string? title, string? people, Slot? at)
    {
        if (people is null) (title, people) = SplitAt(title, title?.IndexOf(WithWhom, StringComparison.OrdinalIgnoreCase) ?? -1);
        if (Bare(title) is not { Length: > 0 and <= LongestWord } name) return (this, "needs a title");
        if (at is not { } slot) return (this, "needs a day and an hour");
        if (Events.ContainsKey(slot)) return (this, "busy");
        string[] with = (people ?? "").Split([" and ", ","], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return with.Any(p => p.Length > LongestWord) || with.Length > 4 ? (this, "too many people") : (With(slot, CalendarEvent.Of(name, with)), "ok");
    }

    private (Calendar, string) Move(string? reference, Slot? to)
    {
        if (Find(reference, out string problem) is not { } from) return (this, problem);
        if (to is not { } slot) return (this, "needs a day and an hour");
        return Events.ContainsKey(slot) ? (this, "busy") : (new(Events.Remove(from).Add(slot, Events[from])), "ok");
    }

    private (Calendar, string) Invite(string? reference, string? who)
    {
        if (who is null) (reference, who) = SplitAt(reference, reference?.LastIndexOf(WithWhom, StringComparison.OrdinalIgnoreCase) ?? -1);
        if (Find(reference, out string problem) is not { } slot) return (this, problem);
        if (who?.Trim() is not { Length: > 0 and <= LongestWord } person) return (this, "needs a name");
        CalendarEvent there = Events[slot];
        return (new(Events.SetItem(slot, there with { People = there.People.Add(person) })), "ok");
    }

    private static (string?, string?) SplitAt(string? text, int at) => at < 0 ? (text, null) : (text![..at], text[(at + WithWhom.Length)..]);

    // An event is called by its hour ("Tuesday 12"), its title ("lunch"), or its title and somebody who comes ("lunch with Ada").
    private Slot? Find(string? reference, out string problem)
    {
        problem = "no such event";
        if (Slot.Parse(reference) is { } slot) return Events.ContainsKey(slot) ? slot : null;
        string[] parts = Bare(reference).Split(WithWhom, 2, StringSplitOptions.TrimEntries);
        Slot[] found = [.. Events.Where(e => e.Value.Title == parts[0] && (parts.Length == 1 || e.Value.People.Contains(parts[1]))).Select(e => e.Key)];
        if (found.Length > 1) problem = $"which? {string.Join(" or ", found)}";
        return found.Length == 1 ? found[0] : null;
    }

    private static string Bare(string? title)
    {
        string text = (title ?? "").Trim().ToLowerInvariant();
        string? article = Array.Find(Articles, a => text.StartsWith(a, StringComparison.Ordinal));
        return article is null ? text : text[article.Length..].Trim();
    }
}
