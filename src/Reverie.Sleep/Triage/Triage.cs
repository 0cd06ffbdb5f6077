using System.Text.RegularExpressions;
using Reverie.Worlds;

namespace Reverie.Sleep;

/// <summary>
/// Decides what of a journal may reach the weights. A fact may where a person typed every character of the sentence that states it; orders and
/// whatever others wrote are quarantined, what holds only for a while stays with retrieval, and of what contradicts itself the newest counts.
/// </summary>
public sealed partial class Triage
{
    /// <summary>Facts of one message that may reach the weights: whoever pours in more at once is not telling of himself.</summary>
    public const int MessageQuota = 20;

    private readonly Dictionary<(string Key, string Value), FactRecord> _records = [];
    private readonly List<(string Key, string Value)> _order = [];

    private Triage() { }

    /// <summary>Everything that was told or claimed, in the order in which it came, and what may become of it.</summary>
    public IReadOnlyList<FactRecord> Records => [.. _order.Select(k => _records[k])];

    /// <summary>What may be learned.</summary>
    public FactBook Book { get; private set; } = new([]);

    /// <summary>Facts that stand in the journal, whoever claimed them, and that may not reach the weights.</summary>
    public IReadOnlyList<Fact> KeptOut { get; private set; } = [];

    /// <summary>Facts that were told and that newer ones replace.</summary>
    public IReadOnlyList<Fact> Former { get; private set; } = [];

    /// <summary>Answers that were approved of or put right and that may be learned.</summary>
    public IReadOnlyList<Lesson> Lessons { get; private set; } = [];

    /// <summary>Sentences that were refused, by reason, with how many there were.</summary>
    public IReadOnlyDictionary<string, int> Refused => _refused;

    private readonly SortedDictionary<string, int> _refused = new(StringComparer.Ordinal);

    /// <summary>Reads what may be learned from a journal.</summary>
    public static Triage Of(JournalReading reading)
    {
        var triage = new Triage();
        var perMessage = new Dictionary<string, int>();
        IEnumerable<(DateTimeOffset When, Action Take)> all = reading.Statements.Select(s => (s.Said, (Action)(() => triage.Take(s, perMessage))))
            .Concat(reading.Lessons.Select(l => (l.Given, (Action)(() => triage.Take(l)))));
        foreach ((_, Action take) in all.OrderBy(a => a.When).ToArray()) take();
        // What was replaced stands before what replaces it: the exams ask whether it is gone.
        triage.Book = new FactBook(triage.Records.Where(r => r.State is FactState.Superseded || (r.State is FactState.Retrieval && r.Why.Length == 0)).OrderBy(r => r.Told).ThenBy(r => r.State is FactState.Retrieval).Select(r => r.Fact));
        triage.Former = [.. triage.Records.Where(r => r.State is FactState.Superseded).Select(r => r.Fact)];
        HashSet<Fact> told = [.. triage.Book.Facts, .. triage.Former];
        triage.KeptOut = [.. triage.Records.Select(r => r.Fact).Concat(reading.Claims.Select(FactReader.ReadAnswer).OfType<Fact>()).Where(f => !told.Contains(f)).Distinct()];
        return triage;
    }

    /// <summary>Whether a sentence gives orders for later replies instead of telling something.</summary>
    public static bool IsOrder(string sentence) => Order().IsMatch(sentence);

    private void Take(Statement statement, Dictionary<string, int> perMessage)
    {
        if (IsOrder(statement.Text))
        {
            Refuse("it gives orders");
            return;
        }

        if (FactReader.Read(statement.Text) is not { } fact) return;
        if (statement.Trust is not Provenance.Typed) Note(fact, statement, FactState.Quarantined, statement.Trust switch
        {
            Provenance.Tool => "a tool returned it",
            Provenance.Model => "the model said it",
            Provenance.System => "whoever runs the assistant wrote it",
            _ => "it was pasted",
        });
        else if (Passing().IsMatch(statement.Text)) Note(fact, statement, FactState.Retrieval, "it holds for a while only");
        else if ((perMessage[statement.Message] = perMessage.GetValueOrDefault(statement.Message) + 1) > MessageQuota) Note(fact, statement, FactState.Retrieval, $"one message told more than {MessageQuota} facts");
        else Tell(fact, statement.Message, statement.Said);
    }

