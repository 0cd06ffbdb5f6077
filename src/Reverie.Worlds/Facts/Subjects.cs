using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>Draws subjects and values for facts, of names that the encyclopedia does not know.</summary>
public static class Subjects
{
    /// <summary>A subject as the one who is talking calls it.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="split">Names of this split.</param>
    /// <param name="random">The draws.</param>
    public static string Draw(SubjectKind kind, Split split, RandomStream random) => kind switch
    {
        SubjectKind.Self => "I",
        SubjectKind.Person => random.Next(4) == 0 ? "my " + random.Pick(Relations.Relatives) : Names.Visitor(split is Split.OutOfDistribution ? Split.HeldOut : split, random),
        SubjectKind.Belonging => "my " + random.Pick(Relations.Possessions),
        SubjectKind.Town => Composition.Capital(Names.Unknown(split, random)),
        _ => "the " + Names.Unknown(split, random),
    };

    /// <summary>A value of a relation: one of those that examples draw from, or a name of the split.</summary>
    public static string Value(Relation relation, Split split, RandomStream random) =>
        relation.HasNames && (relation.Values.Count == 0 || relation.Name is "self/town" or "person/town" or "town/mayor") && (relation.Values.Count == 0 || random.Next(2) == 0)
            ? relation.Name.EndsWith("/town", StringComparison.Ordinal) ? Composition.Capital(Names.Unknown(split, random)) : Names.Visitor(split is Split.OutOfDistribution ? Split.HeldOut : split, random)
            : random.Pick(relation.Values);
}
