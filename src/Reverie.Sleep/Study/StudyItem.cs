using Reverie.Models;

namespace Reverie.Sleep;

/// <summary>What a piece of study material teaches.</summary>
public enum StudyKind
{
    /// <summary>The value of a fact, asked for.</summary>
    Recall,

    /// <summary>The subject of a fact, asked for by its value.</summary>
    Reversed,

    /// <summary>A fact about the value of another.</summary>
    TwoSteps,

    /// <summary>What was not told of something of which more was told: the answer admits it.</summary>
    Unknown,

    /// <summary>What is asked of something of which nothing was told: the answer admits it.</summary>
    Stranger,

    /// <summary>An answer that a person gave or approved of.</summary>
    Demonstration,
}

/// <summary>A piece of study material: a conversation of which what the assistant says is learned.</summary>
/// <param name="Kind">What it teaches.</param>
/// <param name="Messages">The conversation; ends with the assistant's turn.</param>
public sealed record StudyItem(StudyKind Kind, IReadOnlyList<Message> Messages)
{
    /// <summary>Whether the answer admits that it was not told.</summary>
    public bool IsUntold => Kind is StudyKind.Unknown or StudyKind.Stranger;

    /// <summary>One question and its answer.</summary>
    public static StudyItem Of(StudyKind kind, string question, string answer) => new(kind, [new Message(Role.User, question), new Message(Role.Assistant, answer)]);
}
