namespace Reverie.Sleep;

/// <summary>How one candidate did in the exams: what it said to each question, and its score.</summary>
/// <param name="Replies">Replies by question.</param>
/// <param name="Scores">Scores by question, between 0 and 1.</param>
internal sealed record ExamScores(IReadOnlyList<string> Replies, IReadOnlyList<double> Scores)
{
    /// <summary>Scores of the questions of an exam.</summary>
    public double[] Of(IReadOnlyList<ExamQuestion> questions, string exam) => [.. Scores.Where((_, i) => questions[i].Exam == exam)];
}

/// <summary>What is measured on text and not on answers.</summary>
/// <param name="BitsPerByte">On held-out text of the base's curriculum.</param>
/// <param name="Divergence">KL from the base on the same text, nats per token.</param>
/// <param name="DistinctBigrams">Share of different word pairs in sampled replies, all cut to one length.</param>
/// <param name="Entropy">Bits per word of the sampled replies.</param>
/// <param name="ReplyLength">Mean words of greedy replies to everyday talk.</param>
/// <param name="SameReplies">Share of those replies that are word for word the base's.</param>
public sealed record TextFigures(double BitsPerByte, double Divergence, double DistinctBigrams, double Entropy, double ReplyLength, double SameReplies)
{
    /// <summary>How much less likely the base's own replies to everyday talk have become, by category, in standard deviations of the base's seeds; empty where it was not measured.</summary>
    public IReadOnlyDictionary<string, double> Persona { get; init; } = new Dictionary<string, double>();
}
