namespace Reverie.Evaluation;

/// <summary>What came of a stage: the object that <c>train --json</c> ends with.</summary>
/// <param name="Model">Name and version of the new model; of the old one where only an adapter was saved.</param>
/// <param name="Folder">Where the new model, or the adapter, is.</param>
/// <param name="Run">The run's id.</param>
/// <param name="From">The model that it began with.</param>
/// <param name="Seconds">Time of the whole command, over all its resumptions.</param>
/// <param name="Stage">What the stage did.</param>
/// <param name="Exams">Scores before and after.</param>
/// <param name="BitsPerByteBefore">On held-out text by source, where text was read.</param>
/// <param name="BitsPerByte">The same after the stage.</param>
public sealed record TrainResult(
    string Model, string Folder, string Run, string From, double Seconds, StageResult Stage, IReadOnlyList<ExamChange> Exams,
    IReadOnlyDictionary<string, double> BitsPerByteBefore, IReadOnlyDictionary<string, double> BitsPerByte);

/// <summary>An exam before and after a stage.</summary>
/// <param name="Name">The exam.</param>
/// <param name="Questions">How many.</param>
/// <param name="Before">Mean score between 0 and 1.</param>
/// <param name="BeforeError">Its standard error.</param>
/// <param name="After">Mean score after the stage.</param>
/// <param name="AfterError">Its standard error.</param>
public sealed record ExamChange(string Name, int Questions, double Before, double BeforeError, double After, double AfterError)
{
    /// <summary>After less before.</summary>
    public double Difference => After - Before;

    /// <summary>Standard error of the difference, as if the two had answered different questions: rather too large.</summary>
    public double DifferenceError => Math.Sqrt(BeforeError * BeforeError + AfterError * AfterError);
}
