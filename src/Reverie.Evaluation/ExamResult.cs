namespace Reverie.Evaluation;

/// <summary>The outcome of an exam.</summary>
/// <param name="Name">The exam.</param>
/// <param name="Questions">How many questions.</param>
/// <param name="Score">Mean score between 0 and 1.</param>
/// <param name="StandardError">Standard error of the mean.</param>
/// <param name="Transcripts">Some of the answers, wrong ones first.</param>
public sealed record ExamResult(string Name, int Questions, double Score, double StandardError, IReadOnlyList<ExamTranscript> Transcripts);

/// <summary>One answered question of an exam.</summary>
/// <param name="Prompt">The conversation before the answer, a line a turn.</param>
/// <param name="Reply">What the model said.</param>
/// <param name="Gold">What an expert says.</param>
/// <param name="Score">Between 0 and 1.</param>
public sealed record ExamTranscript(string Prompt, string Reply, string Gold, double Score);
