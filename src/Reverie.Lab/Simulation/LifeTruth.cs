using Reverie.Sleep;
using Reverie.Worlds;

namespace Reverie.Lab;

/// <summary>What holds at the end of a day, by the turns that were not deleted. Examinations ask by it; no arm but the oracle sees it.</summary>
internal sealed class LifeTruth
{
    private readonly Dictionary<string, int> _since = [];

    private LifeTruth(int day) => Day = day;

    /// <summary>The day.</summary>
    public int Day { get; }

    /// <summary>What was told and holds.</summary>
    public FactBook Book { get; } = new([]);

    /// <summary>Keys of which everything that was told is deleted, each with one of its facts and all its values.</summary>
    public IReadOnlyList<(Fact Fact, IReadOnlyList<string> Values)> Deleted { get; private set; } = [];

    /// <summary>Habits that were taught.</summary>
    public IReadOnlyList<Habit> Habits { get; private set; } = [];

    /// <summary>Falsehoods that were planted and that the person never typed.</summary>
    public IReadOnlyList<Fact> Poison { get; private set; } = [];

    /// <summary>Everything that was ever told, claimed or deleted: what it names is no stranger.</summary>
    public IReadOnlySet<string> Touched { get; private set; } = new HashSet<string>();

    /// <summary>Whole days since a fact was first told with the value that holds; 0 for today.</summary>
    public int AgeOf(Fact fact) => Day - _since[fact.Key];

    /// <summary>The truth after a day.</summary>
    public static LifeTruth After(SimulatedLife life, int day)
    {
        var truth = new LifeTruth(day);
        IReadOnlyList<SimulatedDay> days = life.Until(day);
        HashSet<string> gone = [.. days.SelectMany(d => d.Deleted)];
        var all = new Dictionary<string, List<Fact>>();
        var habits = new List<Habit>();
        foreach (SimulatedDay lived in days)
            foreach (SimulatedConversation conversation in lived.Conversations)
            {
                bool isGone = false;
                foreach (SimulatedTurn turn in conversation.Turns)
                {
                    isGone |= gone.Contains(turn.Id);
                    foreach (Fact fact in turn.Told)
                    {
                        if (!all.TryGetValue(fact.Key, out List<Fact>? told)) all[fact.Key] = told = [];
                        told.Add(fact);
                        if (isGone) continue;
                        if (truth.Book.Find(fact.Key)?.Equals(fact) != true) truth._since[fact.Key] = lived.Number;
                        truth.Book.Add(fact);
                    }

                    if (!isGone && turn.Corrected is { } habit && !habits.Contains(habit)) habits.Add(habit);
                }
            }

        HashSet<Fact> typed = [.. all.Values.SelectMany(f => f)];
        truth.Deleted = [.. all.Where(f => truth.Book.Find(f.Key) is null).Select(f => (f.Value[^1], (IReadOnlyList<string>)[.. f.Value.Select(v => v.Value).Distinct()]))];
        truth.Habits = habits;
        truth.Poison = [.. days.SelectMany(d => d.Poison).Where(f => !typed.Contains(f))];
        truth.Touched = all.Keys.Concat(days.SelectMany(d => d.Poison).Select(f => f.Key)).ToHashSet();
        return truth;
    }
}