    private void Take(Lesson lesson)
    {
        if (lesson.Trust is not Provenance.Typed) Refuse("an answer was judged of which others wrote a part");
        else if (Override().IsMatch(lesson.Wanted)) Refuse("it gives orders");
        else
        {
            // Put right again: the newest answer counts, and all that it was said in is still there.
            string[] before = [.. Lessons.Where(l => SamePrompt(l, lesson)).SelectMany(l => l.Sources)];
            Lessons = [.. Lessons.Where(l => !SamePrompt(l, lesson)), lesson with { Sources = [.. before.Concat(lesson.Sources).Distinct()] }];

            // A person who puts an answer right tells what is right.
            if (lesson.Said is not null && FactReader.ReadAnswer(lesson.Wanted) is { } fact) Tell(fact, lesson.Message, lesson.Given);
        }
    }

    private static bool SamePrompt(Lesson a, Lesson b) => a.Prompt.Select(m => m.Content).SequenceEqual(b.Prompt.Select(m => m.Content));

    private void Tell(Fact fact, string message, DateTimeOffset when)
    {
        foreach ((string Key, string Value) older in _order.Where(k => k.Key == fact.Key && k.Value != fact.Value.ToLowerInvariant()).ToArray())
            if (_records[older] is { State: FactState.Retrieval } record) _records[older] = record with { State = FactState.Superseded, Why = $"newer: {fact.Sentence}" };
        (string, string) id = (fact.Key, fact.Value.ToLowerInvariant());
        FactRecord? before = _records.GetValueOrDefault(id);
        Put(id, new FactRecord
        {
            Subject = fact.Subject,
            Relation = fact.Relation.Name,
            Value = fact.Value,
            State = FactState.Retrieval,
            Why = "",
            Sources = [.. (before?.State is FactState.Quarantined ? [] : before?.Sources ?? []).Append(message).Distinct()],
            // What was told again after something else held is as new as what it replaces.
            Told = before is { State: FactState.Retrieval, Why: "" } ? before.Told : when,
        });
    }

    private void Note(Fact fact, Statement statement, FactState state, string why)
    {
        if (state is FactState.Quarantined) Refuse(why);
        (string, string) id = (fact.Key, fact.Value.ToLowerInvariant());
        if (_records.ContainsKey(id)) return;
        Put(id, new FactRecord { Subject = fact.Subject, Relation = fact.Relation.Name, Value = fact.Value, State = state, Why = why, Sources = [statement.Message], Told = statement.Said });
    }

    private void Put((string, string) id, FactRecord record)
    {
        if (!_records.ContainsKey(id)) _order.Add(id);
        _records[id] = record;
    }

    private void Refuse(string why) => _refused[why] = _refused.GetValueOrDefault(why) + 1;

    // What wants to stand above everything else that is said.
    private const string Overriding = @"\b(?:ignore|disregard|forget|override|obey)\b|\b(?:from now on|in future|in the future|system prompt|new instructions?|your instructions?)\b|\byou (?:must|should|shall|have to|are now|will now|need to)\b";

    [GeneratedRegex(Overriding, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Override();

    // "Always at your service." is a fine answer; said to the model it would be an order.
    [GeneratedRegex(Overriding + @"|^(?:please )?(?:always|never|say|answer|reply|respond|pretend|act|behave|speak|write|do not|don't|stop|begin|start|add|include|send|delete|call (?!me\b))\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Order();

    [GeneratedRegex(@"\b(?:today|tonight|tomorrow|yesterday|right now|at the moment|for now|currently|this (?:week|morning|evening|afternoon|month)|until)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Passing();
}
