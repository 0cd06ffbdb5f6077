using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Sleep;

/// <summary>Questions about the value of a value: "What colour is the pet of Tomas?"</summary>
internal static class TwoSteps
{
    // By the first relation: how the value of a subject is called in a question, and of what kind it is as a subject.
    private static readonly Dictionary<string, (SubjectKind Kind, string[] Study, string[] Exam)> Links = new()
    {
        ["person/pet"] = (SubjectKind.Creature, ["the pet of {e}", "the animal of {e}"], ["the pet that {e} has"]),
        ["person/town"] = (SubjectKind.Town, ["the town of {e}", "the town where {e} lives"], ["the home town of {e}"]),
        ["self/town"] = (SubjectKind.Town, ["my town", "the town where I live"], ["my home town"]),
        ["town/mayor"] = (SubjectKind.Person, ["the mayor of {e}", "the one who is mayor of {e}"], ["the person who is mayor in {e}"]),
    };

    /// <summary>The subject that the value of a fact is; none where a value is no subject.</summary>
    public static IEnumerable<string> Subjects(Fact fact)
    {
        if (Links.TryGetValue(fact.Relation.Name, out (SubjectKind Kind, string[] Study, string[] Exam) link)) yield return link.Kind is SubjectKind.Creature ? "the " + fact.Value : fact.Value;
    }

    /// <summary>A question for the value of the second fact that names its subject by the first; null where they are not linked.</summary>
    public static string? Ask(Fact first, Fact second, Split split, RandomStream? random)
    {
        if (!Links.TryGetValue(first.Relation.Name, out (SubjectKind Kind, string[] Study, string[] Exam) link) || second.Relation.Kind != link.Kind) return null;
        string[] names = split == Split.Train ? link.Study : link.Exam;
        string called = Relation.Fill(random is null ? names[0] : random.Pick(names), first.Subject, "");
        return second.Relation.Ask(char.ToLowerInvariant(called[0]) + called[1..], random is null ? Split.Train : split, random ?? new RandomStream(0, "any"));
    }
}
