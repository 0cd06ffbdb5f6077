namespace Reverie.Evaluation;

/// <summary>An answer and how sure the model was of it.</summary>
/// <param name="Confidence">Between 0 and 1.</param>
/// <param name="IsCorrect">Whether it was right.</param>
/// <param name="IsAbstention">Whether it says that the model does not know.</param>
public readonly record struct ConfidentAnswer(double Confidence, bool IsCorrect, bool IsAbstention = false);
