using System.Globalization;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>One thing that is asked for.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Text">The words, as an order without a capital or a full stop: "move lunch to Friday at 10".</param>
/// <param name="Calls">What the expert calls.</param>
/// <param name="Clarification">What the human answers to a question; null when nothing is unclear.</param>
internal sealed record Errand(string Kind, string Text, IReadOnlyList<string> Calls, string? Clarification);

/// <summary>The kinds of errands of the calendar app, and what an expert does about each.</summary>
internal static class CalendarErrands
{
    /// <summary>What fills a wording, and the calls. A kind that the calendar does not allow has none.</summary>
    private sealed record Draft(IReadOnlyList<string> Calls, params (string Slot, string Value)[] Slots)
    {
        public string? Clarification { get; init; }
    }

    private static readonly (string Kind, int Weight, Wordings Wordings, Func<CalendarScene, Draft?> Draw)[] Kinds =
    [
        ("book", 4, CalendarWordings.Book, Book),
        ("book alone", 2, CalendarWordings.BookAlone, BookAlone),
        ("book free", 3, CalendarWordings.BookFree, BookFree),
        ("book or", 2, CalendarWordings.BookOr, BookOr),
        ("book sometime", 2, CalendarWordings.BookSometime, BookSometime),
        ("move", 4, CalendarWordings.Move, s => Move(s, s.Unique(), byPerson: false)),
        ("move one of two", 2, CalendarWordings.Move, s => Move(s, s.KnownByPerson(), byPerson: true)),
        ("move unclear", 2, CalendarWordings.Move, s => s.Ambiguous() is { } from ? Unclear(from, Move(s, from, byPerson: false)) : null),
        ("move hour", 1, CalendarWordings.MoveHour, MoveHour),
        ("move free", 3, CalendarWordings.MoveFree, MoveFree),
        ("cancel", 3, CalendarWordings.Cancel, s => Cancel(s, s.Unique(), byPerson: false)),
        ("cancel one of two", 2, CalendarWordings.Cancel, s => Cancel(s, s.KnownByPerson(), byPerson: true)),
        ("cancel unclear", 2, CalendarWordings.Cancel, s => s.Ambiguous() is { } from ? Unclear(from, Cancel(s, from, byPerson: false)) : null),
        ("cancel hour", 1, CalendarWordings.CancelHour, s => s.Any() is { } at ? new([CallCancel(at.ToString())], ("e", at.Spoken)) : null),
        ("cancel with", 3, CalendarWordings.CancelWith, s => s.WithPeople() is { } at ? CancelAll(s, at.Day, s.Calendar.Events[at].People[0]) : null),
        ("cancel day", 2, CalendarWordings.CancelDay, s => s.Any() is { } at ? CancelAll(s, at.Day, null) : null),
        ("invite", 4, CalendarWordings.Invite, s => Invite(s, s.Unique())),
        ("invite unclear", 1, CalendarWordings.Invite, s => s.Ambiguous() is { } at ? Unclear(at, Invite(s, at)) : null),
    ];

    private static readonly string[] Lots = [.. Kinds.SelectMany(k => Enumerable.Repeat(k.Kind, k.Weight))];

    /// <summary>A kind, by weight.</summary>
    public static string DrawKind(RandomStream random) => random.Pick(Lots);

    /// <summary>An errand of a kind about a calendar; null when the calendar does not allow it.</summary>
    public static Errand? Draw(string kind, CalendarScene scene, Split split, RandomStream random)
    {
        (_, _, Wordings wordings, Func<CalendarScene, Draft?> draw) = Array.Find(Kinds, k => k.Kind == kind);
        if (draw(scene) is not { } draft) return null;
        string text = Composition.Fill(wordings.Pick(split, random), draft.Slots);
        return new Errand(kind, char.ToLowerInvariant(text[0]) + text[1..], draft.Calls, draft.Clarification);
    }

    private static Draft Book(CalendarScene s) => Book(s.NewTitle(), s.Person(), s.FreeSlot());

    private static Draft Book(CalendarTitle title, string? person, Slot at) =>
        new([CallCreate(title, person, at)], ("a", title.Indefinite), ("p", person ?? ""), ("d", Slot.Days[at.Day]), ("h", Hour(at)));

    private static Draft BookAlone(CalendarScene s) => Book(s.NewTitle(), null, s.FreeSlot());

