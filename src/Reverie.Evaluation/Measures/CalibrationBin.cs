namespace Reverie.Evaluation;

/// <summary>One bar of a reliability diagram.</summary>
/// <param name="Low">Confidences above this (the first bin takes 0 too).</param>
/// <param name="High">And up to this.</param>
/// <param name="Count">Answers in it.</param>
/// <param name="Confidence">Their mean confidence; 0 where there are none.</param>
/// <param name="Accuracy">The share that is right; 0 where there are none.</param>
public sealed record CalibrationBin(double Low, double High, int Count, double Confidence, double Accuracy);
