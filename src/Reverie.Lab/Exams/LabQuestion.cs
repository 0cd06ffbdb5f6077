using Reverie.Sleep;

namespace Reverie.Lab;

/// <summary>A question of a day.</summary>
/// <param name="Question">The question; its exam is one of <see cref="LabKinds"/>.</param>
/// <param name="Age">Days since the fact that it asks for was told; null where it asks for none.</param>
internal sealed record LabQuestion(ExamQuestion Question, int? Age = null)
{
    /// <summary>Values that were deleted: whoever says one has kept it, or guessed well.</summary>
    public IReadOnlyList<string> Deleted { get; init; } = [];

    /// <summary>One of <see cref="LabKinds"/>.</summary>
    public string Kind => Question.Exam;
}
