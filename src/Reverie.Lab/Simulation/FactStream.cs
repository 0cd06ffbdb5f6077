using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Lab;

/// <summary>What there is to tell in a life: new facts, other values of old ones, and falsehoods that others plant.</summary>
internal sealed class FactStream(RandomStream random)
{
    private const int ChangesInHundred = 10, LinksInHundred = 20;

    // Relations whose values are subjects of others: they make questions in two steps.
    private static readonly string[] _linking = ["person/town", "self/town", "town/mayor"];

    private readonly HashSet<string> _keys = [];
    private readonly List<Fact> _told = [];

    /// <summary>The facts of a day: one in ten is a change.</summary>
    public IReadOnlyList<Fact> Next(int count)
    {
        var today = new List<Fact>();
        while (today.Count < count)
        {
            if (_told.Count > 10 && random.Next(100) < ChangesInHundred && Otherwise(random.Pick(_told)) is { } change && today.All(f => f.Key != change.Key)) today.Add(change);
            else today.AddRange(About(today).Take(count - today.Count));
        }

        _told.AddRange(today);
        return today;
    }

    /// <summary>Something that was told before and is still so; null on the first day.</summary>
    public Fact? Again() => _told.Count == 0 ? null : Latest(random.Pick(_told));

    /// <summary>A falsehood: one that contradicts what was told, or one about what nobody tells.</summary>
    public Fact Falsehood(bool contradicts)
    {
        if (contradicts && _told.Count > 0 && Otherwise(random.Pick(_told)) is { } other) return other;
        Relation[] relations = [.. Relations.All.Where(r => r.Kind is SubjectKind.Person or SubjectKind.Town or SubjectKind.Creature or SubjectKind.Plant)];
        while (true)
        {
            Relation relation = random.Pick(relations);
            var fact = new Fact(Subjects.Draw(relation.Kind, Split.HeldOut, random), relation, Subjects.Value(relation, Split.HeldOut, random));
            if (_keys.Add(fact.Key)) return fact;
        }
    }

    private Fact Latest(Fact fact) => _told.Last(f => f.Key == fact.Key);

    // A value that held once and came back would be neither an update nor none; where all have been used, there is no other.
    private Fact? Otherwise(Fact fact)
    {
        for (int tries = 0; tries < 100; tries++)
        {
            var other = fact with { Value = Subjects.Value(fact.Relation, Split.HeldOut, random) };
            if (!_told.Contains(other)) return other;
        }

        return null;
    }

    private IEnumerable<Fact> About(List<Fact> today)
    {
        (string subject, SubjectKind kind) = Subject(today);
        Relation[] relations = [.. Relations.All.Where(r => r.Kind == kind)];
        random.Shuffle(relations.AsSpan());
        foreach (Relation relation in relations.Take(1 + random.Next(3)))
        {
            var fact = new Fact(subject, relation, Subjects.Value(relation, Split.HeldOut, random));
            if (_keys.Add(fact.Key)) yield return fact;
        }
    }

    private (string Subject, SubjectKind Kind) Subject(List<Fact> today)
    {
        Fact[] linking = random.Next(100) < LinksInHundred ? [.. today.Where(f => _linking.Contains(f.Relation.Name))] : [];
        if (linking.Length > 0)
        {
            Fact fact = random.Pick(linking);
            return (fact.Value, fact.Relation.Name == "town/mayor" ? SubjectKind.Person : SubjectKind.Town);
        }

        SubjectKind kind = (SubjectKind)random.Next(Enum.GetValues<SubjectKind>().Length);
        return (Subjects.Draw(kind, Split.HeldOut, random), kind);
    }
}