    private static Draft? BookFree(CalendarScene s)
    {
        if (s.FirstFree() is not { } at) return null;
        Draft draft = Book(s.NewTitle(), s.Person(), at);
        return draft with { Calls = [CallFindFree(at.Day), .. draft.Calls] };
    }

    // Sometimes the hour is free after all.
    private static Draft? BookOr(CalendarScene s)
    {
        if (s.IsLikely(0.4)) return BookAlone(s);
        if (s.Any() is not { } busy || s.Calendar.FirstFree(busy.Day) is not { } at) return null;
        CalendarTitle title = s.NewTitle();
        return Book(title, null, busy) with { Calls = [CallCreate(title, null, busy), CallFindFree(busy.Day), CallCreate(title, null, at)] };
    }

    private static Draft BookSometime(CalendarScene s)
    {
        Slot at = s.FreeSlot();
        Draft draft = Book(s.NewTitle(), s.Person(), at);
        return draft with { Calls = [CalendarTask.Ask("When?"), .. draft.Calls], Clarification = "at " + Hour(at) };
    }

    private static Draft? Move(CalendarScene s, Slot? from, bool byPerson) => from is { } slot && s.FreeSlot() is var to
        ? new([CallMove(s.Reference(slot, byPerson), to)], ("t", s.Spoken(slot, byPerson)), ("d", Slot.Days[to.Day]), ("h", Hour(to)))
        : null;

    private static Draft? MoveHour(CalendarScene s) => s.Any() is { } from && s.FreeSlot() is var to
        ? new([CallMove(from.ToString(), to)], ("e", from.Spoken), ("d", Slot.Days[to.Day]), ("h", Hour(to)))
        : null;

    private static Draft? MoveFree(CalendarScene s) => s.Unique() is { } from && s.FirstFree() is { } to
        ? new([CallFindFree(to.Day), CallMove(s.Reference(from, false), to)], ("t", s.Spoken(from, false)), ("d", Slot.Days[to.Day]))
        : null;

    private static Draft? Cancel(CalendarScene s, Slot? at, bool byPerson) => at is { } slot
        ? new([CallCancel(s.Reference(slot, byPerson))], ("t", s.Spoken(slot, byPerson)))
        : null;

    private static Draft CancelAll(CalendarScene s, int day, string? person)
    {
        IEnumerable<Slot> all = s.Calendar.Events.Where(e => e.Key.Day == day && (person is null || e.Value.People.Contains(person))).Select(e => e.Key);
        return new([ToolCall.Write("list", ("day", Slot.Days[day])), .. all.Select(at => CallCancel(at.ToString()))], ("p", person ?? ""), ("d", Slot.Days[day]));
    }

    private static Draft? Invite(CalendarScene s, Slot? at)
    {
        string person = s.Person();
        if (at is not { } slot || s.Calendar.Events[slot].People.Contains(person)) return null;
        return new([ToolCall.Write("invite", ("event", $"{s.Reference(slot, false)} with {person}"))], ("t", s.Spoken(slot, false)), ("p", person));
    }

    // The expert tries, learns from the answer that there are two, asks, and says which.
    private static Draft? Unclear(Slot meant, Draft? draft)
    {
        if (draft is null || ToolCall.Parse(draft.Calls[0], out _) is not { } call) return null;
        call.Arguments["event"] = meant.ToString();
        return draft with { Calls = [draft.Calls[0], CalendarTask.Ask("Which one?"), call.ToString()], Clarification = "the one on " + meant.Spoken };
    }

    // People stand after "with" as they do in the request: behind a space a name is made of the same tokens there and here, so that a small
    // model can copy it. In a value of its own it would stand behind a quotation mark and be another word.
    private static string CallCreate(CalendarTitle title, string? person, Slot at) =>
        ToolCall.Write("create", ("title", person is null ? title.Word : $"{title.Word} with {person}"), ("at", at.ToString()));

    private static string CallMove(string reference, Slot to) => ToolCall.Write("move", ("event", reference), ("to", to.ToString()));

    private static string CallCancel(string reference) => ToolCall.Write("cancel", ("event", reference));

    private static string CallFindFree(int day) => ToolCall.Write("find_free", ("day", Slot.Days[day]));

    private static string Hour(Slot slot) => slot.Hour.ToString(CultureInfo.InvariantCulture);
}
