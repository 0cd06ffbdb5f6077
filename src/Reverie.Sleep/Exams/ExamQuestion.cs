using Reverie.Models;

namespace Reverie.Sleep;

/// <summary>A question of a night's exams.</summary>
/// <param name="Exam">The exam.</param>
/// <param name="Prompt">The conversation; ends with a person's turn.</param>
/// <param name="Gold">A right answer.</param>
/// <param name="Score">Scores a reply between 0 and 1.</param>
internal sealed record ExamQuestion(string Exam, IReadOnlyList<Message> Prompt, string Gold, Func<string, double> Score)
{
    /// <summary>A question of one turn that is right or wrong.</summary>
    public static ExamQuestion Of(string exam, string question, string gold, Func<string, bool> isRight) => new(exam, [new Message(Role.User, question)], gold, reply => isRight(reply) ? 1 : 0);
}
