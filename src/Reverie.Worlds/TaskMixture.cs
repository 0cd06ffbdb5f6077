using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>
/// Several task sets in given shares of tasks. There is no chance in the choice: the set furthest behind its share goes next. A set that
/// ends, as one from a file does, begins again.
/// </summary>
public sealed class TaskMixture : ITaskSet
{
    private readonly (ITaskSet Set, double Share)[] _sets;

    /// <summary>Mixes sets.</summary>
    /// <param name="name">The name in reports.</param>
    /// <param name="sets">The sets and their weights; those of weight 0 are left out.</param>
    /// <exception cref="ReverieException">Nothing is left, a weight is no number from 0 up, or a set stands there twice.</exception>
    public TaskMixture(string name, IEnumerable<(ITaskSet Set, double Weight)> sets)
    {
        Name = name;
        (ITaskSet Set, double Weight)[] used = [.. sets.Where(s => s.Weight != 0).OrderBy(s => s.Set.Name, StringComparer.Ordinal)];
        if (used.FirstOrDefault(s => !(s.Weight > 0 && double.IsFinite(s.Weight))) is { Set: not null } wrong) throw new ReverieException($"The weight of {wrong.Set.Name} is {wrong.Weight}; give a number from 0 up.");
        if (used.Length == 0) throw new ReverieException("The mixture of task sets is empty: give at least one a weight above 0.");
        if (used.GroupBy(s => s.Set.Name).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new ReverieException($"The mixture names {twice.Key} twice; name each set once and add up its weights.");
        double sum = used.Sum(s => s.Weight);
        _sets = [.. used.Select(s => (s.Set, s.Weight / sum))];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The sets and their shares, which add up to 1.</summary>
    public IReadOnlyList<(ITaskSet Set, double Share)> Sets => _sets;

    /// <inheritdoc/>
    public IEnumerable<TaskItem> Tasks(Split split, ulong seed) => Draw(split, seed).Select(t => t.Item);

    /// <summary>The tasks with the set that each is of, and its number there.</summary>
    /// <exception cref="ReverieException">A set has no task of the split.</exception>
    public IEnumerable<(ITaskSet Set, int Index, TaskItem Item)> Draw(Split split, ulong seed)
    {
        IEnumerator<TaskItem>[] items = [.. _sets.Select(s => s.Set.Tasks(split, seed).GetEnumerator())];
        int[] drawn = new int[_sets.Length];
        for (int total = 1; ; total++)
        {
            int next = 0;
            for (int i = 1; i < _sets.Length; i++)
                if ((_sets[i].Share * total) - drawn[i] > (_sets[next].Share * total) - drawn[next]) next = i;
            if (!items[next].MoveNext())
            {
                items[next] = _sets[next].Set.Tasks(split, seed).GetEnumerator();
                if (!items[next].MoveNext()) throw new ReverieException($"The task set {_sets[next].Set.Name} has no tasks of the split {split}.");
            }

            yield return (_sets[next].Set, drawn[next]++, items[next].Current);
        }
    }
}
