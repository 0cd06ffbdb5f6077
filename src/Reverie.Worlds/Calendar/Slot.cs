using System.Globalization;

namespace Reverie.Worlds;

/// <summary>An hour of the working week.</summary>
/// <param name="Day">0 is Monday, 4 Friday.</param>
/// <param name="Hour">From 9 to 17.</param>
internal readonly record struct Slot(int Day, int Hour) : IComparable<Slot>
{
    public const int FirstHour = 9, LastHour = 17;

    public static readonly string[] Days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];

    /// <summary>Every hour there is, in order.</summary>
    public static IEnumerable<Slot> Week => from day in Enumerable.Range(0, Days.Length) from slot in Of(day) select slot;

    /// <summary>The hours of a day.</summary>
    public static IEnumerable<Slot> Of(int day) => Enumerable.Range(FirstHour, LastHour - FirstHour + 1).Select(hour => new Slot(day, hour));

    /// <summary>The number of a day that is written in full or by three letters at least.</summary>
    public static int? DayOf(string? text)
    {
        string word = text?.Trim() ?? "";
        int day = word.Length < 3 ? -1 : Array.FindIndex(Days, d => d.StartsWith(word, StringComparison.OrdinalIgnoreCase));
        return day < 0 ? null : day;
    }

    /// <summary>Reads "Tuesday 12", also "tue at 12:00".</summary>
    public static Slot? Parse(string? text)
    {
        string[] words = (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is < 2 or > 3 || (words.Length == 3 && words[1] != "at") || DayOf(words[0]) is not { } day) return null;
        string hours = words[^1].EndsWith(":00", StringComparison.Ordinal) ? words[^1][..^3] : words[^1];
        return int.TryParse(hours, NumberStyles.None, CultureInfo.InvariantCulture, out int hour) && hour is >= FirstHour and <= LastHour ? new Slot(day, hour) : null;
    }

    public int CompareTo(Slot other) => ((Day * 24) + Hour).CompareTo((other.Day * 24) + other.Hour);

    /// <summary>As calls and results write it: "Tuesday 12".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Days[Day]} {Hour}");

    /// <summary>As people say it: "Tuesday at 12".</summary>
    public string Spoken => string.Create(CultureInfo.InvariantCulture, $"{Days[Day]} at {Hour}");
}
