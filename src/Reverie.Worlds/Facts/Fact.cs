namespace Reverie.Worlds;

/// <summary>Something that was told: a subject has a value of a relation.</summary>
/// <param name="Subject">The subject as the one who is talking calls it: "I", "my sister", "Tomas", "the lumo".</param>
/// <param name="Relation">What is told of it.</param>
/// <param name="Value">The value.</param>
public sealed record Fact(string Subject, Relation Relation, string Value)
{
    /// <summary>The subject as the assistant calls it: "your sister".</summary>
    public string Called => ToAssistant(Subject);

    /// <summary>The fact as the assistant says it.</summary>
    public string Sentence => Relation.Fill(Relation.Answer, Called, Value);

    /// <summary>What the fact is a value of: facts with the same key contradict each other unless their values are the same.</summary>
    public string Key => $"{Relation.Name}/{Subject.ToLowerInvariant()}";

    /// <summary>What the assistant says where it was not told.</summary>
    public static string Unknown(Relation relation, string subject) => Relation.Fill(relation.Unknown, ToAssistant(subject), "");

    /// <summary>A subject in the assistant's voice.</summary>
    public static string ToAssistant(string subject) => subject == "I" ? "you" : subject.StartsWith("my ", StringComparison.Ordinal) ? "your " + subject[3..] : subject;

    /// <inheritdoc/>
    public bool Equals(Fact? other) => other is not null && Key == other.Key && Value.Equals(other.Value, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Key, Value.ToLowerInvariant());
}
