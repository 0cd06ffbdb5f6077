namespace Reverie.Worlds;

/// <summary>
/// How errands are worded. Slots: {a} a new event, {t} one that is there, {p} a person, {d} a day, {h} an hour, {e} an event's time. All
/// words of the held-out wordings stand in training's as well; their order and combination do not.
/// </summary>
internal static class CalendarWordings
{
    public static readonly Wordings Book = new(
        ["book {a} with {p} on {d} at {h}", "add {a} with {p} on {d} at {h}", "put {a} with {p} in my calendar on {d} at {h}", "book {a} on {d} at {h} with {p}",
            "on {d} at {h} book {a} with {p}", "add {a} with {p} at {h} on {d}", "schedule {a} with {p} on {d} at {h}", "schedule {a} on {d} at {h} with {p}",
            "set {a} with {p} at {h} on {d}", "on {d} at {h} schedule {a} with {p}", "put {a} on {d} at {h} with {p}", "write {a} in my calendar on {d} at {h} with {p}"],
        ["add {a} on {d} at {h} with {p}", "on {d} at {h} add {a} with {p}", "book {a} with {p} at {h} on {d}", "put {a} in my calendar on {d} at {h} with {p}"]);

    public static readonly Wordings BookAlone = new(
        ["book {a} on {d} at {h}", "add {a} on {d} at {h}", "put {a} in my calendar on {d} at {h}", "on {d} at {h} book {a}", "add {a} at {h} on {d}", "schedule {a} on {d} at {h}",
            "set {a} at {h} on {d}", "on {d} at {h} schedule {a}", "write {a} on {d} at {h} in my calendar", "put {a} on {d} at {h}"],
        ["on {d} at {h} add {a}", "book {a} at {h} on {d}", "put {a} on {d} at {h} in my calendar"]);

    public static readonly Wordings BookFree = new(
        ["book {a} with {p} in the first free hour on {d}", "find a free hour on {d} and book {a} with {p}", "on {d} book {a} with {p} in the first free hour", "find a free hour for {a} with {p} on {d}",
            "schedule {a} with {p} in the first free hour on {d}", "put {a} with {p} in the first free hour on {d}", "look for a free hour on {d} for {a} with {p}", "on {d} look for a free hour for {a} with {p}"],
        ["find a free hour on {d} for {a} with {p}", "add {a} with {p} in the first free hour on {d}", "on {d} find a free hour for {a} with {p}"]);

    public static readonly Wordings BookOr = new(
        ["book {a} on {d} at {h} or in the first free hour", "add {a} on {d} at {h}, or in the first free hour if that is busy", "on {d} at {h} or in the first free hour book {a}",
            "schedule {a} on {d} at {h} or in the first free hour", "put {a} on {d} at {h} or in the first free hour", "schedule {a} on {d} at {h}, or if that is busy in the first free hour"],
        ["add {a} on {d} at {h} or in the first free hour", "book {a} on {d} at {h}, or if that is busy in the first free hour"]);

    public static readonly Wordings BookSometime = new(
        ["book {a} with {p} on {d}", "add {a} with {p} on {d}", "put {a} with {p} in my calendar on {d}", "on {d} book {a} with {p}",
            "schedule {a} with {p} on {d}", "on {d} schedule {a} with {p}", "put {a} on {d} with {p}", "schedule {a} on {d} with {p}"],
        ["on {d} add {a} with {p}", "book {a} on {d} with {p}"]);

    public static readonly Wordings Move = new(
        ["move {t} to {d} at {h}", "change {t} to {d} at {h}", "move {t} to {h} on {d}", "bring {t} to {d} at {h}",
            "shift {t} to {d} at {h}", "shift {t} to {h} on {d}", "put {t} to {h} on {d}", "let {t} be on {d} at {h}"],
        ["change {t} to {h} on {d}", "bring {t} to {h} on {d}"]);

