using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>A title as it stands in a sentence: "a meeting", "the meeting"; "lunch" takes no article.</summary>
internal readonly record struct CalendarTitle(string Word, bool HasArticle)
{
    public string Indefinite => HasArticle ? Composition.WithArticle(Word) : Word;

    public string Definite => HasArticle ? "the " + Word : Word;
}

/// <summary>A calendar about which something is to be asked, and the draws for it. A draw that the calendar does not allow gives null.</summary>
internal sealed class CalendarScene(Calendar calendar, bool isStrange, RandomStream random)
{
    private static readonly CalendarTitle[] Titles =
    [
        .. Bare("lunch", "dinner", "coffee", "tennis", "chess", "football", "yoga", "piano"),
        .. WithArticle("meeting", "call", "party", "lesson", "walk", "visit", "game", "talk"),
    ];

    private static readonly CalendarTitle[] StrangeTitles =
        [.. Bare("breakfast", "golf", "karate", "choir", "homework"), .. WithArticle("picnic", "interview", "review", "trip", "show")];

    private static readonly string[] People = [.. Names.She[..10], .. Names.He[..10]], StrangePeople = [.. Names.She[20..], .. Names.He[20..]];

    /// <summary>The calendar.</summary>
    public Calendar Calendar => calendar;

    /// <summary>A calendar of a few events on a few days, most of them early, sometimes two of one title.</summary>
    /// <param name="isStrange">Whether titles and people are those that training never shows.</param>
    /// <param name="hasTwins">Whether two events of one title are likely.</param>
    /// <param name="random">Drawn from.</param>
    public static Calendar Draw(bool isStrange, bool hasTwins, RandomStream random)
    {
        int[] days = [0, 1, 2, 3, 4];
        random.Shuffle<int>(days);
        Calendar calendar = Calendar.Empty;
        for (int events = random.Next(3, 7); events > 0; events--)
        {
            var scene = new CalendarScene(calendar, isStrange, random);
            int day = days[random.Next(3)];
            Slot? slot = random.Next(2) == 0 ? calendar.FirstFree(day) : scene.FreeSlot(day);
            string title = random.Next(hasTwins ? 2 : 6) == 0 && scene.Unique() is { } one ? calendar.Events[one].Title : scene.NewTitle().Word;
            if (slot is { } free) calendar = calendar.With(free, CalendarEvent.Of(title, random.Next(3) == 0 ? [] : [scene.Person()]));
        }

        return calendar;
    }

    /// <summary>Somebody.</summary>
    public string Person() => random.Pick(isStrange ? StrangePeople : People);

    /// <summary>A title that the calendar does not have.</summary>
    public CalendarTitle NewTitle()
    {
        while (true)
        {
            CalendarTitle title = random.Pick(isStrange ? StrangeTitles : Titles);
            if (calendar.Events.Values.All(e => e.Title != title.Word)) return title;
        }
    }

    /// <summary>How calls name an event: by its title, with who comes where that is needed.</summary>
    public string Reference(Slot slot, bool byPerson) => byPerson ? calendar.Events[slot].ToString() : calendar.Events[slot].Title;

    /// <summary>How people name an event: "the meeting with Ada".</summary>
    public string Spoken(Slot slot, bool byPerson)
    {
        CalendarTitle title = Titles.Concat(StrangeTitles).First(t => t.Word == calendar.Events[slot].Title);
        return title.Definite + Reference(slot, byPerson)[title.Word.Length..];
    }

    /// <summary>Whether a chance comes true.</summary>
    public bool IsLikely(double chance) => random.NextDouble() < chance;

    /// <summary>A day.</summary>
    public int Day() => random.Next(Slot.Days.Length);

    /// <summary>A free hour, of the day or of the week.</summary>
    public Slot FreeSlot(int? day = null)
    {
        while (true)
        {
            var slot = new Slot(day ?? Day(), random.Next(Slot.FirstHour, Slot.LastHour + 1));
            if (!calendar.Events.ContainsKey(slot)) return slot;
        }
    }

    /// <summary>The first free hour of a day. Mostly the morning is taken, so that it cannot be guessed.</summary>
    public Slot? FirstFree()
    {
        Slot? slot = calendar.FirstFree(Day());
        return slot is { Hour: Slot.FirstHour } && random.Next(8) != 0 ? null : slot;
    }

    /// <summary>An event whose title is the only one of its kind.</summary>
    public Slot? Unique() => OneOf(e => calendar.Events.Values.Count(o => o.Title == e.Title) == 1);

    /// <summary>An event that shares its title with another.</summary>
    public Slot? Ambiguous() => OneOf(e => calendar.Events.Values.Count(o => o.Title == e.Title) > 1);

    /// <summary>An event that shares its title with another, but not who comes.</summary>
    public Slot? KnownByPerson() => OneOf(e => e.People.Count == 1 && calendar.Events.Values.Count(o => o.Title == e.Title) > 1
        && calendar.Events.Values.Count(o => o.Title == e.Title && o.People.Contains(e.People[0])) == 1);

    /// <summary>Any event.</summary>
    public Slot? Any() => OneOf(_ => true);

    /// <summary>An event somebody comes to.</summary>
    public Slot? WithPeople() => OneOf(e => !e.People.IsEmpty);

    private Slot? OneOf(Func<CalendarEvent, bool> condition)
    {
        Slot[] slots = [.. calendar.Events.Where(e => condition(e.Value)).Select(e => e.Key)];
        return slots.Length == 0 ? null : random.Pick(slots);
    }

    private static IEnumerable<CalendarTitle> Bare(params string[] words) => words.Select(w => new CalendarTitle(w, false));

    private static IEnumerable<CalendarTitle> WithArticle(params string[] words) => words.Select(w => new CalendarTitle(w, true));
}
