namespace Reverie.Evaluation;

/// <summary>
/// A question that is asked by likelihood: options, each a context and a continuation. Multiple choice has one context and many
/// continuations, a schema (Winograd) many contexts and one continuation, language modelling one of each.
/// </summary>
public sealed record QueryItem
{
    /// <summary>One context, or one for each option.</summary>
    public required IReadOnlyList<string> Contexts { get; init; }

    /// <summary>One continuation, or one for each option.</summary>
    public required IReadOnlyList<string> Continuations { get; init; }

    /// <summary>The right option.</summary>
    public int Gold { get; init; }

    /// <summary>What stands before everything, examples included.</summary>
    public string Description { get; init; } = "";

    /// <summary>The document as JSON.</summary>
    public string Document { get; init; } = "{}";

    /// <summary>Number of options.</summary>
    public int Options => Math.Max(Contexts.Count, Continuations.Count);

    /// <summary>The context of an option.</summary>
    public string Context(int option) => Contexts.Count == 1 ? Contexts[0] : Contexts[option];

    /// <summary>The continuation of an option.</summary>
    public string Continuation(int option) => Continuations.Count == 1 ? Continuations[0] : Continuations[option];
}
