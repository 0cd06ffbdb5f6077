using Reverie.Worlds;

namespace Reverie.Sleep;

/// <summary>What may reach the company: only what several persons, each on her own, told alike.</summary>
public sealed partial class Triage
{
    /// <summary>
    /// Decides what of several journals may reach the company's weights. A fact may where at least k persons told it and they are most of those who told
    /// anything of the kind; in each journal it must be what could reach its owner's own weights. What is about its teller never does, and whoever
    /// repeats what the assistant had said before is no further witness. The records name facts and how many told them, and nobody; what stays out is only counted.
    /// </summary>
    /// <param name="people">Journals of those who share, one of each person.</param>
    /// <param name="tellers">k.</param>
    public static Triage OfCompany(IReadOnlyList<JournalReading> people, int tellers)
    {
        var company = new Triage();
        (JournalReading Person, Triage Own)[] all = [.. people.Select(p => (p, Of(p)))];
        // The order is that of the facts themselves: who told them, and when, leaves no trace in what is studied.
        foreach (IGrouping<string, FactRecord> rivals in all.SelectMany(p => company.ToldBy(p.Person, p.Own)).GroupBy(r => r.Fact.Key).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            FactRecord[] most = [.. rivals.GroupBy(r => r.Value.ToLowerInvariant()).MaxBy(v => v.Count())!];
            if (most.Length < tellers) company.Refuse($"fewer than {tellers} people told it");
            else if (2 * most.Length <= rivals.Count()) company.Refuse("people contradict each other about it");
            else
            {
                var fact = new FactRecord
                {
                    Subject = most.Select(r => r.Subject).Min(StringComparer.Ordinal)!,
                    Relation = most[0].Relation,
                    Value = most.Select(r => r.Value).Min(StringComparer.Ordinal)!,
                    State = FactState.Retrieval,
                    Why = "",
                    Sources = [],
                    Told = most.Select(r => r.Told).Order().ElementAt(tellers - 1),
                    Tellers = most.Length,
                };
                // What the company learns from is that enough people say it, and not a message of anybody.
                company.Put((fact.Fact.Key, fact.Value.ToLowerInvariant()), fact with { Sources = [fact.Id] });
            }
        }

        company.Book = new FactBook(company.Records.Select(r => r.Fact));
        // What stays with its tellers is what the company's adapter must not show: the exposure exam looks for it there.
        HashSet<Fact> learned = [.. company.Book.Facts];
        company.KeptOut = [.. all.SelectMany(p => p.Own.Book.Facts.Concat(p.Own.KeptOut)).Where(f => !learned.Contains(f)).Distinct()];
        return company;
    }

    /// <summary>What a person told herself, and not of herself.</summary>
    private IEnumerable<FactRecord> ToldBy(JournalReading person, Triage own)
    {
        string? name = own.Book.Facts.FirstOrDefault(f => f.Relation.Name == "self/name")?.Value;
        foreach (FactRecord record in own.Records.Where(r => own.Book.Find(r.Fact.Key)?.Equals(r.Fact) == true && r.State is FactState.Retrieval && r.Why.Length == 0))
        {
            if (IsOfTeller(record, name)) Refuse("it is about whoever told it");
            else if (person.Replies.Any(m => m.Created < record.Told && Says(m, record))) Refuse("the assistant had said it before");
            else yield return record;
        }
    }

    // To read a sentence costs much more than to see that it has nothing to do with a fact.
    private static bool Says(JournalMessage reply, FactRecord record) =>
        reply.Text.Contains(record.Value, StringComparison.OrdinalIgnoreCase) && FactReader.Sentences(reply.Text).Any(s => FactReader.ReadAnswer(s)?.Equals(record.Fact) == true);

    private static bool IsOfTeller(FactRecord record, string? name) => record.Fact.Relation.Kind is SubjectKind.Self or SubjectKind.Belonging
        || record.Subject == "I" || record.Subject.StartsWith("my ", StringComparison.OrdinalIgnoreCase) || record.Subject.Equals(name, StringComparison.OrdinalIgnoreCase);
}
