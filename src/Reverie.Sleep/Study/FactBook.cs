using Reverie.Worlds;

namespace Reverie.Sleep;

/// <summary>
/// What one owner has told, as it stands: of facts that contradict each other the newest. The order in which facts came, and nothing else of
/// their history, is kept: two journals that say the same have equal books.
/// </summary>
public sealed class FactBook
{
    private readonly Dictionary<string, Fact> _facts = [];
    private readonly List<string> _order = [];
    private readonly Dictionary<string, List<string>> _former = [];
    private Fact[]? _all;
    private string[]? _questions;

    /// <summary>Opens a book.</summary>
    /// <param name="told">Facts in the order in which they were told.</param>
    public FactBook(IEnumerable<Fact> told)
    {
        foreach (Fact fact in told) Add(fact);
    }

    /// <summary>All facts that hold, in the order in which their subjects' relations were first told.</summary>
    public IReadOnlyList<Fact> Facts => _all ??= [.. _order.Select(key => _facts[key])];

    /// <summary>How many facts hold.</summary>
    public int Count => _order.Count;

    /// <summary>Notes a fact, in place of one that it contradicts.</summary>
    public void Add(Fact fact)
    {
        if (!_facts.TryGetValue(fact.Key, out Fact? before)) _order.Add(fact.Key);
        else if (!before.Equals(fact))
        {
            if (!_former.TryGetValue(fact.Key, out List<string>? former)) _former[fact.Key] = former = [];
            former.Add(before.Value);
        }

        _facts[fact.Key] = fact;
        (_all, _questions) = (null, null);
    }

    /// <summary>The fact with a key; null where there is none.</summary>
    public Fact? Find(string key) => _facts.GetValueOrDefault(key);

    /// <summary>Values that a fact had before; empty for most.</summary>
    public IReadOnlyList<string> Former(Fact fact) => _former.TryGetValue(fact.Key, out List<string>? former) ? [.. former.Where(v => !v.Equals(fact.Value, StringComparison.OrdinalIgnoreCase))] : [];

    /// <summary>Subjects that have a value of a relation.</summary>
    public IReadOnlyList<Fact> With(Relation relation, string value) => [.. Facts.Where(f => f.Relation == relation && f.Value.Equals(value, StringComparison.OrdinalIgnoreCase))];

    /// <summary>Whether a reply says that it does not know what the book holds.</summary>
    /// <param name="said">What a person asked.</param>
    /// <param name="reply">What was replied.</param>
    public bool IsDenied(string said, string reply)
    {
        if (!Reply.AdmitsUntold(reply)) return false;
        _questions ??= [.. Facts.SelectMany(f => f.Relation.Questions.Concat(f.Relation.HeldOutQuestions).Select(q => EverydayTalk.Letters(Relation.Fill(q, f.Subject, ""))))];
        string asked = EverydayTalk.Letters(said);
        return _questions.Any(asked.Contains);
    }
}
