using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>
/// One thing that can be told of a subject, with the ways to say it, to ask for it and to ask back. Every subject has one value of it at
/// a time. In templates {e} is the subject, {v} the value and {av} the value with "a" or "an"; those of <see cref="SubjectKind.Self"/>
/// name no subject. What is said or asked is in the voice of the one who is talking ("my dog"), answers are in the assistant's ("your dog").
/// </summary>
public sealed record Relation
{
    /// <summary>Its name, different from that of every other relation.</summary>
    public required string Name { get; init; }

    /// <summary>What it can be told of.</summary>
    public required SubjectKind Kind { get; init; }

    /// <summary>Values that examples draw from.</summary>
    public required IReadOnlyList<string> Values { get; init; }

    /// <summary>Whether values are names, which are written with a capital.</summary>
    public bool HasNames { get; init; }

    /// <summary>How the assistant says it.</summary>
    public required string Answer { get; init; }

    /// <summary>How people say it; training and study show these.</summary>
    public required IReadOnlyList<string> Statements { get; init; }

    /// <summary>Further ways to say it, kept for examinations.</summary>
    public required IReadOnlyList<string> HeldOutStatements { get; init; }

    /// <summary>Questions for the value; training and study show these.</summary>
    public required IReadOnlyList<string> Questions { get; init; }

    /// <summary>Questions for the value that are kept for examinations.</summary>
    public required IReadOnlyList<string> HeldOutQuestions { get; init; }

    /// <summary>Questions from the value to the subject; study shows these.</summary>
    public required IReadOnlyList<string> Reversed { get; init; }

    /// <summary>Questions from the value to the subject that are kept for examinations.</summary>
    public required IReadOnlyList<string> HeldOutReversed { get; init; }

    /// <summary>What the assistant says of a subject of which it was not told.</summary>
    public required string Unknown { get; init; }

    /// <summary>Fills a template.</summary>
    /// <param name="template">One of the relation's.</param>
    /// <param name="subject">The subject in the voice of the template.</param>
    /// <param name="value">The value; may be empty where the template has none.</param>
    public static string Fill(string template, string subject, string value) =>
        Composition.Fill(template, ("e", subject), ("v", value), ("av", value.Length == 0 ? "" : Composition.WithArticle(value)));

    /// <summary>A question for the value, in a wording of the split.</summary>
    public string Ask(string subject, Split split, RandomStream random) => Fill(Pick(split == Split.Train ? Questions : HeldOutQuestions, random), subject, "");

    /// <summary>A question from the value to the subject, in a wording of the split.</summary>
    public string AskBack(string value, Split split, RandomStream random) => Fill(Pick(split == Split.Train ? Reversed : HeldOutReversed, random), "", value);

    /// <summary>A statement, in a wording of the split.</summary>
    public string State(string subject, string value, Split split, RandomStream random) => Fill(Pick(split == Split.Train ? Statements : HeldOutStatements, random), subject, value);

    private static string Pick(IReadOnlyList<string> wordings, RandomStream random) => wordings[random.Next(wordings.Count)];
}