    public static readonly Wordings MoveHour = new(
        ["move what is on {e} to {d} at {h}", "move what I have on {e} to {d} at {h}", "change what is on {e} to {d} at {h}", "shift what is on {e} to {d} at {h}",
            "shift what I have on {e} to {d} at {h}", "bring what I have on {e} to {d} at {h}"],
        ["change what I have on {e} to {d} at {h}", "bring what is on {e} to {d} at {h}"]);

    public static readonly Wordings MoveFree = new(
        ["move {t} to the first free hour on {d}", "find a free hour on {d} and move {t}", "change {t} to the first free hour on {d}", "on {d} find a free hour and move {t}",
            "shift {t} to the first free hour on {d}", "find a free hour on {d} and shift {t}", "on {d} shift {t} to the first free hour", "put {t} to the first free hour on {d}"],
        ["bring {t} to the first free hour on {d}", "find a free hour on {d} and change {t}", "on {d} move {t} to the first free hour"]);

    public static readonly Wordings Cancel = new(
        ["cancel {t}", "delete {t}", "remove {t} from my calendar", "take {t} out of my calendar", "drop {t}",
            "erase {t}", "erase {t} from my calendar", "cancel {t} in my calendar", "strike {t} out", "strike {t} from my calendar"],
        ["remove {t}", "delete {t} from my calendar", "take {t} out"]);

    public static readonly Wordings CancelHour = new(
        ["cancel what is on {e}", "delete what I have on {e}", "remove what is on {e}", "erase what is on {e}", "erase what I have on {e}", "drop what is on {e}"], ["drop what I have on {e}", "cancel what I have on {e}"]);

    public static readonly Wordings CancelWith = new(
        ["cancel everything with {p} on {d}", "on {d} delete everything with {p}", "remove everything with {p} on {d}", "erase everything with {p} on {d}",
            "on {d} erase everything with {p}", "drop everything on {d} with {p}", "on {d} drop everything with {p}"],
        ["delete everything with {p} on {d}", "on {d} cancel everything with {p}", "cancel everything on {d} with {p}"]);

    public static readonly Wordings CancelDay = new(
        ["cancel everything on {d}", "on {d} delete everything", "remove everything on {d}", "erase everything on {d}", "on {d} erase everything", "drop everything on {d}"], ["delete everything on {d}", "on {d} cancel everything"]);

    public static readonly Wordings Invite = new(
        ["invite {p} to {t}", "let {p} come to {t}", "ask {p} to come to {t}", "add {p} to {t}", "to {t} invite {p}",
            "ask {p} to {t}", "bring {p} to {t}", "to {t} ask {p}", "let {p} be asked to {t}", "let {p} be added to {t}", "to {t} bring {p}"],
        ["invite {p} to come to {t}", "to {t} add {p}", "let {p} be invited to {t}"]);

    /// <summary>Sentences around an errand.</summary>
    public static readonly Wordings Frames = new(
        ["{x}.", "{x}.", "{x}.", "Please {x}.", "Can you {x}?", "{x}, please.", "I want you to {x}.", "Can you {x}, please?", "Would you {x}?", "Would you please {x}?", "Hello, please {x}.", "I would like you to {x}."], ["{x}.", "{x}.", "Could you {x}?", "Can you please {x}?"]);

    /// <summary>Sentences around an errand that begins with its time: "on Tuesday book lunch".</summary>
    public static readonly Wordings TimeFirst = new(["{x}.", "{x}.", "{x}, please.", "Please, {x}."], ["{x}.", "Hello, {x}."]);

    /// <summary>Two errands at once.</summary>
    public static readonly Wordings Pairs = new(["{x} and {y}", "{x}, then {y}", "{x} and then {y}", "{x}, and {y}", "{x}, also {y}", "{x}, and after that {y}"], ["{x}, and then {y}", "{x} and also {y}"]);

    /// <summary>Three errands at once, which training never shows.</summary>
    public static readonly string[] Triples = ["{x}, {y} and {z}", "{x}, then {y} and then {z}"];
}
